#include "os/job_tokens.hpp"

#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <utility>

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

JobTokens::~JobTokens() { give_all_back(); }

bool JobTokens::belongs_to_this_process() const noexcept { return ::getpid() == owner_; }

bool JobTokens::take() noexcept {
  const std::uint32_t held = this->held();
  if (held == kMost || !belongs_to_this_process()) return false;
  const SignalPause pause;
  ssize_t got = 0;
  do {
    got = ::read(read_end_.get(), &tokens_[held], 1);
  } while (got < 0 && errno == EINTR);
  if (got != 1) return false;
  held_.store(held + 1, std::memory_order_relaxed);
  return true;
}

void JobTokens::give_back() noexcept {
  const std::uint32_t held = this->held();
  CLEAVE_ASSERT(held > 0);
  if (!belongs_to_this_process()) return;
  const SignalPause pause;
  put(tokens_[held - 1]);
  held_.store(held - 1, std::memory_order_relaxed);
}

void JobTokens::give_all_back() noexcept {
  if (!belongs_to_this_process()) return;
  const int saved = errno;
  for (std::uint32_t i = held_.exchange(0, std::memory_order_relaxed); i > 0; --i) put(tokens_[i - 1]);
  if (!fifo_.empty()) ::unlink(fifo_.c_str());
  errno = saved;
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
