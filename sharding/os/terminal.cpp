#include "os/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <csignal>

namespace cleave::os {
namespace {

volatile std::sig_atomic_t g_questions = 0;
bool g_takes = false;
struct sigaction g_before {};

}  // namespace

std::optional<TerminalSize> terminal_size(int fd) noexcept {
  winsize size{};
  if (::ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) return std::nullopt;
  return TerminalSize{size.ws_col, size.ws_row};
}

bool is_in_foreground(int fd) noexcept {
  const pid_t group = ::tcgetpgrp(fd);
  return group < 0 || group == ::getpgrp();  // Of a terminal that is not the controlling one nobody can tell.
}

void take_questions() noexcept {
  if (g_takes) return;
  struct sigaction action {};
  action.sa_handler = [](int) { g_questions = g_questions + 1; };
  action.sa_flags = SA_RESTART;
  ::sigemptyset(&action.sa_mask);
  ::sigaction(SIGUSR1, nullptr, &g_before);
  if (g_before.sa_handler == SIG_IGN) return;
  g_takes = ::sigaction(SIGUSR1, &action, nullptr) == 0;
}

void drop_questions() noexcept {
  if (g_takes) ::sigaction(SIGUSR1, &g_before, nullptr);
  g_takes = false;
}

unsigned questions() noexcept { return static_cast<unsigned>(g_questions); }

}  // namespace cleave::os
