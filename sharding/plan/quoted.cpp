#include "plan/quoted.hpp"

namespace cleave::plan {
namespace {

constexpr std::size_t kLongest = 200;

bool is_continuation(char byte) noexcept { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80; }

}  // namespace

std::string shown(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::size_t end = text.size();
  if (end > kLongest) {
    end = kLongest;
    while (end > 0 && is_continuation(text[end])) --end;
  }
  std::string result;
  for (const char c : text.substr(0, end)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7F) {
      result += c;
    } else {
      result += "\\x";
      result += kDigits[byte / 16];
      result += kDigits[byte % 16];
    }
  }
  return end < text.size() ? result + "…" : result;
}

std::string quoted(std::string_view text) { return "'" + shown(text) + "'"; }

}  // namespace cleave::plan
