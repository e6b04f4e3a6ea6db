#include "run/sanitizer_log.hpp"

#include <algorithm>

#include "os/file.hpp"
#include "os/machine.hpp"
#include "plan/sanitizer_report.hpp"

namespace cleave::run {
namespace {

/// So much of the worker's output is searched.
constexpr std::uint64_t kMostOutput = 8 << 20;
constexpr std::size_t kMostLog = 64 << 10;

}  // namespace

std::string SanitizerLog::printed(const RunContext& context, const os::Fd& output, std::uint64_t end) const {
  auto bytes = os::read_at(output.get(), 0, static_cast<std::size_t>(std::min(end, kMostOutput)));
  if (!bytes) return {};
  const plan::SanitizerReport report = plan::first_sanitizer_report(*bytes);
  if (report.text.empty()) return {};
  const auto test = std::find_if(tests_.begin(), tests_.end(), [&](const Test& one) {
    return one.begin <= report.offset && report.offset < one.end;
  });
  std::string when = "It printed:\n";
  if (test != tests_.end()) {
    const plan::TestCase& one = context.frame.list.tests[context.plan.items[test->item].index];
    when = "While " + plan::full_name(one, context.frame.list.framework) + " ran it printed:\n";
  }
  return when + report.text + "\n";
}

std::string SanitizerLog::written(int pid) {
  std::string all;
  for (const std::string& path : plan::sanitizer_logs(os::all_environment(), pid)) {
    auto text = os::read_file(path);
    if (!text || text->empty()) continue;
    if (text->size() > kMostLog) text->replace(kMostLog, std::string::npos, "\n… and more\n");
    all += path + ":\n" + *text;
  }
  return all;
}

}  // namespace cleave::run
