#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "os/terminal.hpp"

namespace cleave::run {

/// A few lines at the bottom of a terminal that are drawn over and over. The cursor stays visible and no mode of the
/// terminal is changed, so that a process that is killed leaves nothing to restore.
class LiveTerminal {
 public:
  /// Takes the place of what was drawn last, if it differs from it. `lines` are narrower than the terminal.
  void draw(const std::vector<std::string>& lines, os::TerminalSize size);
  /// Takes away what was drawn last, so that other output can follow.
  void erase();

 private:
  std::size_t rows() const;
  std::string clear() const;

  std::vector<std::string> drawn_;
  os::TerminalSize drawn_at_;
};

/// How many rows these lines take that were drawn on a terminal, now that it is `columns` wide: what has become too
/// wide was wrapped by the terminal.
std::size_t rows_of(const std::vector<std::string>& lines, std::size_t columns);

}  // namespace cleave::run
