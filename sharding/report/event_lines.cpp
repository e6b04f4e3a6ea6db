#include "report/event_lines.hpp"

#include <algorithm>

#include "report/json_parts.hpp"
#include "report/json_writer.hpp"
#include "report/rows.hpp"
#include "report/text.hpp"

namespace cleave::report {
namespace {

/// Long enough to say why, short enough that a line of ordinary names goes into a pipe as a whole (4,096 bytes).
constexpr std::size_t kMostText = 1000;

/// Never cuts a character in two.
std::string shortened(std::string text) {
  if (text.size() <= kMostText) return text;
  std::size_t end = kMostText;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "…";
}

JsonWriter begin(std::string_view event, const RunReport& frame, UnixTime when) {
  JsonWriter json(0);
  json.begin_object();
  json.member("event", event);
  json.member("time", iso8601(when));
  json.member("run_id", frame.run_id);
  json.member("target", frame.target);
  return json;
}

void write_identity(JsonWriter& json, const RunReport& frame, const plan::TestCase& test) {
  json.member("suite", test.suite);
  json.member("name", test.name);
  json.member("full_name", plan::full_name(test, frame.list.framework));
  json.member("file", test.file);
  json.member("line", std::int64_t{test.line});
}

std::string end(JsonWriter&& json) {
  json.end_object();
  return std::move(json).take();
}

}  // namespace

std::string run_begin_line(const RunReport& frame) {
  const auto& tests = frame.list.tests;
  JsonWriter json = begin("run_begin", frame, frame.start);
  json.member("schema", std::int64_t{kEventLinesVersion});
  json.member("binary", frame.binary);
  json.member("framework", frame.list.framework);
  json.member("shards", std::int64_t{frame.shard_count});
  json.member("tests", std::count_if(tests.begin(), tests.end(), [](const plan::TestCase& t) { return t.selected; }));
  return end(std::move(json));
}

std::string test_left_out_line(const RunReport& frame, const plan::TestCase& test, bool cached) {
  JsonWriter json = begin("test_left_out", frame, frame.start);
  write_identity(json, frame, test);
  json.member("outcome", outcome_word(cached ? plan::Outcome::passed : plan::Outcome::disabled));
  json.member("why", cached ? "cached" : "disabled");
  return end(std::move(json));
}

std::string test_begin_line(const RunReport& frame, const plan::Item& item, const TestBegin& record) {
  JsonWriter json = begin("test_begin", frame, record.when);
  write_identity(json, frame, frame.list.tests[item.index]);
  json.member("shard", record.shard);
  json.member("attempt", std::int64_t{record.attempt});
  json.member("repetition", std::int64_t{item.repetition});
  json.member("pid", std::int64_t{record.pid});
  return end(std::move(json));
}

std::string test_end_line(const RunReport& frame, const plan::TestCase& test, const Attempt& attempt, bool began) {
  JsonWriter json = begin("test_end", frame, attempt.start + attempt.duration);
  write_identity(json, frame, test);
  json.member("outcome", outcome_word(attempt.outcome));
  json.key("seconds");
  json.seconds(attempt.duration);
  json.member("shard", attempt.shard);
  json.member("attempt", std::int64_t{attempt.attempt});
  json.member("repetition", std::int64_t{attempt.repetition});
  json.key("tried_again");
  json.boolean(attempt.tried_again);
  json.key("began");
  json.boolean(began);
  json.member("why", plan::is_green(attempt.outcome) ? "" : shortened(attempt_headline(attempt)));
  return end(std::move(json));
}

std::string problem_line(const RunReport& frame, const Problem& problem) {
  JsonWriter json = begin("problem", frame, problem.when);
  json.member("title", problem.title);
  json.member("suite", problem.suite);
  json.member("shard", problem.shard);
  json.member("detail", shortened(problem_text(problem)));
  json.key("warning");
  json.boolean(problem.warning);
  json.key("run_broken");
  json.boolean(problem.run_broken);
  return end(std::move(json));
}

std::string run_end_line(const RunReport& report) {
  JsonWriter json = begin("run_end", report, report.start + report.wall);
  json.member("exit_code", std::int64_t{exit_code_of(report)});
  json.member("interrupted_by", report.interrupted_by);
  json.key("wall_seconds");
  json.seconds(report.wall);
  json.key("totals");
  write_totals(json, totals_of(report));
  return end(std::move(json));
}

}  // namespace cleave::report
