#include "os/spawn.hpp"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdint>

#include "os/account.hpp"
#include "os/file.hpp"
#include "os/machine.hpp"
#include "os/own_folder.hpp"

namespace cleave::os {
namespace {

using std::chrono::nanoseconds;

/// Where a child failed before it was the program.
enum class Stage : std::int32_t { streams, user, directory, program };
struct Failure {
  Stage stage = Stage::program;
  std::int32_t sys_errno = 0;
};

/// All that the child needs, made before the fork.
struct ChildPlan {
  const char* program = nullptr;
  char* const* arguments = nullptr;
  char* const* environment = nullptr;
  const char* directory = nullptr;   ///< Null for the caller's.
  const Account* account = nullptr;  ///< Null for the caller's.
  int input = -1;
  int output = -1;
  int errors = -1;
  int failures = -1;  ///< CLOEXEC: closed without a word when the program starts.
  int parent = 0;
  int descriptor_limit = 0;
};

[[noreturn]] void fail(const ChildPlan& plan, Stage stage) noexcept {
  const Failure failure{stage, errno};
  if (::write(plan.failures, &failure, sizeof failure) < 0) {
    // The parent is gone.
  }
  ::_exit(127);
}

void close_all_on_exec(int limit) noexcept {
  constexpr unsigned kCloexec = 1U << 2U;  // CLOSE_RANGE_CLOEXEC, since Linux 5.11.
#ifdef SYS_close_range
  if (::syscall(SYS_close_range, 3U, ~0U, kCloexec) == 0) return;
#endif
  for (int fd = 3; fd < limit; ++fd) ::fcntl(fd, F_SETFD, FD_CLOEXEC);
}

bool become(const Account& account) noexcept {
  return ::setgroups(account.groups.size(), account.groups.data()) == 0 &&
         ::setresgid(account.group, account.group, account.group) == 0 &&
         ::setresuid(account.user, account.user, account.user) == 0;
}

/// In the child, with all signals blocked. Only async-signal-safe calls: other threads of the parent may have held any
/// lock at the fork.
[[noreturn]] void run_child(const ChildPlan& plan) noexcept {
  ::setpgid(0, 0);
  // First those that the parent handles or ignores, then the mask: no handler of the parent runs here.
  struct sigaction standard {};
  standard.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; ++number) ::sigaction(number, &standard, nullptr);
  if (::dup2(plan.input, 0) < 0 || ::dup2(plan.output, 1) < 0 || ::dup2(plan.errors, 2) < 0) {
    fail(plan, Stage::streams);
  }
  close_all_on_exec(plan.descriptor_limit);
  if (plan.account != nullptr && !become(*plan.account)) fail(plan, Stage::user);
  if (plan.directory != nullptr && ::chdir(plan.directory) != 0) fail(plan, Stage::directory);
  // Behind the change of user, which switches it off.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != plan.parent) ::_exit(127);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::execve(plan.program, plan.arguments, plan.environment);
  fail(plan, Stage::program);
}

std::string search_path(const std::vector<std::string>& environment) {
  for (const std::string& variable : environment) {
    if (variable.starts_with("PATH=")) return variable.substr(5);
  }
  return "/usr/local/bin:/usr/bin:/bin";
}

bool is_program(const std::string& path) noexcept {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) && ::access(path.c_str(), X_OK) == 0;
}

std::vector<char*> pointers_to(const std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  pointers.reserve(strings.size() + 1);
  for (const std::string& text : strings) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

Error told(const Failure& failure, const ProgramImage& image, const std::string& path) {
  switch (failure.stage) {
    case Stage::streams: return system_error("standard streams", failure.sys_errno);
    case Stage::user: return system_error("become user '" + image.user + "'", failure.sys_errno);
    case Stage::directory: return system_error("working directory '" + image.directory + "'", failure.sys_errno);
    case Stage::program: break;
  }
  Error error = system_error("", failure.sys_errno);
  error.what = error.what.substr(2);
  if (failure.sys_errno == ENOENT && exists(path)) error.what += " (the interpreter or loader that it names)";
  return error;
}

/// Blocks every signal for this thread while it lives.
class SignalsBlocked {
 public:
  SignalsBlocked() noexcept {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_{};
};

int descriptor_limit() noexcept {
  constexpr rlim_t kMost = 65536;
  rlimit limit{};
  return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 ? static_cast<int>(std::min(limit.rlim_cur, kMost)) : 1024;
}

}  // namespace

namespace {

/// True when nobody but this user and root decides what stands there.
bool is_beyond_others(const std::string& path) {
  struct stat status {};
  const bool there = ::stat(path.c_str(), &status) == 0;
  return there && is_trusted(status.st_uid) && (status.st_mode & S_IWOTH) == 0;
}

Result<std::string> find_in_path(const std::string& name, const std::vector<std::string>& environment, bool trusted) {
  const std::string folders = search_path(environment);
  std::size_t begin = 0;
  while (!name.empty() && begin <= folders.size()) {
    const std::size_t end = std::min(folders.find(':', begin), folders.size());
    const std::string folder = folders.substr(begin, end - begin);
    begin = end + 1;
    std::string path = absolute_path((folder.empty() ? "." : folder) + "/" + name);
    if (!is_program(path)) continue;
    if (!trusted || (folder.starts_with('/') && is_beyond_others(folder) && is_beyond_others(path))) return path;
  }
  Error error = system_error("", ENOENT);
  error.what = error.what.substr(2) + " in PATH=" + folders;
  return error;
}

}  // namespace

Result<std::string> find_program(const std::string& name, const std::vector<std::string>& environment) {
  if (name.find('/') != std::string::npos) return absolute_path(name);
  return find_in_path(name, environment, false);
}

Result<std::string> find_trusted_program(const std::string& name, const std::vector<std::string>& environment) {
  return find_in_path(name, environment, true);
}

Result<Program> Program::start(const ProgramImage& image, const Fd& output) { return start(image, output, output); }

Result<Program> Program::start(const ProgramImage& image, const Fd& output, const Fd& errors) {
  CLEAVE_ASSERT(!image.arguments.empty());
  auto path = find_program(image.arguments[0], image.environment);
  if (!path) return path.error();
  Result<Account> account = Account{};
  const bool other_user = !image.user.empty();
  if (other_user) {
    account = account_of(image.user);
    if (!account) return account.error();
  }
  auto null = open_null();
  if (!null) return null.error();
  // The numbers of the standard streams are taken last: in a process that closed its own, these could have them.
  const Fd input = moved_up(std::move(*null));
  const Fd out = duplicate(output.get());
  const Fd err = duplicate(errors.get());
  auto failures = Pipe::create();
  if (!failures) return failures.error();
  const auto arguments = pointers_to(image.arguments);
  const auto environment = pointers_to(image.environment);

  ChildPlan plan;
  plan.program = path->c_str();
  plan.arguments = arguments.data();
  plan.environment = environment.data();
  if (!image.directory.empty()) plan.directory = image.directory.c_str();
  if (other_user && account->user != ::geteuid()) plan.account = &*account;
  plan.input = input.get();
  plan.output = out.get();
  plan.errors = err.get();
  plan.failures = failures->write_end.get();
  plan.parent = ::getpid();
  plan.descriptor_limit = descriptor_limit();
  int pid = 0;
  {
    const SignalsBlocked blocked;
    pid = ::fork();
    if (pid == 0) run_child(plan);
  }
  if (pid < 0) return system_error("fork", errno);
  failures->write_end.reset();

  Program program(pid, watch_process(pid));
  Failure failure;
  auto got = read_some(failures->read_end.get(), &failure, sizeof failure);
  if (got && *got == 0) return program;
  (void)program.finish();
  if (!got) return got.error();
  return told(failure, image, *path);
}

bool Program::wait_ended(nanoseconds at_most) const noexcept {
  const nanoseconds until = monotonic_now() + std::min(at_most, nanoseconds(std::chrono::hours(24 * 365)));
  nanoseconds pause = std::chrono::milliseconds(1);
  while (true) {
    siginfo_t info{};
    const int got = ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT);
    if (got == 0 && info.si_pid == pid_) return true;
    if (got != 0 && errno != EINTR) return true;  // ECHILD: somebody else reaped it.
    const nanoseconds left = until - monotonic_now();
    if (left.count() <= 0) return false;
    if (pidfd_.valid()) {
      const auto whole = std::chrono::ceil<std::chrono::milliseconds>(left);
      pollfd polled{pidfd_.get(), POLLIN, 0};
      ::poll(&polled, 1, static_cast<int>(std::min<std::int64_t>(whole.count(), 60'000)));
    } else {
      sleep_for(std::min(pause, left));
      pause = std::min(pause * 2, nanoseconds(std::chrono::milliseconds(10)));
    }
  }
}

void Program::signal(int number) const noexcept {
  if (!wait_ended(nanoseconds(0))) ::kill(pid_, number);
}

std::optional<ExitStatus> Program::finish() const noexcept {
  siginfo_t info{};
  while (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) != 0) {
    if (errno != EINTR) return std::nullopt;
  }
  // Until it is reaped, the pid and the number of the group are nobody else's.
  ::kill(-pid_, SIGKILL);
  ::kill(pid_, SIGKILL);
  int status = 0;
  int got = 0;
  do {
    got = ::waitpid(pid_, &status, 0);
  } while (got < 0 && errno == EINTR);
  if (got < 0) return std::nullopt;
  if (WIFSIGNALED(status)) return ExitStatus{true, WTERMSIG(status)};
  return ExitStatus{false, WEXITSTATUS(status)};
}

Result<Fd> open_new_log(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return system_error("open " + path, errno);
  return Fd(fd);
}

std::string tail_of(const Fd& file, std::uint64_t from, std::size_t most) {
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return {};
  const std::uint64_t end = std::max(static_cast<std::uint64_t>(status.st_size), from);
  const std::uint64_t size = std::min<std::uint64_t>(end - from, most);
  auto bytes = read_at(file.get(), end - size, size);
  return bytes ? std::move(*bytes) : std::string();
}

void give_to(const Fd& file, const std::string& user) noexcept {
  auto account = account_of(user);
  if (account && ::fchown(file.get(), account->user, account->group) != 0) {
    // Without it the program can still write to what it was given.
  }
}

bool on_main_thread() noexcept { return ::syscall(SYS_gettid) == ::getpid(); }

int termination_signal() noexcept { return SIGTERM; }
int largest_signal() noexcept { return SIGRTMAX; }

void block_signals() noexcept {
  sigset_t all;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, nullptr);
}

}  // namespace cleave::os
