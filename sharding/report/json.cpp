#include "report/json.hpp"

#include "report/json_parts.hpp"
#include "report/json_writer.hpp"
#include "report/rows.hpp"
#include "report/text.hpp"

namespace cleave::report {
namespace {

std::string_view kind_word(MessageKind kind) {
  switch (kind) {
    case MessageKind::failure: return "failure";
    case MessageKind::fatal_failure: return "fatal_failure";
    case MessageKind::skip: return "skip";
    case MessageKind::note: return "note";
  }
  return "note";
}

void write_moment(JsonWriter& json, UnixTime moment) {
  const Iso8601 characters = iso8601_characters(moment);
  json.string({characters.data(), characters.size()});
}

void write(JsonWriter& json, const std::vector<Message>& messages) {
  json.key("messages");
  json.begin_array();
  for (const Message& message : messages) {
    json.begin_object();
    json.member("kind", kind_word(message.kind));
    json.member("file", message.file);
    json.member("line", std::int64_t{message.line});
    json.member("text", message.text);
    json.end_object();
  }
  json.end_array();
}

void write(JsonWriter& json, const Properties& properties) {
  json.key("properties");
  json.begin_object();
  for (const auto& [key, value] : unique_properties(properties)) json.member(key, value);
  json.end_object();
}

void write(JsonWriter& json, const Output& output) {
  json.key("output");
  json.begin_object();
  json.member("head", output.head);
  json.member("tail", output.tail);
  json.member("total", static_cast<std::int64_t>(output.total));
  json.end_object();
}

void write(JsonWriter& json, const Attempt& attempt) {
  json.begin_object();
  json.member("outcome", outcome_word(attempt.outcome));
  json.member("repetition", std::int64_t{attempt.repetition});
  json.member("attempt", std::int64_t{attempt.attempt});
  json.member("shard", attempt.shard);
  json.key("start");
  write_moment(json, attempt.start);
  json.key("seconds");
  json.seconds(attempt.duration);
  json.member("reason", attempt.reason);
  write(json, attempt.messages);
  write(json, attempt.properties);
  write(json, attempt.output);
  json.member("files", attempt.files);
  json.member("stacks", attempt.stacks);
  json.member("rung", plan::name_of(attempt.rung));
  json.key("cached");
  json.boolean(attempt.cached);
  json.end_object();
}

void write(JsonWriter& json, const RunReport& report, const RowView& view) {
  const plan::TestCase& test = *view.test;
  json.begin_object();
  json.member("suite", test.suite);
  json.member("name", test.name);
  json.member("full_name", plan::full_name(test, report.list.framework));
  json.member("file", test.file);
  json.member("line", std::int64_t{test.line});
  json.member("type_param", test.type_param);
  json.member("value_param", test.value_param);
  json.key("tags");
  json.begin_array();
  for (const std::string& tag : test.tags) json.string(tag);
  json.end_array();
  json.member("outcome", outcome_word(view.outcome));
  json.key("flaky");
  json.boolean(view.row->flaky);
  json.member("cause", view.row->cause);
  json.member("quarantine", view.row->quarantine);
  json.key("attempts");
  json.begin_array();
  for (const Attempt& attempt : view.row->attempts) write(json, attempt);
  json.end_array();
  json.end_object();
}

void write(JsonWriter& json, const Problem& problem) {
  json.begin_object();
  json.member("title", problem.title);
  json.member("suite", problem.suite);
  json.member("detail", problem.detail);
  json.member("shard", problem.shard);
  json.key("when");
  write_moment(json, problem.when);
  json.key("warning");
  json.boolean(problem.warning);
  json.key("run_broken");
  json.boolean(problem.run_broken);
  write(json, problem.messages);
  write(json, problem.output);
  json.end_object();
}

void write(JsonWriter& json, const Efficiency& efficiency) {
  json.key("efficiency");
  json.begin_object();
  const auto seconds = [&](std::string_view name, Nanoseconds value) {
    json.key(name);
    json.seconds(value);
  };
  json.member("lanes", std::int64_t{efficiency.lanes});
  seconds("took_seconds", efficiency.took);
  seconds("predicted_seconds", efficiency.predicted);
  seconds("bound_seconds", efficiency.bound);
  json.member("bound_cause", name_of(efficiency.cause));
  json.member("bound_by", efficiency.bound_by);
  seconds("work_seconds", efficiency.work);
  seconds("serial_seconds", efficiency.serial);
  seconds("set_up_seconds", efficiency.set_ups);
  seconds("repeated_set_up_seconds", efficiency.repeated_set_ups);
  seconds("start_seconds", efficiency.starts);
  seconds("before_first_test_seconds", efficiency.before_first);
  json.member("advice", efficiency.advice);
  seconds("advice_saves_seconds", efficiency.saves);
  json.end_object();
}

void write_head(JsonWriter& json, const RunReport& report) {
  json.member("schema", std::int64_t{kJsonReportVersion});
  json.member("run_id", report.run_id);
  json.member("target", report.target);
  json.member("binary", report.binary);
  json.member("host", report.host);
  json.member("framework", report.list.framework);
  json.member("framework_version", report.list.framework_version);
  json.key("start");
  write_moment(json, report.start);
  json.key("wall_seconds");
  json.seconds(report.wall);
  json.member("shards", std::int64_t{report.shard_count});
  json.member("repeat", std::int64_t{report.list.repeat});
  json.member("seed", std::int64_t{report.list.seed});
  json.key("shuffled");
  json.boolean(report.list.shuffled);
  json.member("exit_code", std::int64_t{exit_code_of(report)});
  json.member("interrupted_by", report.interrupted_by);
  json.key("totals");
  write_totals(json, totals_of(report));
  if (report.efficiency) write(json, *report.efficiency);
}

constexpr int kBrokenLines = 2;  // One line a test: the file can be read and searched by line.

std::string write_whole(JsonWriter json, const RunReport& report) {
  json.begin_object();
  write_head(json, report);
  write(json, report.run_properties);
  json.key("suites");
  json.begin_array();
  for (const SuiteView& suite : reported_suites(report)) {
    json.begin_object();
    json.member("name", suite.name);
    write(json, suite.properties);
    json.end_object();
  }
  json.end_array();
  json.key("tests");
  json.begin_array();
  for (const RowView& view : reported_rows(report)) write(json, report, view);
  json.end_array();
  json.key("problems");
  json.begin_array();
  for (const Problem& problem : report.problems) write(json, problem);
  json.end_array();
  json.key("notes");
  json.begin_array();
  for (const std::string& note : report.notes) json.string(note);
  json.end_array();
  json.end_object();
  return std::move(json).take();
}

}  // namespace

std::string json_report(const RunReport& report) { return write_whole(JsonWriter(kBrokenLines), report); }

void json_report(const RunReport& report, const Pieces& pieces) {
  write_whole(JsonWriter(kBrokenLines, pieces), report);
}

}  // namespace cleave::report
