#include "pseudo_terminal.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>

namespace cleave::test {
namespace {

constexpr std::chrono::seconds kPatience{60};

}  // namespace

OnTerminal::OnTerminal(const Sandbox& box, const Sandbox::Arguments& command, unsigned short columns,
                       unsigned short rows)
    : screen_(columns, rows) {
  std::vector<std::string> variables = box.variables();
  bool has_term = false;
  for (const std::string& variable : variables) has_term = has_term || variable.starts_with("TERM=");
  if (!has_term) variables.emplace_back("TERM=xterm-256color");
  std::vector<char*> argv;
  std::vector<char*> envp;
  for (const std::string& argument : command) argv.push_back(const_cast<char*>(argument.c_str()));
  for (const std::string& variable : variables) envp.push_back(const_cast<char*>(variable.c_str()));
  argv.push_back(nullptr);
  envp.push_back(nullptr);
  const std::string directory = box.path("work");
  winsize size{};
  size.ws_col = columns;
  size.ws_row = rows;
  pid_ = ::forkpty(&fd_, nullptr, nullptr, &size);
  if (pid_ == 0) {
    if (::chdir(directory.c_str()) == 0) ::execve(argv[0], argv.data(), envp.data());
    ::_exit(127);
  }
  EXPECT_GT(pid_, 0);
}

OnTerminal::~OnTerminal() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  if (fd_ >= 0) ::close(fd_);
}

/// False at the end: nobody has the terminal open any more.
bool OnTerminal::read_some() {
  pollfd ready{fd_, POLLIN, 0};
  if (::poll(&ready, 1, 50) <= 0) return true;
  std::array<char, 4096> chunk{};
  const ssize_t got = ::read(fd_, chunk.data(), chunk.size());
  if (got <= 0) return false;
  bytes_.append(chunk.data(), static_cast<std::size_t>(got));
  screen_.feed({chunk.data(), static_cast<std::size_t>(got)});
  return true;
}

bool OnTerminal::shows(const std::function<bool(const Screen&)>& wished) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (!wished(screen_)) {
    if (std::chrono::steady_clock::now() > end || !read_some()) return wished(screen_);
  }
  return true;
}

bool OnTerminal::shows_text(const std::string& part) {
  return shows([&](const Screen& screen) { return screen.text().find(part) != std::string::npos; });
}

void OnTerminal::resize(unsigned short columns, unsigned short rows) {
  // What was written at the old size is shown at the old size.
  pollfd ready{fd_, POLLIN, 0};
  while (::poll(&ready, 1, 0) > 0 && read_some()) {
  }
  screen_.resize(columns, rows);
  winsize size{};
  size.ws_col = columns;
  size.ws_row = rows;
  EXPECT_EQ(::ioctl(fd_, TIOCSWINSZ, &size), 0);
}

void OnTerminal::type(const std::string& keys) {
  EXPECT_EQ(::write(fd_, keys.data(), keys.size()), static_cast<ssize_t>(keys.size()));
}

int OnTerminal::wait() {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  int status = 0;
  while (std::chrono::steady_clock::now() < end) {
    const bool open = read_some();
    if (::waitpid(pid_, &status, WNOHANG) == pid_) {
      pid_ = -1;
      pollfd ready{fd_, POLLIN, 0};
      while (open && ::poll(&ready, 1, 0) > 0 && (ready.revents & POLLIN) != 0 && read_some()) {
      }
      return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    }
  }
  ADD_FAILURE() << "it did not end:\n" << screen_.text();
  return -SIGALRM;
}

}  // namespace cleave::test
