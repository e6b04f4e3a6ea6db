#include "cli/json_place.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "report/text.hpp"

namespace cleave::cli {
namespace {

/// Walks over the values of a text that is known to be valid.
class Walker {
 public:
  explicit Walker(std::string_view text) : text_(text) { skip_blanks(); }

  std::size_t at() const noexcept { return at_; }

  /// From the beginning of an object or array to that of the member or element; false, and somewhere else, when it has
  /// none such.
  bool enter(const std::string& name) {
    if (peek() != '{' && peek() != '[') return false;
    const bool object = peek() == '{';
    step();
    for (std::size_t number = 0; at_ < text_.size() && peek() != '}' && peek() != ']'; ++number) {
      std::string key = std::to_string(number);
      if (object) {
        const std::size_t begin = at_;
        skip_string();
        key = nlohmann::json::parse(text_.substr(begin, at_ - begin)).get<std::string>();
        skip_blanks();
        step();  // The colon.
      }
      if (key == name) return true;
      skip_value();
      if (peek() == ',') step();
    }
    return false;
  }

 private:
  char peek() const noexcept { return at_ < text_.size() ? text_[at_] : '\0'; }
  void step() {
    ++at_;
    skip_blanks();
  }
  void skip_blanks() { at_ = std::min(text_.find_first_not_of(" \t\r\n\xEF\xBB\xBF", at_), text_.size()); }
  void skip_string() {
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      if (text_[at_] == '\\') ++at_;
    }
    ++at_;
  }
  void skip_value() {
    std::size_t depth = 0;
    do {
      if (peek() == '"') {
        skip_string();
      } else {
        if (peek() == '{' || peek() == '[') ++depth;
        if (peek() == '}' || peek() == ']') --depth;
        ++at_;
      }
    } while (at_ < text_.size() &&
             (depth > 0 || std::string_view(",}] \t\r\n").find(peek()) == std::string_view::npos));
    skip_blanks();
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

std::string unescaped(std::string_view part) {
  std::string name;
  for (std::size_t i = 0; i < part.size(); ++i) {
    const bool escape = part[i] == '~' && i + 1 < part.size();
    name += escape ? (part[++i] == '1' ? '/' : '~') : part[i];
  }
  return name;
}

}  // namespace

std::size_t line_of(std::string_view text, std::size_t byte) {
  const std::string_view before = text.substr(0, std::min(byte, text.size()));
  return 1 + static_cast<std::size_t>(std::ranges::count(before, '\n'));
}

std::size_t column_of(std::string_view text, std::size_t byte) {
  const std::string_view before = text.substr(0, std::min(byte, text.size()));
  const std::size_t newline = before.rfind('\n');
  std::size_t column = 1;
  for (std::size_t at = newline == std::string_view::npos ? 0 : newline + 1; at < before.size(); ++column)
    at += report::decode_utf8(before, at).length;
  return column;
}

std::size_t line_of_value(std::string_view text, std::string_view pointer) {
  Walker walker(text);
  std::size_t found = walker.at();
  while (pointer.starts_with('/')) {
    pointer.remove_prefix(1);
    const std::string_view part = pointer.substr(0, pointer.find('/'));
    pointer.remove_prefix(part.size());
    if (!walker.enter(unescaped(part))) break;
    found = walker.at();
  }
  return line_of(text, found);
}

}  // namespace cleave::cli
