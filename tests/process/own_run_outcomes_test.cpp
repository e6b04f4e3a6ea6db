#include <regex>

#include "own_run.hpp"
#include "report/text.hpp"
#include "xml_tree.hpp"

namespace cleave::test {
namespace {

using Json = nlohmann::json;

/// "Suite.Name" to "outcome" as GoogleTest's own JSON report has it.
std::map<std::string, std::string> gtest_verdicts(const Json& plain) {
  std::map<std::string, std::string> all;
  for (const Json& suite : plain["testsuites"]) {
    for (const Json& test : suite["testsuite"]) {
      const std::string name = suite["name"].get<std::string>() + "." + test["name"].get<std::string>();
      std::string outcome = "passed";
      if (test["status"] == "NOTRUN") {
        outcome = "disabled";
      } else if (test.contains("failures")) {
        outcome = "failed";
      } else if (test["result"] == "SKIPPED") {
        outcome = "skipped";
      }
      all[name] += outcome + ";";
    }
  }
  return all;
}

/// A test's name to its outcome as Catch2's own XML report has it.
std::map<std::string, std::string> catch2_verdicts(const XmlNode& root) {
  std::vector<const XmlNode*> tests;
  root.collect("TestCase", tests);
  std::map<std::string, std::string> all;
  for (const XmlNode* test : tests) {
    const XmlNode* result = test->first("OverallResult");
    if (result == nullptr) continue;
    const bool skips = result->at("skips") != "(none)" && result->at("skips") != "0";
    all[test->at("name")] += result->at("success") != "true" ? "failed;" : skips ? "skipped;" : "passed;";
  }
  return all;
}

class Outcomes : public EachFramework {
 protected:
  std::map<std::string, std::string> plain_verdicts() {
    const std::string file = box_.path("plain.report");
    if (is_gtest()) {
      box_.run({of("basics"), "--gtest_output=json:" + file});
      return gtest_verdicts(Json::parse(box_.read("plain.report"), nullptr, false));
    }
    box_.run({of("basics"), "-r", "xml", "-o", file});
    const auto root = XmlParser::parse(box_.read("plain.report"));
    EXPECT_TRUE(root) << box_.read("plain.report");
    return root ? catch2_verdicts(*root) : std::map<std::string, std::string>{};
  }
};

// R12: what is reported does not depend on how many shards there are.
TEST_P(Outcomes, AreThoseOfThePlainProgramForEveryNumberOfShards) {
  const auto plain = plain_verdicts();
  ASSERT_GT(plain.size(), 20U);
  for (const unsigned jobs : {1U, 2U, 4U, 8U}) {
    const Finished run = box_.sharded(of("basics"), jobs);
    EXPECT_EQ(run.code, 1) << run.told();
    EXPECT_EQ(verdicts(box_.report(of("basics"))), plain) << jobs << " shards";
  }
}

// R12.
TEST_P(Outcomes, AreTheSameWithAProcessForEachTestOrSuite) {
  const auto plain = plain_verdicts();
  for (const std::string isolation : {"test", "suite"}) {
    const Finished run = box_.sharded(of("basics"), 3, {"--cleave-isolation=" + isolation});
    EXPECT_EQ(run.code, 1) << run.told();
    EXPECT_EQ(verdicts(box_.report(of("basics"))), plain) << isolation;
  }
}

INSTANTIATE_TEST_SUITE_P(Frameworks, Outcomes, testing::Values("gtest", "catch2_v2", "catch2_v3"), framework_name);

/// GoogleTest's own JSON report and Cleave's of the same tests.
class GTestDetails : public testing::Test {
 protected:
  void SetUp() override {
    box_.run({program_, "--gtest_output=json:" + box_.path("plain.json")});
    plain_ = Json::parse(box_.read("plain.json"), nullptr, false);
    ASSERT_FALSE(plain_.is_discarded());
    box_.sharded(program_, 3);
    report_ = box_.report(program_);
  }

  const std::string program_ = program("gtest_basics");
  Sandbox box_;
  Json plain_;
  Json report_;
};

std::string stripped(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

// R12, R13: an error keeps its context.
TEST_F(GTestDetails, EveryFailureKeepsItsTextFileAndLine) {
  int compared = 0;
  for (const Json& suite : plain_["testsuites"]) {
    for (const Json& test : suite["testsuite"]) {
      std::vector<std::string> plain;
      for (const Json& failure : test.value("failures", Json::array())) {
        plain.push_back(stripped(failure["failure"].get<std::string>()));
      }
      const Json ours = test_named(report_, suite["name"].get<std::string>() + "." + test["name"].get<std::string>());
      ASSERT_TRUE(ours.is_object());
      EXPECT_EQ(ours["file"], test["file"]);
      EXPECT_EQ(ours["line"], test["line"]);
      std::vector<std::string> found;
      for (const Json& attempt : ours["attempts"]) {
        for (const Json& message : attempt["messages"]) {
          if (message["kind"] != "failure" && message["kind"] != "fatal_failure") continue;
          const std::string file = message["file"].get<std::string>();
          const std::string place =
              file.empty() ? "unknown file" : file + ":" + std::to_string(message["line"].get<int>());
          found.push_back(stripped(place + "\n" + message["text"].get<std::string>()));
        }
      }
      EXPECT_EQ(found, plain) << ours["full_name"];
      compared += static_cast<int>(plain.size());
    }
  }
  EXPECT_GE(compared, 12);
}

// R12.
TEST_F(GTestDetails, PropertiesStayWithTheirTestSuiteAndRun) {
  const Json properties = test_named(report_, "Basics.RecordsProperties")["attempts"][0]["properties"];
  EXPECT_EQ(properties, (Json{{"text", "a < b & \"c\""}, {"number", "8"}}));
  EXPECT_EQ(report_["properties"], (Json{{"run_property", "from the environment"}}));
  Json suite;
  for (const Json& each : report_["suites"]) {
    if (each["name"] == "Fixture") suite = each["properties"];
  }
  EXPECT_EQ(suite, (Json{{"suite_property", "from the set-up"}, {"suite_end", "1"}}));
}

// R12.
TEST_F(GTestDetails, ASkipKeepsItsReasonAndPlace) {
  const Json test = test_named(report_, "Basics.SkipsWithReason");
  ASSERT_EQ(test["attempts"].size(), 1U);
  ASSERT_EQ(test["attempts"][0]["messages"].size(), 1U);
  const Json message = test["attempts"][0]["messages"][0];
  EXPECT_EQ(message["kind"], "skip");
  EXPECT_NE(message["text"].get<std::string>().find("no database here"), std::string::npos) << message;
  EXPECT_NE(message["file"].get<std::string>().find("basics.cpp"), std::string::npos) << message;
  EXPECT_GT(message["line"], 0);
}

// R13: what a test printed is with that test and with no other.
TEST_F(GTestDetails, OutputBelongsToTheTestThatPrinted) {
  for (const Json& test : report_["tests"]) {
    for (const Json& attempt : test["attempts"]) {
      const std::string output = attempt["output"]["head"].get<std::string>();
      const bool prints = test["full_name"] == "Basics.PrintsToBoth";
      EXPECT_EQ(output.find("to stdout") != std::string::npos, prints) << test["full_name"];
      EXPECT_EQ(output.find("to stderr") != std::string::npos, prints) << test["full_name"];
    }
  }
}

/// What the variable SETUP_FAILURES chooses, and what must come out.
struct SetUpCase {
  std::string choice;
  int code;
  std::string problem;  ///< A part of the title of a problem; empty: none of that kind.
  std::string outcome;  ///< Of Before.Passes; empty: any but passed.
};

class SetUps : public testing::TestWithParam<SetUpCase> {};

// R12: a failure outside of a test makes the run red, and no test of it is green by mistake.
TEST_P(SetUps, FailOrSkipAsInThePlainProgram) {
  Sandbox box;
  box.set("SETUP_FAILURES", GetParam().choice);
  const std::string binary = program("gtest_setup_failures");
  const Finished run = box.sharded(binary, 3);
  EXPECT_EQ(run.code, GetParam().code) << run.told();
  const Json report = box.report(binary);
  bool found = GetParam().problem.empty();
  for (const std::string& title : problem_titles(report)) {
    found = found || title.find(GetParam().problem) != std::string::npos;
  }
  EXPECT_TRUE(found) << report["problems"];
  const Json before = test_named(report, "Before.Passes");
  if (GetParam().outcome.empty()) {
    EXPECT_NE(before["outcome"], "passed");
  } else {
    EXPECT_EQ(before["outcome"], GetParam().outcome);
  }
}

INSTANTIATE_TEST_SUITE_P(, SetUps,
                         testing::Values(SetUpCase{"none", 1, "TearDownTestSuite of TearDownFails failed", "passed"},
                                         SetUpCase{"fatal", 1, "set-up of the environments failed", ""},
                                         SetUpCase{"nonfatal", 1, "set-up of the environments failed", "passed"},
                                         SetUpCase{"skip", 0, "", "skipped"},
                                         SetUpCase{"throw", 1, "set-up of the environments failed", "not_run"},
                                         SetUpCase{"tear_down", 1, "tear-down of the environments failed", "passed"},
                                         SetUpCase{"suite_crash", 1,
                                                   "TearDownTestSuite of TearDownCrashes: killed by SIGABRT", "passed"},
                                         SetUpCase{"main", 1, "start of the test program failed", ""}),
                         [](const testing::TestParamInfo<SetUpCase>& one) { return one.param.choice; });

// R12.
TEST(SuiteSetUps, FailEveryTestOfTheSuiteWithTheReason) {
  Sandbox box;
  const std::string binary = program("gtest_setup_failures");
  box.sharded(binary, 4);
  const Json report = box.report(binary);
  for (const std::string name : {"One", "Two", "Three"}) {
    const Json test = test_named(report, "SetUpFails." + name);
    EXPECT_EQ(test["outcome"], "failed") << name;
    EXPECT_NE(test.dump().find("no such server"), std::string::npos) << test;
  }
  EXPECT_EQ(test_named(report, "After.Passes")["outcome"], "passed");
}

class Catch2Details : public EachFramework {};

// R13.
TEST_P(Catch2Details, AFailureTellsExpressionFileLineAndSection) {
  box_.sharded(of("basics"), 3);
  const Json report = box_.report(of("basics"));
  const std::string plain = test_named(report, "fails two checks and goes on")["attempts"][0]["messages"].dump();
  EXPECT_NE(plain.find("one == 2"), std::string::npos) << plain;
  EXPECT_NE(plain.find("1 == 3"), std::string::npos) << plain;
  EXPECT_NE(plain.find("basics.cpp"), std::string::npos) << plain;
  const std::string nested = test_named(report, "fails in nested sections")["attempts"][0]["messages"].dump();
  EXPECT_NE(nested.find("fails > a check, with / odd"), std::string::npos) << nested;
  EXPECT_NE(nested.find("thrown in a section"), std::string::npos) << nested;
  EXPECT_NE(nested.find("another outer"), std::string::npos) << nested;
  const std::string info = test_named(report, "tells what was going on")["attempts"][0]["messages"].dump();
  EXPECT_NE(info.find("an INFO line"), std::string::npos) << info;
  EXPECT_NE(info.find("answer := 42"), std::string::npos) << info;
}

// R12.
TEST_P(Catch2Details, HiddenTestsRunOnlyWhenAskedFor) {
  box_.sharded(of("basics"), 3);
  EXPECT_EQ(outcomes_by_name(box_.report(of("basics"))).count("is hidden and passes"), 0U);
  const Finished run = box_.sharded(of("basics"), 3, {"[.],[.integration]"});
  EXPECT_EQ(run.code, 1) << run.told();
  const OutcomesByName expected{{"is hidden and passes", {"passed"}}, {"is hidden with a tag and fails", {"failed"}}};
  EXPECT_EQ(outcomes_by_name(box_.report(of("basics"))), expected);
}

INSTANTIATE_TEST_SUITE_P(Frameworks, Catch2Details, testing::Values("catch2_v2", "catch2_v3"), framework_name);

// R43: mains that people write by hand work unchanged.
TEST(OwnMains, ListenersEnvironmentsAndOptionsWork) {
  Sandbox box;
  const std::string gtest = program("gtest_own_main");
  EXPECT_EQ(box.sharded(gtest, 2).code, 1);
  const OutcomesByName expected{{"OwnMain.HasItsEnvironment", {"passed"}},
                                {"OwnMain.FailedByListener", {"failed"}},
                                {"OwnMain.Passes", {"passed"}}};
  EXPECT_EQ(outcomes_by_name(box.report(gtest)), expected);
  for (const std::string name : {"catch2_v2_own_main", "catch2_v3_own_main"}) {
    if (program(name).empty()) continue;
    const Finished with = box.sharded(program(name), 2, {"-g", "hello"});
    EXPECT_EQ(with.code, 0) << with.told();
    const Finished without = box.sharded(program(name), 2);
    EXPECT_EQ(without.code, 1) << without.told();
  }
}

}  // namespace
}  // namespace cleave::test
