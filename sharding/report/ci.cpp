#include "report/ci.hpp"

#include <algorithm>

namespace cleave::report {
namespace {

void take_apart(std::string& text, std::string_view command, std::size_t after) {
  for (std::size_t at = text.find(command); at != std::string::npos; at = text.find(command, at + 1)) {
    text.insert(at + after, " ");
  }
}

}  // namespace

std::string without_ci_commands(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    std::string line(text.substr(0, end));
    // GitHub looks at the first characters of a line that are no space.
    const std::size_t first = line.find_first_not_of(" \t\v\f\r");
    if (first != std::string::npos && line.compare(first, 2, "::") == 0) line.insert(first + 1, " ");
    take_apart(line, "##[", 1);
    take_apart(line, "##teamcity[", 2);
    out += line;
    text.remove_prefix(end);
  }
  return out;
}

std::string path_in_checkout(std::string_view file, std::string_view checkout) {
  while (checkout.ends_with('/')) checkout.remove_suffix(1);
  if (!checkout.empty() && file.starts_with(checkout) && file.substr(checkout.size()).starts_with('/')) {
    return std::string(file.substr(checkout.size() + 1));
  }
  while (file.starts_with("../") || file.starts_with("./")) file.remove_prefix(file.find('/') + 1);
  return std::string(file);
}

}  // namespace cleave::report
