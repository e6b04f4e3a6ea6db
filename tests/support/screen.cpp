#include "screen.hpp"

#include <algorithm>
#include <cstdlib>

namespace cleave::test {
namespace {

std::size_t length_of(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xF0) return 4;
  return lead >= 0xE0 ? 3 : 2;
}

/// Enough for the names that the tests use: CJK and what stands beside it is wide.
std::size_t columns_of(std::string_view character) {
  if (character.size() < 3) return 1;
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(character[i]); };
  const unsigned first = character.size() == 3 ? ((byte(0) & 15u) << 12) | ((byte(1) & 63u) << 6) : 0x20000;
  return first >= 0x2E80 && first < 0xFE00 ? 2 : first == 0x20000 ? 2 : 1;
}

}  // namespace

void Screen::feed(std::string_view bytes) {
  std::string all = held_ + std::string(bytes);
  held_.clear();
  for (std::size_t at = 0; at < all.size();) {
    const char c = all[at];
    if (c == '\x1b') {
      if (at + 1 >= all.size()) return void(held_ = all.substr(at));
      if (all[at + 1] != '[') {
        unknown_ += all.substr(at, 2);
        at += 2;
        continue;
      }
      const std::size_t end = all.find_first_not_of("0123456789;?", at + 2);
      if (end == std::string::npos) return void(held_ = all.substr(at));
      control(std::string_view(all).substr(at + 2, end - at - 2), all[end]);
      at = end + 1;
    } else if (c == '\r') {
      column_ = 0;
      ++at;
    } else if (c == '\n') {
      new_line();
      ++at;
    } else {
      const std::size_t length = length_of(static_cast<unsigned char>(c));
      if (at + length > all.size()) return void(held_ = all.substr(at));
      const std::string character = all.substr(at, length);
      put(character, columns_of(character));
      at += length;
    }
  }
}

void Screen::put(const Cell& character, std::size_t wide) {
  if (column_ + wide > columns_) {
    ++wraps_;
    lines_[row_].continues = true;
    column_ = 0;
    new_line();
  }
  std::vector<Cell>& cells = lines_[row_].cells;
  if (cells.size() < column_ + wide) cells.resize(column_ + wide, " ");
  cells[column_] = character;
  for (std::size_t i = 1; i < wide; ++i) cells[column_ + i].clear();
  column_ += wide;
}

void Screen::new_line() {
  ++row_;
  if (row_ == lines_.size()) lines_.emplace_back();
}

void Screen::control(std::string_view parameters, char final) {
  const std::string text(parameters);
  const auto number = static_cast<std::size_t>(std::atoi(text.c_str()));
  std::vector<Cell>& cells = lines_[row_].cells;
  if (final == 'm') return;
  if (final == 'A') {
    row_ = std::max(top(), row_ - std::min(row_, std::max<std::size_t>(1, number)));
  } else if (final == 'K' && (number == 0 || number == 2)) {
    cells.resize(number == 2 ? 0 : std::min(cells.size(), column_));
    lines_[row_].continues = false;
  } else if (final == 'J' && number == 0) {
    cells.resize(std::min(cells.size(), column_));
    lines_.resize(row_ + 1);
    lines_[row_].continues = false;
  } else if (text == "?25" && (final == 'l' || final == 'h')) {
    cursor_hidden_ = final == 'l';
  } else {
    unknown_ += "ESC[" + text + final + " ";
  }
}

void Screen::resize(std::size_t columns, std::size_t rows) {
  std::vector<Line> before;
  before.swap(lines_);
  const std::size_t old_row = row_;
  const std::size_t old_column = column_;
  std::size_t cursor = 0;  ///< How much of `whole` stands before it.
  lines_.emplace_back();
  columns_ = columns;
  rows_ = rows;
  std::size_t new_row = 0;
  std::size_t new_column = 0;
  std::vector<Cell> whole;  // A line and what it was wrapped into.
  for (std::size_t i = 0; i < before.size(); ++i) {
    const std::size_t offset = whole.size();
    whole.insert(whole.end(), before[i].cells.begin(), before[i].cells.end());
    if (i == old_row) {
      cursor = std::min(offset + old_column, whole.size());
      new_row = lines_.size() - 1;
      new_column = 0;
    }
    if (before[i].continues) continue;
    row_ = lines_.size() - 1;
    column_ = 0;
    for (std::size_t c = 0; c < whole.size(); ++c) {
      if (whole[c].empty()) continue;
      put(whole[c], c + 1 < whole.size() && whole[c + 1].empty() ? 2 : 1);
      if (c < cursor) {
        new_row = row_;
        new_column = column_;
      }
    }
    cursor = 0;
    whole.clear();
    if (i + 1 < before.size()) lines_.emplace_back();
  }
  row_ = std::min(new_row, lines_.size() - 1);
  column_ = new_column;
}

std::vector<std::string> Screen::lines() const {
  std::vector<std::string> all;
  std::string line;
  for (const Line& each : lines_) {
    for (const Cell& cell : each.cells) line += cell;
    if (each.continues) continue;
    line.resize(line.find_last_not_of(' ') + 1);
    all.push_back(line);
    line.clear();
  }
  while (!all.empty() && all.back().empty()) all.pop_back();
  return all;
}

std::string Screen::text() const {
  std::string all;
  for (const std::string& line : lines()) all += line + "\n";
  return all;
}

}  // namespace cleave::test
