#include "plan/width.hpp"

#include <algorithm>
#include <charconv>
#include <initializer_list>

namespace cleave::plan {
namespace {

std::uint32_t width_in(std::string_view text) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error != std::errc() || end != text.data() + text.size() || number == 0 ? kNoLimit : number;
}

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> all) {
  return std::find(all.begin(), all.end(), word) != all.end();
}

}  // namespace

std::uint32_t ctest_width(const std::vector<std::string>& arguments, std::optional<std::string_view> level) {
  if (arguments.empty()) return kNoLimit;
  const std::string_view program = arguments.front();
  if (!program.substr(program.rfind('/') + 1).starts_with("ctest")) return kNoLimit;

  std::optional<std::uint32_t> said;
  bool elsewhere = false;
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    const std::string_view word = arguments[i];
    if (is_one_of(word, {"-S", "-SP", "--script", "--script-new-process"})) return kNoLimit;
    if (word.starts_with("--preset")) elsewhere = true;
    if (is_one_of(word, {"-j", "--parallel"})) {
      said = i + 1 < arguments.size() ? width_in(arguments[i + 1]) : kNoLimit;
    } else if (word.starts_with("--parallel=")) {
      said = width_in(word.substr(word.find('=') + 1));
    } else if (word.starts_with("-j")) {
      said = width_in(word.substr(2));
    }
  }
  if (said) return *said;
  if (elsewhere) return kNoLimit;
  return level ? width_in(*level) : 1;
}

unsigned share_of(unsigned cpus, std::uint32_t width) { return std::max(1U, cpus / std::max(1U, width)); }

}  // namespace cleave::plan
