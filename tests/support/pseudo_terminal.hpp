#pragma once

#include <functional>
#include <string>

#include "run_program.hpp"
#include "screen.hpp"

namespace cleave::test {

/// A program on a terminal of its own. The destructor kills it.
class OnTerminal {
 public:
  /// Starts it in the sandbox, with its environment and TERM=xterm-256color unless that says something else.
  OnTerminal(const Sandbox& box, const Sandbox::Arguments& command, unsigned short columns, unsigned short rows);
  OnTerminal(const OnTerminal&) = delete;
  OnTerminal& operator=(const OnTerminal&) = delete;
  ~OnTerminal();

  int pid() const noexcept { return pid_; }
  /// Shows what the program writes until the screen is as wished, at most for a minute. False when it never was.
  bool shows(const std::function<bool(const Screen&)>& wished);
  bool shows_text(const std::string& part);
  /// As a user who drags the border of the window.
  void resize(unsigned short columns, unsigned short rows);
  /// As typed on its keyboard: "\x03" is Ctrl-C.
  void type(const std::string& keys);
  /// To the end of the program; its exit status, or minus the number of the signal that ended it.
  int wait();

  const Screen& screen() const noexcept { return screen_; }
  const std::string& bytes() const noexcept { return bytes_; }

 private:
  bool read_some();

  int pid_ = -1;
  int fd_ = -1;
  Screen screen_;
  std::string bytes_;
};

}  // namespace cleave::test
