#include "os/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "os/coverage.hpp"
#include "os/file.hpp"
#include "os/terminal.hpp"

namespace cleave::os {
namespace {

constexpr std::array<int, 3> kWatched{SIGINT, SIGTERM, SIGHUP};

volatile std::sig_atomic_t g_signals = 0;
volatile std::sig_atomic_t g_last_signal = 0;
int g_signal_pipe = -1;
std::array<struct sigaction, kWatched.size()> g_before{};
/// What would end a supervisor although the call that failed says so: a reader that is gone, a limit on files.
constexpr std::array<int, 2> kTold{SIGPIPE, SIGXFSZ};
std::array<void (*)(int), kTold.size()> g_told_before{SIG_DFL, SIG_DFL};

void on_signal(int number) {
  const int saved = errno;
  g_signals = g_signals + 1;
  g_last_signal = number;
  const char byte = 0;
  if (::write(g_signal_pipe, &byte, 1) < 0) {
    // The pipe is full: it is readable already.
  }
  errno = saved;
}

void ignore_told_signals() noexcept {
  for (const int number : kTold) ::signal(number, SIG_IGN);
}

void restore_signals() noexcept {
  if (g_signal_pipe < 0) return;
  for (std::size_t i = 0; i < kWatched.size(); ++i) ::sigaction(kWatched[i], &g_before[i], nullptr);
  g_signal_pipe = -1;
}

/// A group of its own stands in the background of the terminal that the supervisor has.
void ignore_terminal_stops() noexcept {
  for (const int number : {SIGTTIN, SIGTTOU}) {
    struct sigaction now {};
    if (::sigaction(number, nullptr, &now) != 0 || (now.sa_flags & SA_SIGINFO) != 0) continue;
    if (now.sa_handler == SIG_DFL) ::signal(number, SIG_IGN);
  }
}

}  // namespace

std::string signal_name(int number) {
  const char* const name = ::sigabbrev_np(number);
  return name != nullptr ? std::string("SIG") + name : "signal " + std::to_string(number);
}

Child::Child(int pid) : pid_(pid) {
  // Where the kernel is older than 5.3 the loop looks every few milliseconds instead.
  const long fd = ::syscall(SYS_pidfd_open, pid, 0);
  if (fd >= 0) pidfd_ = Fd(static_cast<int>(fd));
}

Child::~Child() {
  if (!running()) return;
  kill_group();
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

void Child::kill_group() noexcept {
  if (!running()) return;
  ::kill(-pid_, SIGKILL);
  ::kill(pid_, SIGKILL);
}

std::optional<ExitStatus> Child::try_wait() noexcept {
  int status = 0;
  const int got = ::waitpid(pid_, &status, WNOHANG);
  if (got == 0 || (got < 0 && errno == EINTR)) return std::nullopt;
  pid_ = -1;
  pidfd_.reset();
  if (got < 0) return ExitStatus{true, SIGKILL};  // Somebody else reaped it: nothing better is known.
  if (WIFSIGNALED(status)) return ExitStatus{true, WTERMSIG(status)};
  return ExitStatus{false, WEXITSTATUS(status)};
}

Result<int> fork_flushed() {
  std::fflush(nullptr);
  const int pid = ::fork();
  if (pid < 0) return system_error("fork", errno);
  if (pid == 0) forget_counters();
  return pid;
}

void become_worker(int parent) noexcept {
  restore_signals();
  drop_questions();
  for (std::size_t i = 0; i < kTold.size(); ++i) ::signal(kTold[i], g_told_before[i]);
  ::setpgid(0, 0);
  ignore_terminal_stops();
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::prctl(PR_SET_CHILD_SUBREAPER, 0);
  if (::getppid() != parent) ::_exit(1);
}

void outlive_parent(std::chrono::seconds grace) noexcept {
  // A real-time signal, which the user's code has no reason to use; the handler only calls what is async-signal-safe.
  static volatile std::sig_atomic_t seconds = 0;
  seconds = static_cast<std::sig_atomic_t>(grace.count());
  struct sigaction action {};
  action.sa_handler = [](int) {
    ::signal(SIGALRM, SIG_DFL);
    ::alarm(static_cast<unsigned>(seconds));
  };
  action.sa_flags = SA_RESTART;
  ::sigemptyset(&action.sa_mask);
  ::sigaction(SIGRTMAX - 1, &action, nullptr);
  ::prctl(PR_SET_PDEATHSIG, SIGRTMAX - 1);
}

void become_daemon() noexcept {
  restore_signals();
  ::setsid();
  ::prctl(PR_SET_PDEATHSIG, 0);
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  ignore_told_signals();
}

void ignore_broken_pipes() noexcept { ::signal(SIGPIPE, SIG_IGN); }

Fd watch_process(int pid) noexcept {
  const long fd = ::syscall(SYS_pidfd_open, pid, 0);
  return fd < 0 ? Fd() : Fd(static_cast<int>(fd));
}

void name_process(const char* name) noexcept { ::prctl(PR_SET_NAME, name); }

void reap_ended() noexcept {
  while (::waitpid(-1, nullptr, WNOHANG) > 0) {
  }
}

void signal_process(int pid, bool kill) noexcept {
  if (pid > 1) ::kill(pid, kill ? SIGKILL : SIGTERM);
}

void become_supervisor(bool die_with_parent) noexcept {
  // A worker that died while it was given work is no reason to die, nor is a journal that cannot grow.
  for (std::size_t i = 0; i < kTold.size(); ++i) g_told_before[i] = ::signal(kTold[i], SIG_IGN);
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  if (die_with_parent) {
    const int before = ::getppid();
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != before) ::raise(SIGTERM);
  }
}

SelfImage::SelfImage(std::vector<std::string> arguments, std::vector<std::string> environment)
    : strings_(std::move(arguments)) {
  const std::size_t count = strings_.size();
  strings_.insert(strings_.end(), environment.begin(), environment.end());
  for (std::size_t i = 0; i < strings_.size(); ++i) (i < count ? argv_ : envp_).push_back(strings_[i].data());
  argv_.push_back(nullptr);
  envp_.push_back(nullptr);
}

void SelfImage::use_environment() noexcept { environ = envp_.data(); }

void SelfImage::run() noexcept {
  ::execve("/proc/self/exe", argv_.data(), envp_.data());
  ::_exit(127);
}

Error replace_by(const std::vector<std::string>& arguments) {
  std::vector<char*> pointers;
  for (const std::string& argument : arguments) pointers.push_back(const_cast<char*>(argument.c_str()));
  pointers.push_back(nullptr);
  ::execv(pointers[0], pointers.data());
  return system_error("start " + arguments[0], errno);
}

int thread_count() noexcept {
  constexpr const char* kThreads = "/proc/self/task";
  struct stat folder {};
  // A folder is linked to by its name, by itself and by each folder in it. Some file systems do not count.
  if (::stat(kThreads, &folder) == 0 && folder.st_nlink > 2) return static_cast<int>(folder.st_nlink) - 2;
  int count = 0;
  for (const std::string& name : list_directory(kThreads)) count += name.empty() ? 0 : 1;
  return count == 0 ? 1 : count;
}

int tracer_pid() noexcept {
  auto status = read_file("/proc/self/status");
  if (!status) return 0;
  const auto place = status->find("TracerPid:");
  return place == std::string::npos ? 0 : std::atoi(status->c_str() + place + 10);
}

int current_pid() noexcept { return ::getpid(); }
int parent_pid() noexcept { return ::getppid(); }
void exit_now(int status) noexcept { ::_exit(status); }

void leave(int status) noexcept {
  std::fflush(nullptr);
  write_counters();
  ::_exit(status);
}

SignalWatch::SignalWatch() {
  g_signals = 0;
  g_last_signal = 0;
  auto pipe = Pipe::create();
  if (!pipe) return;
  pipe_ = std::move(*pipe);
  set_nonblocking(pipe_.read_end.get());
  set_nonblocking(pipe_.write_end.get());
  g_signal_pipe = pipe_.write_end.get();
  struct sigaction action {};
  action.sa_handler = on_signal;
  ::sigemptyset(&action.sa_mask);
  for (std::size_t i = 0; i < kWatched.size(); ++i) {
    ::sigaction(kWatched[i], nullptr, &g_before[i]);
    // What the user had switched off (nohup) stays off.
    if (g_before[i].sa_handler != SIG_IGN) ::sigaction(kWatched[i], &action, nullptr);
  }
}

SignalWatch::~SignalWatch() { restore_signals(); }

int SignalWatch::poll_fd() const noexcept { return pipe_.read_end.get(); }

int SignalWatch::count() noexcept {
  char bytes[64];
  while (pipe_.read_end.valid() && ::read(pipe_.read_end.get(), bytes, sizeof bytes) > 0) {
  }
  return g_signals;
}

int SignalWatch::last() const noexcept { return g_last_signal; }

std::vector<bool> wait_readable(const std::vector<int>& fds, std::chrono::milliseconds at_most) {
  std::vector<pollfd> polled;
  polled.reserve(fds.size());
  for (const int fd : fds) polled.push_back(pollfd{fd, POLLIN, 0});
  std::vector<bool> readable(fds.size(), false);
  if (::poll(polled.data(), polled.size(), static_cast<int>(at_most.count())) <= 0) return readable;
  for (std::size_t i = 0; i < fds.size(); ++i) readable[i] = polled[i].revents != 0;
  return readable;
}

}  // namespace cleave::os
