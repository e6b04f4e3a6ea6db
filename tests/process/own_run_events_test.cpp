// --cleave-events: what a run tells while it goes on.

#include <algorithm>
#include <fstream>
#include <sstream>

#include "../support/schema_check.hpp"
#include "own_run.hpp"
#include "sanitized.hpp"

namespace cleave::test {
namespace {

using Json = nlohmann::json;

/// The lines of the file, each checked against the schema.
std::vector<Json> events_of(const std::string& text) {
  static const SchemaCheck schema(Json::parse(std::ifstream(CLEAVE_SOURCE_DIR "/sharding/report/events.schema.json")));
  std::vector<Json> events;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    Json event = Json::parse(line, nullptr, false);
    EXPECT_EQ(schema(event), "") << line;
    events.push_back(std::move(event));
  }
  return events;
}

std::map<std::string, int> counted(const std::vector<Json>& events) {
  std::map<std::string, int> counts;
  for (const Json& event : events) ++counts[event.value("event", "")];
  return counts;
}

/// What is wrong with the order of begins and ends: each end that says so has its begin before it, no begin stands
/// alone or twice, and nothing else claims to have begun.
std::vector<std::string> unpaired(const std::vector<Json>& events) {
  std::vector<std::string> wrong;
  std::map<std::string, int> open;
  for (const Json& event : events) {
    const std::string what = event.value("event", "");
    if (what != "test_begin" && what != "test_end") continue;
    std::string attempt;
    for (const char* const key : {"full_name", "file", "line", "shard", "repetition", "attempt"}) {
      attempt += event[key].dump() + " ";
    }
    if (what == "test_begin") {
      ++open[attempt];
    } else if (const int begun = open[attempt]; (begun > 0) != event["began"].get<bool>()) {
      wrong.push_back(attempt + (begun > 0 ? "began, and does not say so" : "says that it began"));
    } else if (begun > 0) {
      --open[attempt];
    }
  }
  for (const auto& [attempt, count] : open) {
    if (count != 0) wrong.push_back(attempt + "has no end");
  }
  return wrong;
}

class Events : public EachFramework {
 protected:
  /// Some of these runs have hundreds of processes, and a search for leaks in each would take minutes.
  Events() { box_.set("ASAN_OPTIONS", "detect_leaks=0"); }
  /// Through a shell, for its redirections.
  Finished shell(const std::string& program, const std::string& rest) {
    return box_.run(
        {"/bin/bash", "-c", "exec '" + program + "' --cleave-jobs=2 --cleave-dir='" + box_.reports() + "' " + rest});
  }
};

// R18: the same tests with the same outcomes as in the report, between begin and end.
TEST_P(Events, TellEveryTestOnceAndTheEnd) {
  const Finished run = box_.sharded(of("basics"), 2, {"--cleave-events=" + box_.path("events")});
  EXPECT_EQ(run.code, 1) << run.told();
  const std::vector<Json> events = events_of(box_.read("events"));
  ASSERT_GT(events.size(), 2U);
  EXPECT_EQ(events.front()["event"], "run_begin");
  EXPECT_EQ(events.back()["event"], "run_end");
  EXPECT_EQ(events.back()["exit_code"], 1);
  const Json report = box_.report(of("basics"));
  EXPECT_EQ(events.back()["totals"], report["totals"]);
  OutcomesByName told;
  for (const Json& event : events) {
    EXPECT_EQ(event["run_id"], report["run_id"]);
    if (event["event"] == "test_end") told[event["full_name"]].push_back(event["outcome"]);
    if (event["event"] == "test_left_out") told[event["full_name"]].push_back(event["outcome"]);
  }
  OutcomesByName expected;
  for (const Json& test : report["tests"]) {
    for (const Json& attempt : test["attempts"]) expected[test["full_name"]].push_back(attempt["outcome"]);
  }
  for (auto* each : {&told, &expected}) {
    for (auto& [name, outcomes] : *each) std::sort(outcomes.begin(), outcomes.end());
  }
  EXPECT_EQ(told, expected);
}

// R18: also of tests that die, whose end only the supervisor can tell.
TEST_P(Events, EveryEndHasItsBeginAlsoWhenATestCrashes) {
  const Finished run = box_.sharded(of("crashes"), 3, {"--cleave-events=" + box_.path("events")});
  EXPECT_EQ(run.code, 1) << run.told();
  const std::vector<Json> events = events_of(box_.read("events"));
  EXPECT_EQ(unpaired(events), std::vector<std::string>());
  int crashed = 0;
  for (const Json& event : events) {
    if (event["event"] != "test_end" || event["outcome"] != "crashed") continue;
    ++crashed;
    EXPECT_EQ(event["began"], true) << event;
  }
  EXPECT_GT(crashed, 3);
}

// R18: what passed before does not run, and is told with the run's begin.
TEST_P(Events, TellWhatIsTakenFromTheCache) {
  if (kSanitized) GTEST_SKIP() << kNoCache;
  EXPECT_EQ(box_.sharded(of("serial"), 3, {"--cleave-cache"}).code, 0);
  const Finished again = box_.sharded(of("serial"), 3, {"--cleave-cache", "--cleave-events=" + box_.path("events")});
  EXPECT_EQ(again.code, 0) << again.told();
  const std::vector<Json> events = events_of(box_.read("events"));
  int cached = 0;
  for (const Json& event : events) {
    if (event["event"] != "test_left_out") continue;
    ++cached;
    EXPECT_EQ(event["why"], "cached") << event;
    EXPECT_EQ(event["outcome"], "passed") << event;
  }
  EXPECT_EQ(cached, box_.report(of("serial"))["totals"]["cached"]);
  EXPECT_GT(cached, 0);
  EXPECT_EQ(unpaired(events), std::vector<std::string>());
}

TEST_P(Events, SeveralRunsAppendToOneFile) {
  for (int i = 0; i < 2; ++i) {
    const Finished run = box_.sharded(of("many"), 2, {"--cleave-events=" + box_.path("events")});
    EXPECT_EQ(run.code, 0) << run.told();
  }
  const auto counts = counted(events_of(box_.read("events")));
  EXPECT_EQ(counts.at("run_begin"), 2);
  EXPECT_EQ(counts.at("run_end"), 2);
}

// The reader sees the end of a pipe when the run ends, and tests do not get the descriptor.
TEST_P(Events, GoToAnOpenDescriptor) {
  const Finished run = shell(of("many"), "--cleave-events=fd:7 7> >(cat > '" + box_.path("piped") + "')");
  EXPECT_EQ(run.code, 0) << run.told();
  const auto ended = [&] {
    std::ifstream file(box_.path("piped"));
    return std::string(std::istreambuf_iterator<char>(file), {}).find("\"event\":\"run_end\"") != std::string::npos;
  };
  EXPECT_TRUE(soon(ended));
  EXPECT_EQ(counted(events_of(box_.read("piped"))).at("run_begin"), 1);
}

TEST_P(Events, WhatCannotBeOpenedIsAnErrorBeforeAnythingRuns) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"--cleave-events=no/such/folder/file", "no/such/folder/file for appending: No such file"},
      {"--cleave-events=/", "Is a directory"},
      {"--cleave-events=fd:77", "descriptor 77: Bad file descriptor"},
      {"--cleave-events=fd:8 8</dev/null", "descriptor 8: it is open for reading only"},
      {"--cleave-events=fd:0", "fd:N with a number from 1 to 65535; a file of that name is ./fd:0"},
      {"--cleave-events=fd:x", "fd:N with a number from 1 to 65535"},
      {"--cleave-events=", "a file or fd:N"}};
  for (const auto& [arguments, part] : cases) {
    const Finished run = shell(of("many"), arguments);
    EXPECT_EQ(run.code, 2) << arguments << run.told();
    EXPECT_NE(run.err.find(part), std::string::npos) << arguments << run.told();
    EXPECT_NE(run.err.find("--cleave-events="), std::string::npos) << arguments << run.told();
    EXPECT_EQ(run.out, "") << arguments;
  }
}

// A full disk and a reader that went away are no reason to call a green run red, nor to stop it.
TEST_P(Events, WhatCannotBeWrittenIsAWarning) {
  for (const std::string arguments : {"--cleave-events=/dev/full", "--cleave-events=fd:7 7> >(exec true)"}) {
    const Finished run = shell(of("many"), arguments);
    EXPECT_EQ(run.code, 0) << arguments << run.told();
    if (arguments.ends_with("full")) {
      EXPECT_NE(run.err.find("warning: --cleave-events='/dev/full': write: No space left"), std::string::npos)
          << run.told();
      EXPECT_EQ(run.err.find("warning"), run.err.rfind("warning")) << "told once" << run.told();
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Frameworks, Events, testing::Values("gtest", "catch2_v2", "catch2_v3"), framework_name);

// R18: every attempt is told, and whether another one follows.
TEST(EventsOfRetries, TellEachAttempt) {
  Sandbox box;
  const Finished run =
      box.sharded(program("gtest_policy"), 1,
                  {"--cleave-retries=2", "--gtest_filter=Dirty.*:Always.*", "--cleave-events=" + box.path("events")});
  EXPECT_EQ(run.code, 1) << run.told();
  std::map<std::string, std::string> told;
  const std::vector<Json> events = events_of(box.read("events"));
  EXPECT_EQ(unpaired(events), std::vector<std::string>());
  for (const Json& event : events) {
    if (event["event"] != "test_end") continue;
    told[event["full_name"]] += event["outcome"].get<std::string>() + (event["tried_again"] ? ", " : "");
  }
  EXPECT_EQ(told["Dirty.WantsACleanProcess"].substr(0, 8), "failed, ");
  EXPECT_TRUE(told["Dirty.WantsACleanProcess"].ends_with("passed")) << told["Dirty.WantsACleanProcess"];
  EXPECT_EQ(told["Always.Fails"], "failed, failed, failed");
}

// R18: what lost its fixture never began, and says so.
TEST(EventsOfFixtures, ATestThatNeverBeganSaysSo) {
  Sandbox box;
  box.set("FIXTURES_FAIL", "base");
  const Finished run =
      box.sharded(program("gtest_fixtures"), 1, {"--gtest_filter=*Shared.*", "--cleave-events=" + box.path("events")});
  EXPECT_EQ(run.code, 1) << run.told();
  const std::vector<Json> events = events_of(box.read("events"));
  EXPECT_EQ(unpaired(events), std::vector<std::string>());
  const auto never = std::count_if(events.begin(), events.end(), [](const Json& event) {
    return event["event"] == "test_end" && event["outcome"] == "not_run" && event["began"] == false;
  });
  EXPECT_EQ(never, 12) << run.told();
}

}  // namespace
}  // namespace cleave::test
