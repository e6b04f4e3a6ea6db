#include "cli/plain_story.hpp"

#include <algorithm>
#include <array>

#include "report/xml_scan.hpp"

namespace cleave::cli {
namespace {

constexpr std::string_view kRun = "[ RUN      ] ";
constexpr std::array<std::string_view, 3> kEnds{"[       OK ] ", "[  FAILED  ] ", "[  SKIPPED ] "};
constexpr std::string_view kCase = "<TestCase ";
constexpr std::string_view kCaseEnd = "</TestCase>";
/// A line that is longer than that is looked at in pieces.
constexpr std::size_t kLongestLine = 65536;

}  // namespace

void StoryWatch::read_line(std::string_view line) {
  const bool gtest = framework_ == Framework::gtest;
  const std::string_view mark = gtest ? kRun : kCase;
  if (const auto at = line.find(mark); at != std::string_view::npos) {
    ++starts_;
    const std::string_view name = line.substr(at + mark.size());
    running_ =
        gtest ? std::string(name.substr(0, name.find_first_of("\r\n"))) : report::attribute_of(line.substr(at), "name");
    return;
  }
  if (running_.empty()) return;
  const auto ends = [&](std::string_view end) {
    const auto at = line.find(end);
    return at != std::string_view::npos && (!gtest || line.substr(at + end.size()).starts_with(running_));
  };
  if (!(gtest ? std::ranges::any_of(kEnds, ends) : ends(kCaseEnd))) return;
  ++ends_;
  running_.clear();
}

std::size_t StoryWatch::read(std::string_view more) {
  std::size_t taken = 0;
  for (auto end = more.find('\n'); end != std::string_view::npos; end = more.find('\n', taken)) {
    read_line(more.substr(taken, end - taken));
    taken = end + 1;
  }
  return more.size() - taken > kLongestLine ? more.size() : taken;
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
