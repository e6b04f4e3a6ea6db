// Runs that depend on former runs: what failed, what is new, in which order it ran, what has passed already.
#include <fstream>
#include <iterator>

#include "own_run.hpp"
#include "sanitized.hpp"

namespace cleave::test {
namespace {

using Batches = std::set<std::vector<std::string>>;

std::string file_text(const std::string& path) {
  std::ifstream file(path);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

class Again : public EachFramework {
 protected:
  void SetUp() override {
    EachFramework::SetUp();
    box_.set("CLEAVE_TEST_LOG", box_.path("log"));
    clear_log();
  }
  void clear_log() { box_.write("log", ""); }
  /// How often each test of the programs `serial` began since the log was cleared.
  std::map<std::string, int> started() const {
    std::map<std::string, int> times;
    for (const TestLine& line : test_lines(box_.read("log"))) {
      if (line.what == "start") ++times[line.test];
    }
    return times;
  }
  std::set<std::string> red_of(const nlohmann::json& report) const {
    std::set<std::string> names;
    for (const auto& [name, outcomes] : outcomes_by_name(report)) {
      for (const std::string& outcome : outcomes) {
        if (outcome != "passed" && outcome != "skipped" && outcome != "disabled") names.insert(name);
      }
    }
    return names;
  }
  std::string order_file() const { return box_.home_of(of("serial")) + "/latest/order.json"; }
  static Batches batches_of(const std::string& order) {
    Batches batches;
    const nlohmann::json told = nlohmann::json::parse(order);
    for (const auto& worker : told["workers"]) {
      std::vector<std::string> names;
      for (const auto& test : worker["tests"]) {
        names.push_back(test["suite"].get<std::string>() + "." + test["name"].get<std::string>());
      }
      batches.insert(names);
    }
    return batches;
  }
  /// A filter that takes about half of the tests of the programs `serial`, none of which is serial.
  std::string some() const { return is_gtest() ? "--gtest_filter=Locks.*" : "db_*"; }
};

// R25
TEST_P(Again, RerunTakesExactlyWhatWasRed) {
  EXPECT_EQ(box_.sharded(of("basics"), 2).code, 1);
  const std::set<std::string> red = red_of(box_.report(of("basics")));
  ASSERT_GT(red.size(), 2U);
  const Finished again = box_.sharded(of("basics"), 2, {"--cleave-rerun=failed"});
  EXPECT_EQ(again.code, 1) << again.told();
  std::set<std::string> ran;
  for (const auto& [name, times] : runs_by_name(box_.report(of("basics")))) {
    if (times > 0) ran.insert(name);
  }
  EXPECT_EQ(ran, red);
}

TEST_P(Again, RerunAfterAGreenRunHasNothingToRun) {
  EXPECT_EQ(box_.sharded(of("serial"), 2).code, 0);
  const Finished again = box_.sharded(of("serial"), 2, {"--cleave-rerun=failed"});
  EXPECT_EQ(again.code, 4) << again.told();
  EXPECT_NE(again.err.find("none was red or not run last time"), std::string::npos) << again.err;
}

// R23
TEST_P(Again, RepeatRunsEveryTestSoOften) {
  EXPECT_EQ(box_.sharded(of("serial"), 3, {"--cleave-repeat=3"}).code, 0);
  const auto times = started();
  EXPECT_EQ(times.size(), choose(36U, 21U));
  for (const auto& [test, count] : times) EXPECT_EQ(count, 3) << test;
}

TEST_P(Again, UntilFailEndsWithTheFirstRedTest) {
  const Finished run = box_.sharded(of("basics"), 1, {"--cleave-repeat=until-fail:1000"});
  EXPECT_EQ(run.code, 1) << run.told();
  const auto totals = box_.report(of("basics"))["totals"];
  EXPECT_GT(totals["not_run"], 0) << run.told();
  // A batch of Catch2 tests is a process, which goes on to its end.
  if (is_gtest()) {
    EXPECT_EQ(totals["failed"], 1) << run.told();
  }
}

TEST_P(Again, VerifyRunsWhatIsNewSoOften) {
  EXPECT_EQ(box_.sharded(of("serial"), 2, {some()}).code, 0);
  const auto known = started();
  ASSERT_GT(known.size(), 1U);
  clear_log();
  EXPECT_EQ(box_.sharded(of("serial"), 2, {"--cleave-verify=3"}).code, 0);
  const auto times = started();
  EXPECT_EQ(times.size(), choose(36U, 21U));
  for (const auto& [test, count] : times) EXPECT_EQ(count, known.count(test) == 1 ? 1 : 3) << test;
}

// R41
TEST_P(Again, ReplayRunsTheSameTestsInTheSameProcesses) {
  EXPECT_EQ(box_.sharded(of("serial"), 3).code, 0);
  const std::string order = file_text(order_file());
  box_.write("order.json", order);
  clear_log();
  const Finished again = box_.sharded(of("serial"), 2, {"--cleave-replay=" + box_.path("order.json")});
  EXPECT_EQ(again.code, 0) << again.told();
  EXPECT_EQ(batches_of(file_text(order_file())), batches_of(order));
  EXPECT_EQ(started().size(), choose(36U, 21U));
}

TEST_P(Again, ReplayOfAPartRunsThatPartOnly) {
  EXPECT_EQ(box_.sharded(of("serial"), 2, {some()}).code, 0);
  const auto before = started();
  box_.write("order.json", file_text(order_file()));
  clear_log();
  EXPECT_EQ(box_.sharded(of("serial"), 1, {"--cleave-replay=" + box_.path("order.json")}).code, 0);
  EXPECT_EQ(started(), before);
}

TEST_P(Again, ReplayOfSomethingElseIsRefusedByName) {
  box_.write("broken.json", "{\"order\":1,\n\"workers\":7}");
  // Of the same kind of order as a run of it has: which tests there are is looked at after that.
  EXPECT_EQ(box_.sharded(of("serial"), 2).code, 0);
  auto order = nlohmann::json::parse(file_text(order_file()));
  order["workers"][0]["tests"][0]["name"] = "Nobody";
  box_.write("none.json", order.dump());
  const Finished unknown = box_.sharded(of("serial"), 2, {"--cleave-replay=" + box_.path("none.json")});
  EXPECT_EQ(unknown.code, 2) << unknown.told();
  EXPECT_NE(unknown.err.find("Nobody"), std::string::npos) << unknown.err;
  const Finished broken = box_.sharded(of("serial"), 2, {"--cleave-replay=" + box_.path("broken.json")});
  EXPECT_EQ(broken.code, 2) << broken.told();
  EXPECT_NE(broken.err.find("broken.json:1"), std::string::npos) << broken.err;
  EXPECT_EQ(box_.sharded(of("serial"), 2, {"--cleave-replay=" + box_.path("nowhere")}).code, 2);
}

TEST_P(Again, ASeedMakesTheSameOrderInEveryRun) {
  const std::string shuffle = is_gtest() ? "--gtest_shuffle" : "--order=rand";
  std::set<std::vector<std::string>> orders;
  for (const char* seed : {"7", "7", "8"}) {
    clear_log();
    EXPECT_EQ(box_.sharded(of("serial"), 1, {shuffle, std::string("--cleave-seed=") + seed}).code, 0);
    std::vector<std::string> order;
    for (const TestLine& line : test_lines(box_.read("log"))) {
      if (line.what == "start") order.push_back(line.test);
    }
    orders.insert(order);
  }
  EXPECT_EQ(orders.size(), 2U);
}

// R30
TEST_P(Again, ACachedPassIsNotRunAndToldAsSuch) {
  if (kSanitized) GTEST_SKIP() << kNoCache;
  EXPECT_EQ(box_.sharded(of("serial"), 3, {"--cleave-cache"}).code, 0);
  clear_log();
  const Finished again = box_.sharded(of("serial"), 3, {"--cleave-cache"});
  EXPECT_EQ(again.code, 0) << again.told();
  const auto report = box_.report(of("serial"));
  EXPECT_EQ(report["totals"]["passed"], choose(36, 21));
  EXPECT_EQ(report["totals"]["cached"], choose(27, 18)) << "all but the serial ones";
  EXPECT_EQ(started().size(), choose(9U, 3U));
  EXPECT_NE(again.out.find(" cached)"), std::string::npos) << again.out;
}

TEST_P(Again, WithoutTheFlagNothingIsTakenFromTheCache) {
  EXPECT_EQ(box_.sharded(of("serial"), 3, {"--cleave-cache"}).code, 0);
  clear_log();
  EXPECT_EQ(box_.sharded(of("serial"), 3).code, 0);
  EXPECT_EQ(started().size(), choose(36U, 21U));
}

TEST_P(Again, AnotherEnvironmentMakesCachedPassesWorthless) {
  EXPECT_EQ(box_.sharded(of("serial"), 3, {"--cleave-cache"}).code, 0);
  clear_log();
  box_.set("SOMETHING_THAT_TESTS_MAY_READ", "1");
  EXPECT_EQ(box_.sharded(of("serial"), 3, {"--cleave-cache"}).code, 0);
  EXPECT_EQ(started().size(), choose(36U, 21U));
}

TEST_P(Again, WhatFailedIsNeverACachedPass) {
  if (kSanitized) GTEST_SKIP() << kNoCache;
  EXPECT_EQ(box_.sharded(of("basics"), 2, {"--cleave-cache"}).code, 1);
  const auto first = verdicts(box_.report(of("basics")));
  EXPECT_EQ(box_.sharded(of("basics"), 2, {"--cleave-cache"}).code, 1);
  const auto report = box_.report(of("basics"));
  EXPECT_EQ(verdicts(report), first);
  EXPECT_GT(report["totals"]["cached"], 0);
  for (const auto& test : report["tests"]) {
    for (const auto& attempt : test["attempts"]) {
      if (attempt["cached"]) {
        EXPECT_EQ(attempt["outcome"], "passed");
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Frameworks, Again, testing::Values("gtest", "catch2_v2", "catch2_v3"), framework_name);

}  // namespace
}  // namespace cleave::test
