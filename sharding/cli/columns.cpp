#include "cli/columns.hpp"

#include <numeric>

#include "report/text.hpp"

namespace cleave::cli {

std::string label(std::string_view name) {
  std::string shown;
  for (const char c : report::printable(name)) {
    if (c == '\n') {
      shown += "\\n";
    } else if (c == '\t') {
      shown += "\\t";
    } else {
      shown += c;
    }
  }
  return shown.empty() ? "''" : shown;
}

std::vector<std::string> characters(std::string_view text) {
  std::vector<std::string> all;
  for (std::size_t at = 0; at < text.size();) {
    const report::Decoded step = report::decode_utf8(text, at);
    all.emplace_back(step.valid ? text.substr(at, step.length) : "\xEF\xBF\xBD");
    at += step.length;
  }
  return all;
}

std::size_t width_of(std::string_view text) { return characters(text).size(); }

std::string cut_to(std::string_view text, std::size_t width) {
  const std::vector<std::string> all = characters(text);
  if (all.size() <= width) return std::string(text);
  if (width == 0) return "";
  const auto end = all.begin() + static_cast<std::ptrdiff_t>(width - 1);
  return std::accumulate(all.begin(), end, std::string()) + "…";
}

std::string left(std::string_view text, std::size_t width) {
  const std::size_t taken = width_of(text);
  return std::string(text) + std::string(taken < width ? width - taken : 0, ' ');
}

std::string right(std::string_view text, std::size_t width) {
  const std::size_t taken = width_of(text);
  return std::string(taken < width ? width - taken : 0, ' ') + std::string(text);
}

std::string wrapped(const std::vector<std::string>& words, const std::string& first, const std::string& rest) {
  std::string text = first;
  std::size_t column = width_of(first);
  bool begins = true;
  for (const std::string& word : words) {
    const std::size_t width = width_of(word);
    if (!begins && column + 1 + width > kLineWidth) {
      text += "\n" + rest;
      column = width_of(rest);
      begins = true;
    }
    text += (begins ? "" : " ") + word;
    column += width + (begins ? 0 : 1);
    begins = false;
  }
  return text + "\n";
}

}  // namespace cleave::cli
