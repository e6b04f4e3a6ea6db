#include "plan/json_text.hpp"

namespace cleave::plan {
namespace {

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
bool is_letter(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_continuation(char c) noexcept { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }
bool is_high_surrogate(std::uint32_t unit) noexcept { return unit >= 0xD800 && unit <= 0xDBFF; }
bool is_low_surrogate(std::uint32_t unit) noexcept { return unit >= 0xDC00 && unit <= 0xDFFF; }

/// The value of a hexadecimal digit; 16 for what is none.
std::uint32_t hexadecimal(char c) noexcept {
  if (is_digit(c)) return static_cast<std::uint32_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<std::uint32_t>(c - 'a') + 10;
  if (c >= 'A' && c <= 'F') return static_cast<std::uint32_t>(c - 'A') + 10;
  return 16;
}

std::string hex_byte(char c) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(c);
  return std::string("0x") + kDigits[byte / 16] + kDigits[byte % 16];
}

void append_utf8(std::uint32_t code, std::string& out) {
  const auto tail = [&](unsigned shift) { out += static_cast<char>(0x80U | ((code >> shift) & 0x3FU)); };
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0U | (code >> 6U));
    tail(0);
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0U | (code >> 12U));
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xF0U | (code >> 18U));
    tail(12);
    tail(6);
    tail(0);
  }
}

/// How many bytes the character at the beginning has; 0 when it is no UTF-8 (cut, too long, a surrogate, past
/// U+10FFFF).
std::size_t utf8_length(std::string_view text) noexcept {
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if (!is_continuation(text[i])) return 0;
  }
  const auto second = static_cast<unsigned char>(text[1]);
  const bool is_wrong = (first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) ||
                        (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F);
  return is_wrong ? 0 : length;
}

}  // namespace

std::string JsonCursor::found() const {
  if (at_end()) return "the end of the text";
  const char c = peek();
  if (c > 0x20 && c < 0x7F) return std::string("'") + c + "'";
  if (text_.substr(at_).starts_with("\xEF\xBB\xBF")) return "a byte order mark";
  return "byte " + hex_byte(c);
}

void JsonCursor::advance() noexcept {
  if (text_[at_] == '\n') {
    ++place_.line;
    place_.column = 1;
  } else if (!is_continuation(text_[at_])) {
    ++place_.column;
  }
  ++at_;
}

void JsonCursor::skip_space() noexcept {
  while (!at_end() && (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r')) advance();
}

bool JsonCursor::take(std::string_view word) noexcept {
  const std::string_view rest = text_.substr(at_);
  if (!rest.starts_with(word)) return false;
  if (rest.size() > word.size() && (is_letter(rest[word.size()]) || is_digit(rest[word.size()]))) return false;
  for (std::size_t i = 0; i < word.size(); ++i) advance();
  return true;
}

std::optional<std::string> JsonCursor::string(std::string& out) {
  const JsonPlace begin = place_;
  advance();
  while (!at_end()) {
    if (peek() == '"') {
      advance();
      return std::nullopt;
    }
    if (auto wrong = peek() == '\\' ? escape(out) : character(out)) return wrong;
  }
  return "the string that begins in line " + std::to_string(begin.line) + ", column " + std::to_string(begin.column) +
         " has no end";
}

std::optional<std::string> JsonCursor::character(std::string& out) {
  if (static_cast<unsigned char>(peek()) < 0x20)
    return "byte " + hex_byte(peek()) + " in a string is written as an escape";
  const std::size_t length = utf8_length(text_.substr(at_));
  if (length == 0) return "byte " + hex_byte(peek()) + " is not UTF-8";
  for (std::size_t i = 0; i < length; ++i) {
    out += peek();
    advance();
  }
  return std::nullopt;
}

std::optional<std::string> JsonCursor::escape(std::string& out) {
  constexpr std::string_view kNames = "\"\\/bfnrtu";
  constexpr std::string_view kValues = "\"\\/\b\f\n\r\t";
  advance();
  const auto at = at_end() ? std::string_view::npos : kNames.find(peek());
  if (at == std::string_view::npos) return "escape of " + found() + " is not one of \" \\ / b f n r t u";
  advance();
  if (at == kValues.size()) return unicode_escape(out);
  out += kValues[at];
  return std::nullopt;
}

std::optional<std::string> JsonCursor::four_digits(std::uint32_t& unit) {
  unit = 0;
  for (int i = 0; i < 4; ++i) {
    const std::uint32_t digit = hexadecimal(peek());
    if (digit == 16) return "expected four hexadecimal digits behind \\u, found " + found();
    unit = unit * 16 + digit;
    advance();
  }
  return std::nullopt;
}

std::optional<std::string> JsonCursor::unicode_escape(std::string& out) {
  std::uint32_t code = 0;
  if (auto wrong = four_digits(code)) return wrong;
  if (is_low_surrogate(code)) return "\\u escape of a low surrogate without a high one before it";
  if (is_high_surrogate(code)) {
    std::uint32_t low = 0;
    if (!text_.substr(at_).starts_with("\\u")) return "\\u escape of a high surrogate without a low one behind it";
    advance();
    advance();
    if (auto wrong = four_digits(low)) return wrong;
    if (!is_low_surrogate(low)) return "\\u escape of a high surrogate without a low one behind it";
    code = 0x10000 + ((code - 0xD800) << 10U) + (low - 0xDC00);
  }
  append_utf8(code, out);
  return std::nullopt;
}

std::size_t JsonCursor::digits(std::string& out) {
  const std::size_t before = out.size();
  while (is_digit(peek())) {
    out += peek();
    advance();
  }
  return out.size() - before;
}

std::optional<std::string> JsonCursor::number(std::string& out) {
  const auto copy = [&] {
    out += peek();
    advance();
  };
  if (peek() == '-') copy();
  const bool has_zero = peek() == '0';
  const std::size_t whole = digits(out);
  if (whole == 0) return "expected a digit, found " + found();
  if (has_zero && whole > 1) return "number " + out + " begins with a zero";
  if (peek() == '.') {
    copy();
    if (digits(out) == 0) return "expected a digit behind the point, found " + found();
  }
  if (peek() == 'e' || peek() == 'E') {
    copy();
    if (peek() == '+' || peek() == '-') copy();
    if (digits(out) == 0) return "expected a digit of the exponent, found " + found();
  }
  if (is_letter(peek())) return "expected the end of the number, found " + found();
  return std::nullopt;
}

}  // namespace cleave::plan
