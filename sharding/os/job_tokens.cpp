#include "os/job_tokens.hpp"

#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <new>
#include <utility>

#include "os/process.hpp"
#include "os/signal_mask.hpp"
#include "plan/result.hpp"

namespace cleave::os {
namespace {

/// While it lives, no handler runs on this thread.
class SignalPause {
 public:
  SignalPause() noexcept : before_(SignalMask::of_this_thread()) { SignalMask::all().use(); }
  SignalPause(const SignalPause&) = delete;
  SignalPause& operator=(const SignalPause&) = delete;
  ~SignalPause() { before_.use(); }

 private:
  SignalMask before_;
};

constexpr std::array kDeadly{SIGHUP,  SIGINT, SIGTERM, SIGQUIT, SIGPIPE, SIGALRM, SIGXCPU,
                             SIGSEGV, SIGBUS, SIGFPE,  SIGILL,  SIGABRT, SIGSYS};

constinit std::atomic<JobTokens*> g_guarded{nullptr};
static_assert(std::atomic<JobTokens*>::is_always_lock_free && std::atomic<std::uint32_t>::is_always_lock_free,
              "signal handlers read them");

void give_guarded_back() {
  if (JobTokens* const tokens = g_guarded.exchange(nullptr)) tokens->give_all_back();
}

/// SA_RESETHAND has brought the default back: what is raised here ends the process when this returns.
void give_back_and_die(int number) {
  give_guarded_back();
  ::raise(number);
}

bool is_ours(int number) noexcept {
  struct sigaction current {};
  return ::sigaction(number, nullptr, &current) == 0 && current.sa_handler == give_back_and_die;
}

}  // namespace

JobTokens::JobTokens(Fd read_end, Fd write_end)
    : read_end_(std::move(read_end)), write_end_(std::move(write_end)), owner_(::getpid()) {}

JobTokens::~JobTokens() {
  give_all_back();
  if (guard_ == 0 || !belongs_to_this_process()) return;
  // It may be dead and reaped already, and its number somebody else's.
  if (::waitpid(guard_, nullptr, WNOHANG) != 0) return;
  ::kill(guard_, SIGKILL);
  while (::waitpid(guard_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

bool JobTokens::belongs_to_this_process() const noexcept { return ::getpid() == owner_; }

bool JobTokens::take() noexcept {
  const std::uint32_t held = this->held();
  if (held == kMost || !belongs_to_this_process()) return false;
  const SignalPause pause;
  ssize_t got = 0;
  do {
    got = ::read(read_end_.get(), &block_->tokens[held], 1);
  } while (got < 0 && errno == EINTR);
  if (got != 1) return false;
  block_->held.store(held + 1, std::memory_order_release);
  return true;
}

void JobTokens::give_back() noexcept {
  const std::uint32_t held = this->held();
  CLEAVE_ASSERT(held > 0);
  if (!belongs_to_this_process()) return;
  const SignalPause pause;
  // In this order: whoever is killed in between loses the token, and does not have it given back twice.
  block_->held.store(held - 1, std::memory_order_release);
  put(block_->tokens[held - 1]);
}

void JobTokens::give_all_back() noexcept {
  if (!belongs_to_this_process()) return;
  const int saved = errno;
  put_all();
  if (!fifo_.empty()) ::unlink(fifo_.c_str());
  errno = saved;
}

void JobTokens::put_all() noexcept {
  for (std::uint32_t i = block_->held.exchange(0, std::memory_order_acq_rel); i > 0; --i) put(block_->tokens[i - 1]);
}

Result<void> JobTokens::give_back_when_killed() {
  CLEAVE_ASSERT(held() == 0);
  auto shared = Mapping::shared(sizeof(Block));
  if (!shared) return shared.error();
  shared_ = std::move(*shared);
  block_ = new (shared_.data()) Block;
  const int owner = ::getpid();
  const auto pid = fork_flushed();
  if (!pid) return pid.error();
  if (*pid == 0) guard(owner);
  guard_ = *pid;
  return {};
}

/// The child: it holds nothing of the run but the way back of the tokens.
void JobTokens::guard(int owner) {
  become_daemon();
  name_process("cleave-tokens");
  if (auto null = open_null()) {
    for (const int stream : {0, 1, 2}) redirect(null->get(), stream);
  }
  const int kept[] = {read_end_.get(), write_end_.get()};
  close_owned_except(kept);
  const Fd ended = watch_process(owner);
  // Once it is dead, this process has another parent.
  while (::getppid() == owner) {
    if (ended.valid()) {
      wait_readable({ended.get()}, std::chrono::minutes(1));
    } else {
      wait_readable({}, std::chrono::milliseconds(100));
    }
  }
  put_all();
  exit_now(0);
}

std::uint32_t JobTokens::unclaimed() const noexcept {
  int bytes = 0;
  if (::ioctl(read_end_.get(), FIONREAD, &bytes) != 0 || bytes < 0) return 0;
  return static_cast<std::uint32_t>(bytes);
}

bool JobTokens::add(std::uint32_t count) noexcept {
  for (std::uint32_t i = 0; i < count; ++i) {
    if (!put('+')) return false;
  }
  return true;
}

/// There is always place for a token that came out of the pipe, and a reader: this process.
bool JobTokens::put(char token) const noexcept {
  ssize_t done = 0;
  do {
    done = ::write(write_end_.get(), &token, 1);
  } while (done < 0 && errno == EINTR);
  return done == 1;
}

TokenGuard::TokenGuard(JobTokens& tokens) {
  static const bool at_exit = std::atexit(give_guarded_back) == 0;
  CLEAVE_ASSERT(at_exit);
  CLEAVE_ASSERT(g_guarded.exchange(&tokens) == nullptr);
  struct sigaction action {};
  action.sa_handler = give_back_and_die;
  action.sa_flags = static_cast<int>(SA_RESETHAND) | SA_ONSTACK;
  ::sigfillset(&action.sa_mask);
  for (const int number : kDeadly) {
    struct sigaction current {};
    const bool standard = ::sigaction(number, nullptr, &current) == 0 && current.sa_handler == SIG_DFL;
    if (standard) ::sigaction(number, &action, nullptr);
  }
}

TokenGuard::~TokenGuard() {
  g_guarded.store(nullptr);
  struct sigaction standard {};
  standard.sa_handler = SIG_DFL;
  for (const int number : kDeadly) {
    if (is_ours(number)) ::sigaction(number, &standard, nullptr);
  }
}

}  // namespace cleave::os
