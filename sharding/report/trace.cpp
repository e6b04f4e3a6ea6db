#include "report/trace.hpp"

#include <algorithm>
#include <map>

#include "report/json_writer.hpp"
#include "report/lanes.hpp"
#include "report/text.hpp"

namespace cleave::report {
namespace {

constexpr std::int64_t kProcess = 1;
constexpr std::size_t kMostSteps = 4000;

/// Whole, rounded down: what does not overlap in nanoseconds does not overlap in microseconds then.
std::int64_t microseconds(Nanoseconds value) {
  return std::chrono::duration_cast<std::chrono::microseconds>(value).count();
}

/// Names of colours that every reader of the format knows.
std::string_view colour_of(plan::Outcome outcome) {
  if (outcome == plan::Outcome::passed) return "good";
  if (plan::is_green(outcome)) return "grey";
  return outcome == plan::Outcome::timed_out ? "bad" : "terrible";
}

void begin(JsonWriter& json, std::string_view phase, std::string_view name, std::int64_t thread) {
  json.begin_object();
  json.member("ph", phase);
  json.member("pid", kProcess);
  json.member("tid", thread);
  json.member("name", name);
}

void name_thread(JsonWriter& json, std::string_view what, std::int64_t thread, std::string_view name) {
  begin(json, "M", what, thread);
  json.key("args");
  json.begin_object();
  json.member("name", name);
  json.end_object();
  json.end_object();
}

void sort_thread(JsonWriter& json, std::int64_t thread) {
  begin(json, "M", "thread_sort_index", thread);
  json.key("args");
  json.begin_object();
  json.member("sort_index", thread);
  json.end_object();
  json.end_object();
}

void write(JsonWriter& json, const RunReport& report, const Slice& slice, std::int64_t thread) {
  const bool start = slice.attempt == nullptr;
  begin(json, "X", start ? "start of a worker" : plan::full_name(*slice.view->test, report.list.framework), thread);
  json.member("cat", start ? "set-up" : plan::name_of(slice.attempt->outcome));
  json.member("ts", microseconds(slice.start));
  json.member("dur", microseconds(slice.start + slice.duration) - microseconds(slice.start));
  json.member("cname", start ? "grey" : colour_of(slice.attempt->outcome));
  json.key("args");
  json.begin_object();
  if (!start) {
    const Attempt& attempt = *slice.attempt;
    json.member("outcome", plan::name_of(attempt.outcome));
    json.member("attempt", std::int64_t{attempt.attempt});
    if (attempt.repetition > 0) json.member("repetition", std::int64_t{attempt.repetition});
    json.member("worker", std::int64_t{attempt.worker});
    const std::string place = location_text(slice.view->test->file, slice.view->test->line);
    if (!place.empty()) json.member("place", place);
    if (!plan::is_green(attempt.outcome)) json.member("why", attempt_headline(attempt));
    if (slice.view->row->flaky) json.member("flaky", slice.view->row->cause);
  }
  json.end_object();
  json.end_object();
}

/// A mark on one lane (scope "t") or across the process (scope "p").
void write_mark(JsonWriter& json, std::string_view category, std::string_view name, std::string_view scope,
                std::int64_t thread, Nanoseconds when) {
  begin(json, "i", name, thread);
  json.member("cat", category);
  json.member("s", scope);
  json.member("ts", microseconds(std::max(when, Nanoseconds{})));
  json.end_object();
}

using Change = std::pair<Nanoseconds, std::int64_t>;

/// When one test more runs, or one less. Those of a lane come in order, so that they need only be merged; in which
/// order those of one moment stand says nothing.
std::vector<Change> changes_of(const std::vector<Lane>& lanes) {
  std::vector<Change> changes;
  std::vector<std::ptrdiff_t> ends{0};  // Of each lane's changes.
  for (const Lane& lane : lanes) {
    for (const Slice& slice : lane.slices) {
      if (slice.attempt == nullptr) continue;
      changes.emplace_back(slice.start, 1);
      changes.emplace_back(slice.start + slice.duration, -1);
    }
    ends.push_back(static_cast<std::ptrdiff_t>(changes.size()));
  }
  const auto earlier = [](const Change& a, const Change& b) { return a.first < b.first; };
  for (std::size_t step = 1; step + 1 < ends.size(); step *= 2) {
    for (std::size_t lane = 0; lane + step + 1 < ends.size(); lane += 2 * step) {
      const auto at = [&](std::size_t end) { return changes.begin() + ends[std::min(end, ends.size() - 1)]; };
      std::inplace_merge(at(lane), at(lane + step), at(lane + 2 * step), earlier);
    }
  }
  return changes;
}

/// How many tests run from when on. Of steps that are close together only the last is kept.
std::vector<Change> running_tests(const std::vector<Lane>& lanes) {
  const std::vector<Change> changes = changes_of(lanes);
  std::vector<Change> steps;
  const Nanoseconds close = changes.empty() ? Nanoseconds{} : (changes.back().first / static_cast<int>(kMostSteps));
  std::int64_t now = 0;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    now += changes[i].second;
    if (i + 1 < changes.size() && !steps.empty() && changes[i + 1].first - steps.back().first < close) continue;
    if (i + 1 < changes.size() && changes[i + 1].first == changes[i].first) continue;
    steps.emplace_back(changes[i].first, now);
  }
  return steps;
}

std::string write_whole(JsonWriter json, const RunReport& report) {
  const std::vector<RowView> views = reported_rows(report);
  const std::vector<Lane> lanes = lanes_of(report, views);
  json.begin_object();
  json.member("displayTimeUnit", "ms");
  json.key("otherData");
  json.begin_object();
  json.member("run_id", report.run_id);
  json.member("target", report.target);
  json.member("host", report.host);
  json.member("start", iso8601(report.start));
  json.end_object();
  json.key("traceEvents");
  json.begin_array();
  name_thread(json, "process_name", 0, report.target);
  std::map<std::string, std::int64_t, std::less<>> threads;
  for (const Lane& lane : lanes) {
    const auto thread = static_cast<std::int64_t>(threads.size() + 1);
    threads.emplace(lane.shard, thread);
    name_thread(json, "thread_name", thread, lane.shard);
    sort_thread(json, thread);
    for (const Slice& slice : lane.slices) write(json, report, slice, thread);
  }
  for (const SuiteCost& cost : report.costs) {
    const auto thread = threads.find(cost.shard);
    if (cost.suite.empty() || thread == threads.end()) continue;
    const std::string name = "set-up and tear-down of " + cost.suite + ": " + duration_text(cost.duration);
    write_mark(json, "set-up", name, "t", thread->second, cost.when - report.start);
  }
  for (const Problem& problem : report.problems) {
    write_mark(json, problem.warning ? "warning" : "problem", problem.title, "p", 0, problem.when - report.start);
  }
  for (const auto& [when, count] : running_tests(lanes)) {
    begin(json, "C", "running", 0);
    json.member("ts", microseconds(when));
    json.key("args");
    json.begin_object();
    json.member("tests", count);
    json.end_object();
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return std::move(json).take();
}

constexpr int kBrokenLines = 2;  // One event a line.

}  // namespace

std::string trace_json(const RunReport& report) { return write_whole(JsonWriter(kBrokenLines), report); }

void trace_json(const RunReport& report, const Pieces& pieces) {
  write_whole(JsonWriter(kBrokenLines, pieces), report);
}

}  // namespace cleave::report
