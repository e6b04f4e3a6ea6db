#include "cli/report_file.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <nlohmann/json.hpp>

#include "plan/seconds.hpp"
#include "report/json.hpp"

namespace cleave::cli {
namespace {

/// Keeps the order of properties.
using Json = nlohmann::ordered_json;

std::chrono::nanoseconds seconds_of(const Json& seconds) {
  return plan::nanoseconds_of(seconds.get<double>());
}

/// "2024-02-29T23:59:58.123Z".
report::UnixTime time_of(const std::string& text) {
  std::tm utc{};
  unsigned millis = 0;
  if (std::sscanf(text.c_str(), "%d-%d-%dT%d:%d:%d.%3uZ", &utc.tm_year, &utc.tm_mon, &utc.tm_mday, &utc.tm_hour,
                  &utc.tm_min, &utc.tm_sec, &millis) != 7)
    return {};
  const auto within = [](int value, int low, int high) { return value >= low && value <= high; };
  if (!within(utc.tm_year, 1970, 2200) || !within(utc.tm_mon, 1, 12) || !within(utc.tm_mday, 1, 31) ||
      !within(utc.tm_hour, 0, 23) || !within(utc.tm_min, 0, 59) || !within(utc.tm_sec, 0, 60))
    return {};
  utc.tm_year -= 1900;
  utc.tm_mon -= 1;
  return std::chrono::seconds(::timegm(&utc)) + std::chrono::milliseconds(millis);
}

plan::Outcome outcome_of(const std::string& word) {
  for (std::uint8_t i = 0; i <= static_cast<std::uint8_t>(plan::Outcome::not_run); ++i) {
    const auto outcome = static_cast<plan::Outcome>(i);
    std::string name(plan::name_of(outcome));
    for (char& c : name) c = c == ' ' ? '_' : c;
    if (name == word) return outcome;
  }
  // What this version does not know is never green.
  return plan::Outcome::not_run;
}

report::MessageKind kind_of(const std::string& word) {
  if (word == "failure") return report::MessageKind::failure;
  if (word == "fatal_failure") return report::MessageKind::fatal_failure;
  return word == "skip" ? report::MessageKind::skip : report::MessageKind::note;
}

plan::Rung rung_of(const std::string& name) {
  for (const plan::Rung rung : {plan::Rung::same_process, plan::Rung::fresh_process, plan::Rung::alone}) {
    if (plan::name_of(rung) == name) return rung;
  }
  return plan::Rung::first;
}

std::vector<report::Message> messages_of(const Json& all) {
  std::vector<report::Message> messages;
  for (const Json& one : all) {
    report::Message message;
    message.kind = kind_of(one.at("kind").get<std::string>());
    message.file = one.at("file").get<std::string>();
    message.line = one.at("line").get<std::int32_t>();
    message.text = one.at("text").get<std::string>();
    messages.push_back(std::move(message));
  }
  return messages;
}

report::Output output_of(const Json& one) {
  return {one.at("head").get<std::string>(), one.at("tail").get<std::string>(), one.at("total").get<std::uint64_t>()};
}

report::Properties properties_of(const Json& all) {
  report::Properties properties;
  for (const auto& [key, value] : all.items()) properties.emplace_back(key, value.get<std::string>());
  return properties;
}

report::Attempt attempt_of(const Json& one) {
  report::Attempt attempt;
  attempt.outcome = outcome_of(one.at("outcome").get<std::string>());
  attempt.repetition = one.at("repetition").get<std::uint32_t>();
  attempt.attempt = one.at("attempt").get<std::uint32_t>();
  attempt.shard = one.at("shard").get<std::string>();
  attempt.start = time_of(one.at("start").get<std::string>());
  attempt.duration = seconds_of(one.at("seconds"));
  attempt.reason = one.at("reason").get<std::string>();
  attempt.messages = messages_of(one.at("messages"));
  attempt.properties = properties_of(one.at("properties"));
  attempt.output = output_of(one.at("output"));
  attempt.files = one.at("files").get<std::string>();
  attempt.stacks = one.value("stacks", "");
  attempt.rung = rung_of(one.at("rung").get<std::string>());
  attempt.cached = one.at("cached").get<bool>();
  return attempt;
}

void add_test(const Json& one, report::RunReport& report) {
  plan::TestCase test;
  test.suite = one.at("suite").get<std::string>();
  test.name = one.at("name").get<std::string>();
  test.file = one.at("file").get<std::string>();
  test.line = one.at("line").get<std::int32_t>();
  test.type_param = one.at("type_param").get<std::string>();
  test.value_param = one.at("value_param").get<std::string>();
  test.tags = one.at("tags").get<std::vector<std::string>>();
  report::TestRow row;
  row.index = static_cast<std::uint32_t>(report.rows.size());
  row.outcome = outcome_of(one.at("outcome").get<std::string>());
  row.flaky = one.at("flaky").get<bool>();
  row.cause = one.at("cause").get<std::string>();
  row.quarantine = one.at("quarantine").get<std::string>();
  for (const Json& attempt : one.at("attempts")) row.attempts.push_back(attempt_of(attempt));
  test.position = row.index;
  test.disabled = row.outcome == plan::Outcome::disabled;
  test.selected = !test.disabled;
  report.list.tests.push_back(std::move(test));
  report.rows.push_back(std::move(row));
}

report::Problem problem_of(const Json& one) {
  report::Problem problem;
  problem.title = one.at("title").get<std::string>();
  problem.suite = one.at("suite").get<std::string>();
  problem.detail = one.at("detail").get<std::string>();
  problem.shard = one.at("shard").get<std::string>();
  problem.when = time_of(one.at("when").get<std::string>());
  problem.warning = one.at("warning").get<bool>();
  problem.run_broken = one.at("run_broken").get<bool>();
  problem.messages = messages_of(one.at("messages"));
  problem.output = output_of(one.at("output"));
  return problem;
}

report::Efficiency efficiency_of(const Json& one, std::chrono::nanoseconds wall) {
  using Cause = report::Efficiency::Cause;
  report::Efficiency efficiency;
  efficiency.lanes = one.at("lanes").get<std::uint32_t>();
  efficiency.took = one.contains("took_seconds") ? seconds_of(one.at("took_seconds")) : wall;
  efficiency.predicted = seconds_of(one.at("predicted_seconds"));
  efficiency.bound = seconds_of(one.at("bound_seconds"));
  for (const Cause cause : {Cause::work, Cause::longest, Cause::order, Cause::lock, Cause::serial}) {
    if (report::name_of(cause) == one.at("bound_cause").get<std::string>()) efficiency.cause = cause;
  }
  efficiency.bound_by = one.at("bound_by").get<std::string>();
  efficiency.work = seconds_of(one.at("work_seconds"));
  efficiency.serial = seconds_of(one.at("serial_seconds"));
  efficiency.set_ups = seconds_of(one.at("set_up_seconds"));
  efficiency.repeated_set_ups = seconds_of(one.at("repeated_set_up_seconds"));
  efficiency.starts = seconds_of(one.at("start_seconds"));
  efficiency.before_first = seconds_of(one.at("before_first_test_seconds"));
  efficiency.advice = one.at("advice").get<std::string>();
  efficiency.saves = seconds_of(one.at("advice_saves_seconds"));
  return efficiency;
}

/// What is not told in the file's own words may have made the run red: then it still is.
void stay_as_red(int code, report::RunReport& report) {
  const bool flaky = std::ranges::any_of(report.rows, [](const report::TestRow& row) { return row.flaky; });
  if (code == 1 && flaky && report::exit_code_of(report) == 0) report.flaky_is_red = true;
  const int read = report::exit_code_of(report);
  if (code != 1 && code != 3) return;
  if (read == code || read == 3) return;
  report::Problem problem;
  problem.title = "the report says that its run ended with status " + std::to_string(code) + ", and not why";
  problem.run_broken = code == 3;
  report.problems.push_back(std::move(problem));
}

}  // namespace

Result<report::RunReport> read_report(std::string_view json) {
  report::RunReport report;
  try {
    const Json run = Json::parse(json);
    if (run.at("schema") != report::kJsonReportVersion)
      return Error{Errc::corrupt, "it has the schema " + run.at("schema").dump() + ", which this version does not read",
                   0};
    report.run_id = run.at("run_id").get<std::string>();
    report.target = run.at("target").get<std::string>();
    report.binary = run.at("binary").get<std::string>();
    report.host = run.at("host").get<std::string>();
    report.list.framework = run.at("framework").get<std::string>();
    report.list.framework_version = run.at("framework_version").get<std::string>();
    report.start = time_of(run.at("start").get<std::string>());
    report.wall = seconds_of(run.at("wall_seconds"));
    report.shard_count = run.at("shards").get<std::uint32_t>();
    if (run.contains("efficiency")) report.efficiency = efficiency_of(run.at("efficiency"), report.wall);
    report.list.repeat = run.at("repeat").get<std::int32_t>();
    report.list.seed = run.at("seed").get<std::uint32_t>();
    report.list.shuffled = run.at("shuffled").get<bool>();
    report.interrupted_by = run.at("interrupted_by").get<std::string>();
    report.run_properties = properties_of(run.at("properties"));
    for (const Json& suite : run.at("suites"))
      report.suite_properties.emplace_back(suite.at("name").get<std::string>(), properties_of(suite.at("properties")));
    for (const Json& test : run.at("tests")) add_test(test, report);
    for (const Json& problem : run.at("problems")) report.problems.push_back(problem_of(problem));
    report.notes = run.at("notes").get<std::vector<std::string>>();
    stay_as_red(run.at("exit_code").get<int>(), report);
  } catch (const Json::exception& error) {
    return Error{Errc::corrupt, error.what(), 0};
  }
  return report;
}

report::RunReport merged(report::RunReport frame, const std::vector<NamedReport>& reports) {
  frame.list.framework = "several";
  for (const NamedReport& each : reports) {
    const report::RunReport& one = *each.report;
    const auto shift = static_cast<std::uint32_t>(frame.rows.size());
    for (plan::TestCase test : one.list.tests) {
      test.suite = each.name + (test.suite.empty() ? "" : "." + test.suite);
      test.position += shift;
      frame.list.tests.push_back(std::move(test));
    }
    for (report::TestRow row : one.rows) {
      row.index += shift;
      frame.rows.push_back(std::move(row));
    }
    for (report::Problem problem : one.problems) {
      problem.title = each.name + ": " + problem.title;
      frame.problems.push_back(std::move(problem));
    }
    for (const auto& [suite, properties] : one.suite_properties)
      frame.suite_properties.emplace_back(suite == each.name ? suite : each.name + "." + suite, properties);
    for (const auto& [key, value] : one.run_properties) frame.run_properties.emplace_back(each.name + "." + key, value);
    for (const std::string& note : one.notes) frame.notes.push_back(each.name + ": " + note);
    frame.flaky_is_red = frame.flaky_is_red || one.flaky_is_red;
    if (frame.interrupted_by.empty()) frame.interrupted_by = one.interrupted_by;
  }
  return frame;
}

}  // namespace cleave::cli
