#include "report/html_data.hpp"

#include <algorithm>
#include <unordered_map>

#include "report/console.hpp"
#include "report/efficiency.hpp"
#include "report/html.hpp"
#include "report/json_writer.hpp"
#include "report/lanes.hpp"
#include "report/text.hpp"

namespace cleave::report {
namespace {

/// Output of green tests beyond this is left to report.json, so that the page can still be opened.
constexpr std::uint64_t kMostGreenOutput = 32U << 20;

constexpr std::int64_t kFlaky = 1;
constexpr std::int64_t kCached = 2;
constexpr std::int64_t kQuarantined = 4;

/// "passed" → 'p' and so on; the page knows the same letters.
char letter_of(plan::Outcome outcome) {
  switch (outcome) {
    case plan::Outcome::passed: return 'p';
    case plan::Outcome::failed: return 'f';
    case plan::Outcome::skipped: return 's';
    case plan::Outcome::disabled: return 'd';
    case plan::Outcome::crashed: return 'c';
    case plan::Outcome::timed_out: return 't';
    case plan::Outcome::not_run: return 'n';
  }
  return 'n';
}

std::int64_t microseconds(Nanoseconds value) {
  return std::chrono::duration_cast<std::chrono::microseconds>(value).count();
}

/// Values in order of first appearance; columns hold their places.
class Table {
 public:
  std::int64_t place_of(const std::string& value) {
    if (values_.empty() || values_[last_] != value) {  // Most are what the one before is.
      const auto [found, added] = places_.try_emplace(value, values_.size());
      if (added) values_.push_back(value);
      last_ = found->second;
    }
    return static_cast<std::int64_t>(last_);
  }
  void write(JsonWriter& json, std::string_view name) const {
    json.key(name);
    json.begin_array();
    for (const std::string& value : values_) json.string(value);
    json.end_array();
  }

 private:
  std::unordered_map<std::string, std::size_t> places_;
  std::vector<std::string> values_;
  std::size_t last_ = 0;
};

using Column = std::vector<std::int64_t>;

void write(JsonWriter& json, std::string_view name, const Column& column) {
  json.key(name);
  if (!column.empty() && std::all_of(column.begin(), column.end(), [&](auto v) { return v == column[0]; })) {
    json.integer(column[0]);
    return;
  }
  json.begin_array();
  for (const std::int64_t value : column) json.integer(value);
  json.end_array();
}

/// What follows the program in the line that runs a test of a plain name alone. Lines that differ stand in the details.
std::string plain_again(const RunReport& report, const plan::TestCase& test) {
  return (report.list.framework == "gtest" ? " --gtest_filter='" : " '") +
         plan::full_name(test, report.list.framework) + "'";
}
/// The program as the line has it.
std::string again_prefix(const RunReport& report) {
  const plan::TestCase nobody;
  const std::string line = reproduce_line(report, nobody);
  return line.substr(0, line.size() - plain_again(report, nobody).size());
}

bool is_remarkable(const Attempt& attempt) {
  return !attempt.messages.empty() || !attempt.properties.empty() || attempt.output.total > 0 ||
         !attempt.files.empty() || !attempt.stacks.empty() || !attempt.reason.empty();
}

bool has_details(const RunReport& report, const std::string& prefix, const RowView& view) {
  const TestRow& row = *view.row;
  const bool plain_verdict = view.outcome == plan::Outcome::passed || view.outcome == plan::Outcome::disabled;
  return !plain_verdict || row.attempts.size() > 1 || !row.cause.empty() || !row.quarantine.empty() ||
         !view.test->type_param.empty() || !view.test->value_param.empty() ||
         std::any_of(row.attempts.begin(), row.attempts.end(), is_remarkable) ||
         (!reproduces_by_name(*view.test) &&
          reproduce_line(report, *view.test) != prefix + plain_again(report, *view.test));
}

void write_head(JsonWriter& json, const RunReport& report) {
  json.key("run");
  json.begin_object();
  json.member("headline", headline(report));
  json.member("exit", std::int64_t{exit_code_of(report)});
  json.member("id", report.run_id);
  json.member("target", report.target);
  json.member("binary", report.binary);
  json.member("host", report.host);
  json.member("framework", report.list.framework);
  json.member("version", report.list.framework_version);
  json.member("start", iso8601(report.start));
  json.member("wall", microseconds(report.wall));
  json.member("shards", std::int64_t{report.shard_count});
  json.member("seed", std::int64_t{report.list.shuffled ? report.list.seed : 0});
  json.member("repeat", std::int64_t{report.list.repeat});
  json.member("again", again_prefix(report));
  json.key("properties");
  json.begin_array();
  for (const auto& [key, value] : unique_properties(report.run_properties)) json.string(key), json.string(value);
  json.end_array();
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

void write(JsonWriter& json, const std::vector<Message>& messages) {
  json.key("messages");
  json.begin_array();
  for (const Message& message : messages) {
    json.begin_object();
    json.member("kind", static_cast<std::int64_t>(message.kind));
    json.member("place", location_text(message.file, message.line));
    json.member("text", message.text);
    json.end_object();
  }
  json.end_array();
}

void write_problems(JsonWriter& json, const RunReport& report) {
  json.key("problems");
  json.begin_array();
  std::vector<Problem> all = red_problems(report);
  for (const Problem& problem : report.problems) {
    if (problem.warning && !problem.run_broken) all.push_back(problem);
  }
  for (const Problem& problem : all) {
    json.begin_object();
    json.member("title", problem.title);
    json.member("text", problem_text(problem));
    json.member("shard", problem.shard);
    json.key("warning");
    json.boolean(problem.warning && !problem.run_broken);
    write(json, problem.output);
    json.end_object();
  }
  json.end_array();
  json.key("notes");
  json.begin_array();
  for (const std::string& note : report.notes) json.string(note);
  json.end_array();
}

/// Writes what `value` says of each row; no two of the columns are held at once.
template <class Value>
void write_column(JsonWriter& json, std::string_view name, const std::vector<RowView>& views, const Value& value) {
  Column column;
  column.reserve(views.size());
  for (const RowView& view : views) column.push_back(value(view));
  write(json, name, column);
}

void write_tests(JsonWriter& json, const RunReport& report, const std::vector<RowView>& views) {
  Table suites;
  Table files;
  Table tags;
  Column suite, file, tag;
  std::string outcomes;
  for (const RowView& view : views) {
    suite.push_back(suites.place_of(view.test->suite));
    file.push_back(files.place_of(view.test->file));
    for (const std::string& one : view.test->tags) tag.push_back(tags.place_of(one));
    outcomes += letter_of(view.outcome);
  }
  suites.write(json, "suites");
  files.write(json, "files");
  tags.write(json, "tags");
  json.key("tests");
  json.begin_object();
  json.member("count", static_cast<std::int64_t>(views.size()));
  json.member("outcome", outcomes);
  write(json, "suite", suite);
  write(json, "file", file);
  write_column(json, "line", views, [](const RowView& view) { return std::int64_t{view.test->line}; });
  write_column(json, "flags", views, [](const RowView& view) {
    const bool borne = !view.row->quarantine.empty() && !plan::is_green(view.outcome);
    const bool cached = final_attempt(*view.row).cached;
    return (view.row->flaky ? kFlaky : 0) | (cached ? kCached : 0) | (borne ? kQuarantined : 0);
  });
  write_column(json, "time", views,
               [](const RowView& view) { return microseconds(final_attempt(*view.row).duration); });
  write_column(json, "tries", views,
               [](const RowView& view) { return static_cast<std::int64_t>(view.row->attempts.size()); });
  const std::string prefix = again_prefix(report);
  write_column(json, "detail", views,
               [&](const RowView& view) { return std::int64_t{has_details(report, prefix, view)}; });
  write_column(json, "tagCount", views,
               [](const RowView& view) { return static_cast<std::int64_t>(view.test->tags.size()); });
  write(json, "tag", tag);
  json.key("name");
  json.begin_array();
  for (const RowView& view : views) json.string(view.test->name);
  json.end_array();
  json.end_object();
}

/// The same for each attempt.
template <class Value>
void write_attempt_column(JsonWriter& json, std::string_view name, const std::vector<RowView>& views,
                          const Value& value) {
  Column column;
  column.reserve(views.size());
  for (const RowView& view : views) {
    for (const Attempt& attempt : view.row->attempts) column.push_back(value(attempt));
  }
  write(json, name, column);
}

void write_attempts(JsonWriter& json, const RunReport& report, const std::vector<RowView>& views) {
  Table shards;
  Column shard;
  std::string outcomes;
  for (const RowView& view : views) {
    for (const Attempt& attempt : view.row->attempts) {
      shard.push_back(shards.place_of(attempt.shard));
      outcomes += letter_of(attempt.outcome);
    }
  }
  shards.write(json, "shards");
  json.key("attempts");
  json.begin_object();
  json.member("count", static_cast<std::int64_t>(outcomes.size()));
  json.member("outcome", outcomes);
  write(json, "shard", shard);
  write_attempt_column(json, "start", views, [&](const Attempt& attempt) {
    return attempt.start > UnixTime{} ? microseconds(attempt.start - report.start) : -1;
  });
  write_attempt_column(json, "time", views, [](const Attempt& attempt) { return microseconds(attempt.duration); });
  write_attempt_column(json, "worker", views, [](const Attempt& attempt) { return std::int64_t{attempt.worker}; });
  json.end_object();
}

void write_lanes(JsonWriter& json, const RunReport& report, const std::vector<RowView>& views) {
  const std::vector<Lane> lanes = lanes_of(report, views);
  // As report.json and the terminal have it; all 0 where they have none.
  const Efficiency none;
  const Efficiency& efficiency = report.efficiency ? *report.efficiency : none;
  json.key("bound");
  json.begin_object();
  json.member("busy", microseconds(busy_of(lanes)));
  json.member("lanes", std::int64_t{efficiency.lanes});
  json.member("took", microseconds(efficiency.took));
  json.member("predicted", microseconds(efficiency.predicted));
  json.member("least", microseconds(efficiency.bound));
  json.member("why", bound_text(efficiency));
  json.member("advice", efficiency.advice);
  json.end_object();
  json.key("lanes");
  json.begin_array();
  for (const Lane& lane : lanes) json.string(lane.shard);
  json.end_array();
  // What is no test: the suite is empty for the start of a worker.
  json.key("costs");
  json.begin_array();
  for (const SuiteCost& cost : report.costs) {
    json.begin_object();
    json.member("suite", cost.suite);
    json.member("shard", cost.shard);
    json.member("end", microseconds(cost.when - report.start));
    json.member("time", microseconds(cost.duration));
    json.end_object();
  }
  json.end_array();
}

void write(JsonWriter& json, const Attempt& attempt, bool with_output) {
  json.begin_object();
  json.member("number", std::int64_t{attempt.attempt});
  json.member("repetition", std::int64_t{attempt.repetition});
  json.member("rung", attempt.rung == plan::Rung::first ? "" : plan::name_of(attempt.rung));
  json.member("reason", attempt.reason);
  json.member("files", attempt.files);
  json.member("stacks", attempt.stacks);
  json.key("cached");
  json.boolean(attempt.cached);
  write(json, attempt.messages);
  json.key("properties");
  json.begin_array();
  for (const auto& [key, value] : unique_properties(attempt.properties)) json.string(key), json.string(value);
  json.end_array();
  write(json, with_output ? attempt.output : Output{"", "", attempt.output.total});
  json.end_object();
}

}  // namespace

std::string html_columns(const RunReport& report) {
  std::string whole;
  html_columns(report, [&](std::string_view piece) { whole += piece; });
  return whole;
}

void html_columns(const RunReport& report, const Pieces& pieces) {
  const std::vector<RowView> views = reported_rows(report);
  JsonWriter json(1, pieces);
  json.begin_object();
  write_head(json, report);
  write_problems(json, report);
  write_lanes(json, report, views);
  write_tests(json, report, views);
  write_attempts(json, report, views);
  json.end_object();
  std::move(json).take();
}

std::string html_details(const RunReport& report) {
  std::string whole;
  html_details(report, [&](std::string_view piece) { whole += piece; });
  return whole;
}

void html_details(const RunReport& report, const Pieces& pieces) {
  const std::string prefix = again_prefix(report);
  std::uint64_t green_output = 0;
  for (const RowView& view : reported_rows(report)) {
    if (!has_details(report, prefix, view)) continue;
    const bool green = plan::is_green(view.outcome) && !view.row->flaky;
    JsonWriter json(0);
    json.begin_object();
    json.member("again", reproduce_line(report, *view.test));
    json.member("cause", view.row->cause);
    json.member("quarantine", view.row->quarantine);
    json.member("typeParam", view.test->type_param);
    json.member("valueParam", view.test->value_param);
    json.key("attempts");
    json.begin_array();
    for (const Attempt& attempt : view.row->attempts) {
      if (green) green_output += attempt.output.head.size() + attempt.output.tail.size();
      write(json, attempt, !green || green_output <= kMostGreenOutput);
    }
    json.end_array();
    json.end_object();
    pieces(std::move(json).take());
  }
}

std::string script_safe(std::string_view json) {
  constexpr std::string_view kLineSeparator = "\xE2\x80\xA8";       // U+2028
  constexpr std::string_view kParagraphSeparator = "\xE2\x80\xA9";  // U+2029
  std::string safe;
  safe.reserve(json.size() + json.size() / 64);
  std::size_t plain = 0;  // Start of what needs no change and is not copied yet.
  const auto replace = [&](std::size_t at, std::size_t length, std::string_view by) {
    safe.append(json.substr(plain, at - plain)).append(by);
    plain = at + length;
  };
  std::size_t bracket = json.find('<');
  std::size_t lead = json.find(kLineSeparator[0]);
  while (bracket != std::string_view::npos || lead != std::string_view::npos) {
    if (bracket < lead) {
      replace(bracket, 1, "\\u003c");
      bracket = json.find('<', bracket + 1);
      continue;
    }
    const std::string_view character = json.substr(lead, kLineSeparator.size());
    if (character == kLineSeparator) replace(lead, character.size(), "\\u2028");
    if (character == kParagraphSeparator) replace(lead, character.size(), "\\u2029");
    lead = json.find(kLineSeparator[0], lead + 1);
  }
  return safe.append(json.substr(plain));
}

}  // namespace cleave::report
