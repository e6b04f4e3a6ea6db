#include <charconv>
#include <map>
#include <nlohmann/json.hpp>

#include "cli/json_line.hpp"
#include "cli/plain_story.hpp"
#include "plan/seconds.hpp"
#include "report/text.hpp"

namespace cleave::cli {
namespace {

using Json = nlohmann::json;
using plan::Outcome;

/// What GoogleTest printed about one test.
struct Section {
  std::string suite;
  std::string name;
  std::string_view body;  ///< Between the two lines.
  std::string_view end;   ///< "       OK ", "  FAILED  ", "  SKIPPED " or empty.
  std::chrono::nanoseconds duration{};
};

/// The line at `at` as "[ RUN      ] Suite.Name"; false when it is none.
bool reads_as(std::string_view line, std::string_view mark, Section& section) {
  if (!line.starts_with(mark)) return false;
  line.remove_prefix(mark.size());
  const auto dot = line.find('.');
  if (dot == std::string_view::npos) return false;
  section.suite = line.substr(0, dot);
  section.name = line.substr(dot + 1);
  return true;
}

/// "Suite.Name, where TypeParam = int (12 ms)" behind "Suite.Name": its milliseconds.
std::chrono::nanoseconds duration_in(std::string_view line) {
  const auto open = line.rfind('(');
  long long count = 0;
  if (open != std::string_view::npos) std::from_chars(line.data() + open + 1, line.data() + line.size(), count);
  return std::chrono::milliseconds(count);
}

/// The line ends the section: it has the mark, then the test's name, and behind that nothing of a longer name.
bool ends(std::string_view line, std::string_view mark, const Section& section) {
  if (!line.starts_with(mark)) return false;
  line.remove_prefix(mark.size());
  const std::string name = section.suite + "." + section.name;
  return line.starts_with(name) && (line.size() == name.size() || line[name.size()] == ' ' || line[name.size()] == ',');
}

/// What GoogleTest printed outside of any test: of a set-up, of a tear-down.
struct Gap {
  std::string suite;   ///< Empty: outside of any suite.
  bool before = true;  ///< In front of the suite's tests.
  std::string body;
};

/// "[----------] 3 tests from Suite", which begins a suite; the line that ends it tells a duration.
bool begins_suite(std::string_view line, std::string& suite) {
  constexpr std::string_view kFrom = " from ";
  if (!line.starts_with("[----------] ") || line.ends_with("ms total)")) return false;
  const auto from = line.find(kFrom);
  if (from == std::string_view::npos) return false;
  const std::string_view name = line.substr(from + kFrom.size());
  suite = name.substr(0, name.find(", where "));
  return true;
}

/// The output cut into tests, and what stands between them.
struct Cut {
  std::vector<Section> sections;
  std::vector<Gap> gaps;
};

Cut cut(std::string_view output) {
  constexpr std::string_view kMarks[] = {"[       OK ] ", "[  FAILED  ] ", "[  SKIPPED ] "};
  Cut result;
  std::vector<Section>& all = result.sections;
  result.gaps.emplace_back();
  bool open = false;
  std::size_t begin = 0;
  for (std::size_t at = 0; at < output.size();) {
    const std::size_t end = std::min(output.find('\n', at), output.size());
    const std::string_view line = output.substr(at, end - at);
    Section next;
    if (open) {
      // What a test prints without a newline stands in front of the line that ends it.
      for (const std::string_view mark : kMarks) {
        const auto place = line.find(mark);
        if (place == std::string_view::npos || !ends(line.substr(place), mark, all.back())) continue;
        all.back().body = output.substr(begin, at + place - begin);
        all.back().end = mark.substr(1, 10);
        all.back().duration = duration_in(line);
        open = false;
        result.gaps.push_back({all.back().suite, false, ""});
        break;
      }
    } else if (std::string suite; begins_suite(line, suite)) {
      result.gaps.push_back({suite, true, ""});
    } else if (line.starts_with("[----------] ")) {
      result.gaps.emplace_back();
    } else if (reads_as(line, "[ RUN      ] ", next)) {
      all.push_back(std::move(next));
      open = true;
      begin = std::min(end + 1, output.size());
    } else {
      result.gaps.back().body.append(line).append("\n");
    }
    at = end + 1;
  }
  if (open) all.back().body = output.substr(begin);
  return result;
}

/// "file.cpp:12\ntext" or "unknown file\ntext".
report::Message message_of(std::string_view text) {
  report::Message message;
  message.kind = report::MessageKind::failure;
  const auto newline = text.find('\n');
  const std::string_view place = text.substr(0, newline);
  const auto colon = place.rfind(':');
  const bool located = colon != std::string_view::npos && newline != std::string_view::npos;
  if (located) {
    message.file = place.substr(0, colon);
    std::from_chars(place.data() + colon + 1, place.data() + place.size(), message.line);
  }
  const bool known = located || place == "unknown file";
  message.text = known && newline != std::string_view::npos ? text.substr(newline + 1) : text;
  return message;
}

/// Failures as GoogleTest prints them, taken out of what else a test printed.
std::vector<report::Message> take_failures(std::string& body) {
  constexpr std::string_view kMark = ": Failure\n";
  std::vector<report::Message> messages;
  for (auto at = body.find(kMark); at != std::string::npos; at = body.find(kMark)) {
    const auto before = body.rfind('\n', at);
    const std::size_t begin = before == std::string::npos ? 0 : before + 1;
    const std::size_t text = at + kMark.size();
    // A failure ends with an empty line, with the next one, or with what the process wrote last.
    std::size_t end = body.find("\n\n", text);
    end = end == std::string::npos ? body.size() : end + 2;
    for (const std::string_view next : {kMark, std::string_view(": Skipped\n")}) {
      const auto other = body.find(next, text);
      if (other != std::string::npos && other < end) end = std::max(text, body.rfind('\n', other) + 1);
    }
    messages.push_back(message_of(body.substr(begin, at - begin) + "\n" + body.substr(text, end - text)));
    body.erase(begin, end - begin);
  }
  return messages;
}

void take_out(std::string& body, const report::Message& message) {
  const std::string printed =
      (message.file.empty() ? std::string("unknown file") : message.file + ":" + std::to_string(message.line)) +
      ": Failure\n" + message.text;
  if (const auto at = body.find(printed); at != std::string::npos) {
    const bool newline = at + printed.size() < body.size() && body[at + printed.size()] == '\n';
    body.erase(at, printed.size() + (newline ? 1 : 0));
  }
}

std::chrono::nanoseconds seconds_in(const std::string& text) {
  double seconds = 0;
  std::from_chars(text.data(), text.data() + text.size(), seconds);
  return plan::nanoseconds_of(seconds);
}

Outcome outcome_of(const Json& test) {
  if (test.contains("failures")) return Outcome::failed;
  if (test.value("status", "") == "NOTRUN") return Outcome::not_run;
  return test.value("result", "") == "SKIPPED" ? Outcome::skipped : Outcome::passed;
}

/// Members that are no properties of the user's.
bool is_own(const std::string& key) {
  static const std::vector<std::string> own{
      "name",        "file",       "line",     "status",  "result",    "timestamp", "time",     "classname",
      "value_param", "type_param", "failures", "skipped", "testsuite", "tests",     "disabled", "errors"};
  return std::find(own.begin(), own.end(), key) != own.end();
}

ToldTest told_test(const Json& test, const std::string& suite) {
  ToldTest told;
  told.suite = suite;
  told.name = test.at("name").get<std::string>();
  told.file = test.value("file", "");
  told.line = line_of(test);
  told.ended = true;
  told.attempt.outcome = outcome_of(test);
  told.attempt.duration = seconds_in(test.value("time", "0s"));
  for (const Json& failure : test.value("failures", Json::array()))
    told.attempt.messages.push_back(message_of(failure.at("failure").get<std::string>()));
  for (const Json& skip : test.value("skipped", Json::array())) {
    if (!skip.contains("message")) continue;
    told.attempt.messages.push_back(message_of(skip["message"].get<std::string>()));
    told.attempt.messages.back().kind = report::MessageKind::skip;
  }
  for (const auto& [key, value] : test.items()) {
    if (!is_own(key) && value.is_string()) told.attempt.properties.emplace_back(key, value.get<std::string>());
  }
  return told;
}

/// Newer versions tell failures of a set-up or tear-down as a test without a name.
report::Problem problem_of(const ToldTest& told) {
  report::Problem problem;
  problem.suite = told.suite;
  problem.title = told.suite.empty() ? "a set-up or tear-down of the environments failed"
                                     : "SetUpTestSuite or TearDownTestSuite of " + told.suite + " failed";
  problem.messages = told.attempt.messages;
  return problem;
}

/// What failed outside of tests, as it was printed. GoogleTest skips the tests of a suite whose set-up failed; a test
/// that could not run is no green one.
void add_gaps(std::vector<Gap> gaps, Story& story) {
  for (Gap& gap : gaps) {
    report::Problem problem;
    problem.messages = take_failures(gap.body);
    if (problem.messages.empty()) continue;
    problem.suite = gap.suite;
    problem.title = gap.suite.empty()
                        ? "a set-up or tear-down of the environments failed"
                        : (gap.before ? "SetUpTestSuite of " : "TearDownTestSuite of ") + gap.suite + " failed";
    for (ToldTest& told : story.tests) {
      if (!gap.before || gap.suite.empty() || told.suite != gap.suite) continue;
      if (told.attempt.outcome != Outcome::skipped) continue;
      told.attempt.outcome = Outcome::failed;
      told.attempt.messages = problem.messages;
      for (report::Message& message : told.attempt.messages)
        message.text = "SetUpTestSuite() of " + gap.suite + " failed:\n" + message.text;
    }
    std::erase_if(story.problems, [&](const report::Problem& other) {
      return other.suite == gap.suite && other.title.find(" or ") != std::string::npos;
    });
    story.problems.push_back(std::move(problem));
  }
}

bool read_json(std::string_view json, Story& story) {
  try {
    const Json run = Json::parse(report::utf8(json));
    for (const Json& suite : run.at("testsuites")) {
      const std::string suite_name = suite.at("name").get<std::string>();
      for (const Json& test : suite.at("testsuite")) {
        ToldTest told = told_test(test, suite_name);
        if (told.name.empty()) {
          told.suite = test.value("classname", suite_name);
          if (!told.attempt.messages.empty()) story.problems.push_back(problem_of(told));
        } else if (told.attempt.outcome != Outcome::not_run) {
          story.tests.push_back(std::move(told));
        }
      }
    }
    return true;
  } catch (const Json::exception&) {
    story = {};
    return false;
  }
}

/// What the last words of a process tell.
void read_sections(const std::vector<Section>& sections, Story& story) {
  for (const Section& section : sections) {
    ToldTest told;
    told.suite = section.suite;
    told.name = section.name;
    told.ended = !section.end.empty();
    std::string body(section.body);
    told.attempt.messages = take_failures(body);
    told.attempt.output = kept_output(body);
    told.attempt.duration = section.duration;
    told.attempt.outcome = section.end.starts_with("  SKIPPED")   ? Outcome::skipped
                           : section.end.starts_with("       OK") ? Outcome::passed
                                                                  : Outcome::failed;
    story.tests.push_back(std::move(told));
  }
}

}  // namespace

Story read_gtest_story(std::string_view json, std::string_view output) {
  Story story;
  Cut parts = cut(output);
  const std::vector<Section>& sections = parts.sections;
  story.complete = !json.empty() && read_json(json, story);
  if (!story.complete) {
    read_sections(sections, story);
    add_gaps(std::move(parts.gaps), story);
    return story;
  }
  std::map<std::pair<std::string, std::string>, std::string_view> printed;
  for (const Section& section : sections) printed[{section.suite, section.name}] = section.body;
  for (ToldTest& told : story.tests) {
    const auto found = printed.find({told.suite, told.name});
    if (found == printed.end()) continue;
    std::string body(found->second);
    for (const report::Message& message : told.attempt.messages) take_out(body, message);
    if (told.attempt.outcome == Outcome::skipped) (void)take_failures(body);
    told.attempt.output = kept_output(body);
  }
  add_gaps(std::move(parts.gaps), story);
  return story;
}

}  // namespace cleave::cli
