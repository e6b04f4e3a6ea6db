#include "own_run.hpp"

namespace cleave::test {
namespace {

constexpr unsigned kShardCounts[] = {1, 2, 3, 7, 16, 64};

std::size_t occurrences(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++count;
  return count;
}

class ExactlyOnce : public EachFramework {
 protected:
  void expect_all_pass_once(const std::string& binary, unsigned jobs, std::size_t tests) {
    const Finished run = box_.sharded(binary, jobs);
    EXPECT_EQ(run.code, 0) << run.told();
    const auto report = box_.report(binary);
    ASSERT_TRUE(report.contains("tests"));
    EXPECT_EQ(report["tests"].size(), tests) << jobs << " shards";
    EXPECT_EQ(report["totals"]["passed"], tests) << jobs << " shards";
    EXPECT_TRUE(report["problems"].empty()) << report["problems"];
    for (const auto& test : report["tests"]) {
      EXPECT_EQ(test["attempts"].size(), 1U) << test["full_name"] << ", " << jobs << " shards";
    }
  }
};

// R12, R26: the tests themselves are the witnesses.
TEST_P(ExactlyOnce, EveryTestStartsForEveryNumberOfShards) {
  box_.set("CLEAVE_TEST_LOG", box_.path("log"));
  for (const unsigned jobs : kShardCounts) {
    box_.write("log", "");
    const Finished run = box_.sharded(of("serial"), jobs);
    EXPECT_EQ(run.code, 0) << run.told();
    std::map<std::string, int> starts;
    for (const TestLine& line : test_lines(box_.read("log"))) starts[line.test] += line.what == "start" ? 1 : 0;
    EXPECT_EQ(starts.size(), choose(36U, 21U)) << jobs << " shards";
    for (const auto& [name, count] : starts) EXPECT_EQ(count, 1) << name << ", " << jobs << " shards";
  }
}

// R12, R26.
TEST_P(ExactlyOnce, ManyTestsAreReported) {
  for (const unsigned jobs : kShardCounts) expect_all_pass_once(of("many"), jobs, choose(1000U, 512U));
}

// R26: also when a worker runs one test only.
TEST_P(ExactlyOnce, ManyTestsAreReportedWithAProcessEach) {
  box_.set("ASAN_OPTIONS", "detect_leaks=0");  // A search for each of a thousand processes takes more than the limit.
  const Finished run = box_.sharded(of("many"), 4, {"--cleave-isolation=test"});
  EXPECT_EQ(run.code, 0) << run.told();
  const auto report = box_.report(of("many"));
  EXPECT_EQ(report["totals"]["passed"], choose(1000, 512));
}

INSTANTIATE_TEST_SUITE_P(Frameworks, ExactlyOnce, testing::Values("gtest", "catch2_v2", "catch2_v3"), framework_name);

class HostileNames : public ExactlyOnce {};

// R12: no name travels through a shell, CMake or an expression.
TEST_P(HostileNames, EachRunsOnceAndIsReportedUnderItsOwnName) {
  box_.run({of("hostile_names"), "-r", "xml", "-o", box_.path("plain.xml")});
  const std::size_t tests = occurrences(box_.read("plain.xml"), "<TestCase name=");
  ASSERT_GT(tests, 50U);
  for (const unsigned jobs : kShardCounts) expect_all_pass_once(of("hostile_names"), jobs, tests);
  const auto names = outcomes_by_name(box_.report(of("hostile_names")));
  for (const std::string name :
       {"unterminated [", "a,b", "~", "*", "trailing backslash\\", "\"quoted\"", "a;b;c", "${CMAKE_SOURCE_DIR}",
        "@VAR@", "#hash first", "--list-tests", "--cleave-jobs=3", "em \u2014 dash",
        "emoji \U0001F98A\U0001F468\u200D\U0001F469\u200D\U0001F467", " leading space",
        "<xml attribute=\"&amp;\"/> ]]>", "Suite.Name", "[==[ bracket argument start"}) {
    EXPECT_EQ(names.count(name), 1U) << name;
  }
}

// R12: JUnit readers see the same tests, and well-formed XML.
TEST_P(HostileNames, MakeAWellFormedJUnitFile) {
  box_.sharded(of("hostile_names"), 3);
  const std::string file = box_.home_of(of("hostile_names")) + "/latest/junit.xml";
  const Finished lint = box_.run({"/usr/bin/env", "xmllint", "--noout", file});
  EXPECT_EQ(lint.code, 0) << lint.told();
  const auto report = box_.report(of("hostile_names"));
  EXPECT_EQ(occurrences(box_.read(file), "<testcase "), report["tests"].size());
}

INSTANTIATE_TEST_SUITE_P(Frameworks, HostileNames, testing::Values("catch2_v2", "catch2_v3"), framework_name);

// R26: fewer tests than shards.
TEST(FewTests, AreEnoughForManyShards) {
  Sandbox box;
  box.set("MANY_TESTS", "3");
  const Finished run = box.sharded(program("gtest_many"), 64);
  EXPECT_EQ(run.code, 0) << run.told();
  EXPECT_EQ(box.report(program("gtest_many"))["totals"]["passed"], 3);
}

}  // namespace
}  // namespace cleave::test
