#include "os/crash.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>

namespace cleave::os {
namespace {

constexpr std::array kFatal{SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGSYS, SIGTRAP};
/// The supervisor is done long before; this is for one that is stopped itself.
constexpr int kLongestWaitMs = 30'000;
/// The handler needs little; the kernel saves all vector registers there.
constexpr std::size_t kSignalStack = 64 << 10;

int g_line = -1;
int g_pid = 0;
std::atomic<bool> g_told{false};
alignas(16) char g_signal_stack[kSignalStack];

/// True when the instruction that made it makes it again once the handler has returned: the core then shows the fault.
bool comes_again(int number, const siginfo_t& info) noexcept {
  const bool is_fault = number == SIGSEGV || number == SIGBUS || number == SIGFPE || number == SIGILL;
  return is_fault && info.si_code > 0 && !(number == SIGBUS && info.si_code == BUS_MCEERR_AO);
}

/// Only what is async-signal-safe. All signals are blocked meanwhile.
void on_crash(int number, siginfo_t* info, void*) {
  const int saved = errno;
  if (::getpid() == g_pid) {
    if (!g_told.exchange(true)) {
      // send() and not write(): a test may have closed the descriptor, and another file may have its number by now.
      const Crash crash{static_cast<int>(::syscall(SYS_gettid)), number};
      pollfd answer{g_line, POLLIN, 0};
      if (::send(g_line, &crash, sizeof crash, MSG_NOSIGNAL) == sizeof crash) ::poll(&answer, 1, kLongestWaitMs);
    } else {
      // Another thread told first, and this one must not take the process away meanwhile.
      ::poll(nullptr, 0, kLongestWaitMs);
    }
  }
  struct sigaction standard {};
  standard.sa_handler = SIG_DFL;
  ::sigaction(number, &standard, nullptr);
  // Blocked until this handler returns, so that it strikes where the first one did.
  if (!comes_again(number, *info)) ::syscall(SYS_tgkill, ::getpid(), ::syscall(SYS_gettid), number);
  errno = saved;
}

}  // namespace

Result<CrashLine> CrashLine::create() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return system_error("socketpair", errno);
  CrashLine line;
  line.for_worker = moved_up(Fd(ends[0]));
  line.for_supervisor = moved_up(Fd(ends[1]));
  set_nonblocking(line.for_supervisor.get());
  return line;
}

void tell_of_crashes(int fd) noexcept {
  g_line = fd;
  g_pid = ::getpid();
  stack_t before{};
  if (::sigaltstack(nullptr, &before) == 0 && (before.ss_flags & SS_DISABLE) != 0) {
    stack_t own{};
    own.ss_sp = g_signal_stack;
    own.ss_size = sizeof g_signal_stack;
    ::sigaltstack(&own, nullptr);
  }
  struct sigaction action {};
  action.sa_sigaction = on_crash;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  ::sigfillset(&action.sa_mask);
  for (const int number : kFatal) {
    struct sigaction now {};
    if (::sigaction(number, nullptr, &now) != 0) continue;
    if ((now.sa_flags & SA_SIGINFO) == 0 && now.sa_handler == SIG_DFL) ::sigaction(number, &action, nullptr);
  }
}

std::optional<Crash> told_crash(Fd& line) noexcept {
  Crash crash;
  if (!line.valid()) return std::nullopt;
  const auto got = ::recv(line.get(), &crash, sizeof crash, MSG_DONTWAIT);
  if (got == 0) line.reset();
  return got == sizeof crash ? std::optional(crash) : std::nullopt;
}

void allow_death(const Fd& line) noexcept {
  const char byte = 0;
  if (line.valid() && ::send(line.get(), &byte, 1, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
    // It is dead already.
  }
}

void allow_tracing_by(int pid) noexcept { ::prctl(PR_SET_PTRACER, pid); }

void stop_group(int pid) noexcept {
  if (pid > 1) ::kill(-pid, SIGSTOP);
}

}  // namespace cleave::os
