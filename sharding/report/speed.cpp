#include "report/speed.hpp"

#include <algorithm>
#include <vector>

#include "report/rows.hpp"
#include "report/text.hpp"

namespace cleave::report {
namespace {

/// Shorter runs are over before anybody has read why they took so long.
constexpr std::chrono::seconds kWorthALook{1};
constexpr std::size_t kSlowest = 5;
constexpr std::size_t kSlowestOnOneLine = 3;

std::string percent(Nanoseconds part, Nanoseconds whole) { return std::to_string(part * 100 / whole) + " %"; }

std::string time_line(const Efficiency& e) {
  const auto above = std::max<long long>(0, static_cast<long long>(e.above_bound() * 100 + 0.5));
  std::string line = "  time       ";
  if (e.predicted > Nanoseconds{}) line += "predicted " + duration_text(e.predicted) + ", ";
  return line + "took " + duration_text(e.took) + ": " + std::to_string(above) + " % above the " +
         duration_text(e.bound) + " that no schedule beats (" + bound_text(e) + ")\n";
}

}  // namespace

std::vector<SlowTest> slowest_tests(const RunReport& report, std::size_t count) {
  std::vector<SlowTest> all;
  for (const RowView& view : reported_rows(report)) {
    Nanoseconds longest{};
    for (const Attempt& attempt : view.row->attempts) longest = std::max(longest, attempt.duration);
    if (longest > Nanoseconds{}) all.push_back({view.test, longest});
  }
  const auto middle = all.begin() + static_cast<std::ptrdiff_t>(std::min(count, all.size()));
  std::partial_sort(all.begin(), middle, all.end(), [](const SlowTest& a, const SlowTest& b) {
    return a.duration != b.duration ? a.duration > b.duration : a.test->position < b.test->position;
  });
  all.erase(middle, all.end());
  return all;
}

std::string speed_lines(const RunReport& report, Detail detail) {
  std::string out;
  const bool verbose = detail == Detail::verbose;
  if (detail == Detail::quiet || report.wall <= Nanoseconds{} || (!verbose && report.wall < kWorthALook)) return out;
  std::vector<SlowTest> slow = slowest_tests(report, verbose ? kSlowest : kSlowestOnOneLine);
  // In passing only those that matter: a tenth of the run, the first of them a fifth.
  if (!verbose) {
    if (!slow.empty() && slow.front().duration * 5 < report.wall) slow.clear();
    std::erase_if(slow, [&](const SlowTest& test) { return test.duration * 10 < report.wall; });
  }
  for (std::size_t i = 0; i < slow.size(); ++i) {
    const std::string name = one_line(plan::full_name(*slow[i].test, report.list.framework));
    const std::string share = percent(slow[i].duration, report.wall);
    out += verbose || i == 0 ? "  slowest    " : ", ";
    out += name + "  " + duration_text(slow[i].duration) + (verbose ? "  (" + share + " of the run)\n" : "");
  }
  if (!verbose && !slow.empty()) out += '\n';
  if (report.efficiency && report.efficiency->lanes > 1) {
    out += time_line(*report.efficiency);
    if (!report.efficiency->advice.empty()) out += "  faster     " + one_line(report.efficiency->advice) + "\n";
  }
  return out;
}

}  // namespace cleave::report
