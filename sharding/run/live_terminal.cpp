#include "run/live_terminal.hpp"

#include <algorithm>

#include "report/cells.hpp"
#include "report/text.hpp"
#include "run/console_listener.hpp"

namespace cleave::run {

std::size_t rows_of(const std::vector<std::string>& lines, std::size_t columns) {
  std::size_t rows = 0;
  for (const std::string& line : lines) {
    const std::string text = report::without_colours(line);
    std::size_t column = 0;
    ++rows;
    for (std::size_t at = 0; at < text.size();) {
      const report::Decoded step = report::decode_utf8(text, at);
      const std::size_t wide = report::cells_of(step.code);
      // A wide character that would be cut in half begins the next row.
      if (column + wide > columns && column > 0) {
        ++rows;
        column = 0;
      }
      column += wide;
      at += step.length;
    }
  }
  return rows;
}

/// The rows that the last drawing takes by now.
std::size_t LiveTerminal::rows() const {
  const os::TerminalSize now = os::terminal_size(1).value_or(drawn_at_);
  return std::min<std::size_t>(rows_of(drawn_, now.columns), now.rows);
}

/// Row by row upwards from the last one, behind which the cursor stands: some terminals keep what is cleared from the
/// top of the screen downwards as if it had scrolled away.
std::string LiveTerminal::clear() const {
  std::string out = "\r\x1b[2K";
  for (std::size_t row = rows(); row > 1; --row) out += "\x1b[A\x1b[2K";
  return out;
}

void LiveTerminal::draw(const std::vector<std::string>& lines, os::TerminalSize size) {
  const bool resized = size.columns != drawn_at_.columns || size.rows != drawn_at_.rows;
  if (lines == drawn_ && !resized) return;
  std::string out;
  if (!drawn_.empty()) {
    const std::size_t up = rows() - 1;
    out = resized ? clear() : "\r" + (up > 0 ? "\x1b[" + std::to_string(up) + "A" : "");
  }
  for (std::size_t i = 0; i < lines.size(); ++i) {
    out += (i > 0 ? "\r\n" : "") + lines[i] + "\x1b[K";
  }
  // What stands below is left of a longer status.
  out += "\x1b[J";
  print(out);
  drawn_ = lines;
  drawn_at_ = size;
}

void LiveTerminal::erase() {
  if (drawn_.empty()) return;
  print(clear());
  drawn_.clear();
}

}  // namespace cleave::run
