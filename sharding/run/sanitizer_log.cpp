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

std::string name_of(const RunContext& context, std::uint32_t item) {
  const plan::TestList& list = context.frame.list;
  return plan::full_name(list.tests[context.plan.items[item].index], list.framework);
}

}  // namespace

std::string SanitizerLog::printed(const RunContext& context, const os::Fd& output, std::uint64_t end) const {
  auto bytes = os::read_at(output.get(), 0, static_cast<std::size_t>(std::min(end, kMostOutput)));
  if (!bytes) return {};
  const plan::SanitizerReport report = plan::first_sanitizer_report(*bytes);
  // valgrind prints where the run was started, and a static destructor nowhere: then what is known is what ran.
  const std::string alone = tests_.size() == 1 ? "It ran one test, " + name_of(context, tests_[0].item) : "";
  if (report.text.empty()) return alone.empty() ? "" : alone + ".\n";
  const auto test = std::find_if(tests_.begin(), tests_.end(), [&](const Test& one) {
    return one.begin <= report.offset && report.offset < one.end;
  });
  std::string when = alone.empty() ? "It printed:\n" : alone + ", and printed:\n";
  if (test != tests_.end()) {
    when = "While " + name_of(context, test->item) + " ran it printed:\n";
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
