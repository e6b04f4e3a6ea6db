#include "cli/console_relay.hpp"

#include <utility>

namespace cleave::cli {

std::string ConsoleRelay::whole() {
  constexpr std::string_view kLastLine = "  reproduce: ";
  const std::size_t end = held_.rfind('\n');
  if (end == std::string::npos) return {};
  std::size_t last = end == 0 ? std::string::npos : held_.rfind('\n', end - 1);
  last = last == std::string::npos ? 0 : last + 1;
  std::size_t cut = end + 1;
  if (held_.compare(last, kLastLine.size(), kLastLine) != 0) {
    // From the newest line on that is not indented.
    cut = 0;
    for (std::size_t at = 0; at < end; at = held_.find('\n', at) + 1) {
      if (held_[at] != ' ' && held_[at] != '\n') cut = at;
    }
  }
  std::string text = held_.substr(0, cut);
  held_.erase(0, cut);
  return text;
}

std::string ConsoleRelay::rest() {
  std::string text = std::exchange(held_, {});
  if (!text.empty() && text.back() != '\n') text += '\n';
  return text;
}

}  // namespace cleave::cli
