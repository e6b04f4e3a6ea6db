// Phases with checkpoints, dependencies and weights, given by CONFIG to programs that know nothing of them.
#include "own_run.hpp"

namespace cleave::test {
namespace {

using Json = nlohmann::json;

class Phases : public EachFramework {
 protected:
  Finished with(const std::string& name, const std::string& config, unsigned jobs,
                const std::vector<std::string>& arguments = {}) {
    box_.set("CLEAVE_TEST_LOG", box_.path("log"));
    box_.write("log", "");
    box_.write("cleave.json", config);
    box_.write("settings", "cleave-settings 1\nconfig\t" + box_.path("cleave.json") + "\n");
    std::vector<std::string> all{"--cleave-settings=" + box_.path("settings")};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return box_.sharded(of(name), jobs, all);
  }
  std::vector<TestLine> log() const { return test_lines(box_.read("log")); }
  /// Where in the log the first test with one of the beginnings starts, and the last one of them ends.
  std::pair<std::size_t, std::size_t> span_of(const std::set<std::string>& beginnings) const {
    const auto lines = log();
    std::size_t first = lines.size();
    std::size_t last = 0;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      for (const std::string& beginning : beginnings) {
        if (!lines[i].test.starts_with(beginning)) continue;
        first = std::min(first, i);
        last = i;
      }
    }
    return {first, last};
  }
  static std::string reason_of(const Json& test) { return test["attempts"].back()["reason"]; }
};

// R01, R02
TEST_P(Phases, RunOneBehindTheOther) {
  const std::string config = choose<std::string>(
      R"({"phases": [{"name": "prepare", "tests": ["Locks.*"]}, {"name": "use", "tests": ["Many/*"]}]})",
      R"({"phases": [{"name": "prepare", "tests": ["db_*"]}, {"name": "use", "tests": ["free_*"]}]})");
  for (const unsigned jobs : {1U, 4U}) {
    const Finished run = with("serial", config, jobs);
    EXPECT_EQ(run.code, 0) << run.told();
    EXPECT_EQ(count_lines(log(), "start"), choose(36, 21));
    EXPECT_LT(span_of({choose("Locks.", "db_")}).second, span_of({choose("Many/", "free_")}).first);
  }
}

// R01: a shard for which there is nothing until the checkpoint keeps its process.
TEST_P(Phases, AWorkerWaitsAtACheckpointForWhatComesBehindIt) {
  if (GetParam() != "gtest") GTEST_SKIP() << "Catch2 takes all tests of a process when it starts";
  const Finished run =
      with("serial", R"({"phases": [{"name": "a", "tests": ["Locks.*"]}, {"name": "b", "tests": ["Many/*"]}]})", 3,
           {"--gtest_filter=Locks.*:Many/*"});
  EXPECT_EQ(run.code, 0) << run.told();
  std::set<std::string> processes;
  for (const TestLine& line : log()) processes.insert(line.values.at("pid"));
  EXPECT_EQ(count_lines(log(), "start"), 24);
  EXPECT_LE(processes.size(), 3U);
}

// R02, R38: serial tests between others, in both directions.
TEST_P(Phases, TakeTurnsWithSerialTests) {
  const std::string config = choose<std::string>(
      R"({"phases": [{"name": "a", "tests": ["Locks.*"]}, {"name": "b", "tests": ["SERIAL_ByName.*"]},
                     {"name": "c", "tests": ["Many/*"]}]})",
      R"({"phases": [{"name": "a", "tests": ["db_*"]}, {"name": "b", "tests": ["serial_*"]},
                     {"name": "c", "tests": ["free_*"]}]})");
  const Finished run = with("serial", config, 4);
  EXPECT_EQ(run.code, 0) << run.told();
  EXPECT_EQ(count_lines(log(), "start"), choose(36, 21));
  const auto a = span_of({choose("Locks.", "db_")});
  const auto b = span_of({choose("SERIAL_ByName.", "serial_")});
  const auto c = span_of({choose("Many/", "free_")});
  EXPECT_LT(a.second, b.first);
  EXPECT_LT(b.second, c.first);
}

// R02: what lies behind is told, and nothing else is lost.
TEST_P(Phases, BehindAFailedCheckpointNothingRuns) {
  const std::string first = choose("Basics.FailsThreeTimes", "fails explicitly");
  const std::string second = choose("Basics.Passes*", "passes");
  const Finished run = with("basics",
                            R"({"phases": [{"name": "build", "tests": [")" + first +
                                R"("]}, {"name": "use", "tests": [")" + second + R"("]}]})",
                            3);
  EXPECT_EQ(run.code, 1) << run.told();
  const Json report = box_.report(of("basics"));
  int behind = 0;
  for (const Json& test : report["tests"]) {
    const std::string name = test["full_name"];
    const bool is_behind = is_gtest() ? name.starts_with("Basics.Passes") : name == "passes";
    if (is_behind) {
      ++behind;
      EXPECT_EQ(test["outcome"], "not_run") << name;
      EXPECT_EQ(reason_of(test), "checkpoint build failed") << name;
    } else {
      EXPECT_NE(test["outcome"], "not_run") << name;
    }
  }
  EXPECT_GT(behind, 0);
}

// R01
TEST_P(Phases, AfterWaitsAndFallsWithWhatItWaitsFor) {
  const std::string first = choose("Basics.FailsThreeTimes", "fails explicitly");
  const std::string second = choose("Basics.Passes", "passes");
  const Finished run =
      with("basics", R"({"rules": [{"tests": [")" + second + R"("], "tags": ["after:)" + first + R"("]}]})", 2);
  EXPECT_EQ(run.code, 1) << run.told();
  const Json test = test_named(box_.report(of("basics")), second);
  EXPECT_EQ(test["outcome"], "not_run");
  EXPECT_EQ(reason_of(test), "it comes after " + first + ", which did not pass");
}

TEST_P(Phases, ACircleIsAnErrorThatNamesItsTests) {
  const std::string a = choose("Basics.Passes", "passes");
  const std::string b = choose("Basics.FailsThreeTimes", "fails explicitly");
  const Finished run = with("basics",
                            R"({"rules": [{"tests": [")" + a + R"("], "tags": ["after:)" + b + R"("]}, {"tests": [")" +
                                b + R"("], "tags": ["after:)" + a + R"("]}]})",
                            2);
  EXPECT_EQ(run.code, 2) << run.told();
  EXPECT_NE(run.err.find("in a circle"), std::string::npos) << run.err;
  EXPECT_NE(run.err.find(a), std::string::npos) << run.err;
  EXPECT_NE(run.err.find(b), std::string::npos) << run.err;
}

TEST_P(Phases, AnUnknownNameIsAnErrorWithTheNearestOne) {
  const std::string a = choose("Basics.Passes", "passes");
  const std::string b = choose("Basics.FailsThreeTime", "fails explicitl");
  const Finished run = with("basics", R"({"rules": [{"tests": [")" + a + R"("], "tags": ["after:)" + b + R"("]}]})", 2);
  EXPECT_EQ(run.code, 2) << run.told();
  EXPECT_NE(run.err.find("did you mean '" + choose<std::string>("Basics.FailsThreeTimes", "fails explicitly")),
            std::string::npos)
      << run.err;
}

// R22: never more weight at a time than there are lanes; what is heavier than all of them runs by itself.
TEST_P(Phases, WeightsNeverExceedTheLanes) {
  const std::string heavy = choose("Many/", "free_");
  for (const int weight : {2, 3, 9}) {
    const Finished run = with(
        "serial",
        R"({"rules": [{"tests": [")" + heavy + R"(*"], "tags": ["weight:)" + std::to_string(weight) + R"("]}]})", 4);
    EXPECT_EQ(run.code, 0) << run.told();
    int running = 0;
    int most = 0;
    for (const TestLine& line : log()) {
      const int each = line.test.starts_with(heavy) ? std::min(weight, 4) : 1;
      running += line.what == "start" ? each : -each;
      most = std::max(most, running);
    }
    EXPECT_LE(most, 4) << "weight " << weight;
    EXPECT_EQ(count_lines(log(), "start"), choose(36, 21));
  }
}

// R22: what needs more memory than there is runs, but not beside others that need some.
TEST_P(Phases, TestsThatNeedAllMemoryRunOneAtATime) {
  const std::string hungry = choose("Many/", "free_");
  const Finished run = with("serial", R"({"rules": [{"tests": [")" + hungry + R"(*"], "tags": ["memory:900T"]}]})", 4);
  EXPECT_EQ(run.code, 0) << run.told();
  const auto found = forbidden_overlaps(log(), [&](const std::string& a, const std::string& b) {
    return a.starts_with(hungry) && b.starts_with(hungry);
  });
  EXPECT_TRUE(found.empty()) << testing::PrintToString(found);
}

TEST_P(Phases, PriorityStartsFirst) {
  const std::string first = choose("Many/Parallel.MayOverlap/19", "both_1");
  const Finished run = with("serial", R"({"rules": [{"tests": [")" + first + R"("], "tags": ["priority:high"]}]})", 1);
  EXPECT_EQ(run.code, 0) << run.told();
  ASSERT_FALSE(log().empty());
  EXPECT_EQ(log().front().test, first);
}

INSTANTIATE_TEST_SUITE_P(Frameworks, Phases, testing::Values("gtest", "catch2_v2", "catch2_v3"), framework_name);

}  // namespace
}  // namespace cleave::test
