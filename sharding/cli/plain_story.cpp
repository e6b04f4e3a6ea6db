#include "cli/plain_story.hpp"

namespace cleave::cli {
namespace {

constexpr std::string_view kRun = "[ RUN      ] ";
constexpr std::string_view kCase = "<TestCase ";

}  // namespace

std::size_t starts_in(std::string_view text, Framework framework) {
  const std::string_view mark = framework == Framework::gtest ? kRun : kCase;
  std::size_t count = 0;
  for (auto at = text.find(mark); at != std::string_view::npos; at = text.find(mark, at + 1)) ++count;
  return count;
}

report::Output kept_output(std::string_view bytes) {
  constexpr std::size_t kKept = 32768;
  report::Output output;
  output.total = bytes.size();
  const bool whole = bytes.size() <= 2 * kKept;
  output.head = bytes.substr(0, whole ? bytes.size() : kKept);
  if (!whole) output.tail = bytes.substr(bytes.size() - kKept);
  return output;
}

}  // namespace cleave::cli
