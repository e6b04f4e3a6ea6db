#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace cleave::test {

/// What a terminal shows of the bytes written to it: the little of one that a run needs, with everything that ever
/// scrolled away. When it becomes narrower, lines that are too wide by then are wrapped, as most terminals do.
class Screen {
 public:
  Screen(std::size_t columns, std::size_t rows) : columns_(columns), rows_(rows), lines_(1) {}

  void feed(std::string_view bytes);
  void resize(std::size_t columns, std::size_t rows);

  /// All that was ever shown and is still there, a line of text each, without spaces at their ends.
  std::vector<std::string> lines() const;
  std::string text() const;
  /// Sequences that it does not know, other than colours; a test that sees one has to look into it.
  const std::string& unknown() const noexcept { return unknown_; }
  /// The cursor was hidden and not shown again.
  bool cursor_hidden() const noexcept { return cursor_hidden_; }
  /// True when a line was longer than the terminal was wide.
  std::size_t wrapped() const noexcept { return wraps_; }

 private:
  using Cell = std::string;  ///< One character; empty: the second half of a wide one.
  struct Line {
    std::vector<Cell> cells;
    bool continues = false;  ///< Wrapped: the next line is the rest of it.
  };

  void put(const Cell& character, std::size_t wide);
  void new_line();
  void control(std::string_view parameters, char final);
  std::size_t top() const { return lines_.size() > rows_ ? lines_.size() - rows_ : 0; }

  std::size_t columns_;
  std::size_t rows_;
  std::vector<Line> lines_;
  std::size_t row_ = 0;  ///< Of the cursor, into lines_.
  std::size_t column_ = 0;
  std::string held_;  ///< A sequence whose end has not come.
  std::string unknown_;
  bool cursor_hidden_ = false;
  std::size_t wraps_ = 0;
};

}  // namespace cleave::test
