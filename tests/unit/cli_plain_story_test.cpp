// What programs without Cleave tell of their tests: the frameworks' own files, whole and torn.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/plain_story.hpp"

namespace cleave::cli {
namespace {

using plan::Outcome;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> outcomes(const Story& story) {
  std::vector<std::string> all;
  for (const ToldTest& told : story.tests) {
    const std::string name = told.suite.empty() ? told.name : told.suite + "." + told.name;
    all.push_back(name + (told.ended ? " " + std::string(plan::name_of(told.attempt.outcome)) : " was running"));
  }
  return all;
}

constexpr const char* kGTestJson = R"({"tests": 4, "testsuites": [
 {"name": "S", "testsuite": [
  {"name": "Passes", "file": "a.cpp", "line": 3, "status": "RUN", "result": "COMPLETED", "time": "0.25s",
   "classname": "S", "key": "value"},
  {"name": "Skips", "status": "RUN", "result": "SKIPPED", "time": "0s", "classname": "S"},
  {"name": "Fails", "status": "RUN", "result": "COMPLETED", "time": "0s", "classname": "S",
   "failures": [{"failure": "a.cpp:12\nExpected: 1\n  <&>", "type": ""}, {"failure": "unknown file\nthrown", "type": ""}]},
  {"name": "DISABLED_Rests", "status": "NOTRUN", "result": "SUPPRESSED", "time": "0s", "classname": "S"}]},
 {"name": "Broken", "testsuite": [
  {"name": "", "status": "RUN", "result": "COMPLETED", "time": "0s", "classname": "Broken",
   "failures": [{"failure": "a.cpp:40\nno such server", "type": ""}]}]}]})";

constexpr const char* kGTestOutput =
    "[ RUN      ] S.Passes\nto stdout\n[       OK ] S.Passes (250 ms)\n"
    "[ RUN      ] S.Skips\n[  SKIPPED ] S.Skips (0 ms)\n"
    "[ RUN      ] S.Fails\na.cpp:12: Failure\nExpected: 1\n  <&>\nmine[  FAILED  ] S.Fails (0 ms)\n";

// R12, R13
TEST(PlainStory, OfGoogleTestHasOutcomesFailuresPropertiesAndOutput) {
  const Story story = read_gtest_story(kGTestJson, kGTestOutput);
  EXPECT_TRUE(story.complete);
  EXPECT_THAT(outcomes(story), ElementsAre("S.Passes passed", "S.Skips skipped", "S.Fails failed"));
  EXPECT_EQ(story.tests[0].attempt.duration, std::chrono::milliseconds(250));
  EXPECT_EQ(story.tests[0].attempt.properties, (plan::Properties{{"key", "value"}}));
  EXPECT_EQ(story.tests[0].attempt.output.head, "to stdout\n");
  ASSERT_EQ(story.tests[2].attempt.messages.size(), 2U);
  EXPECT_EQ(story.tests[2].attempt.messages[0].file, "a.cpp");
  EXPECT_EQ(story.tests[2].attempt.messages[0].line, 12);
  EXPECT_EQ(story.tests[2].attempt.messages[0].text, "Expected: 1\n  <&>");
  EXPECT_EQ(story.tests[2].attempt.messages[1].text, "thrown");
  EXPECT_EQ(story.tests[2].attempt.output.head, "mine") << "what the failure says is not told twice";
}

TEST(PlainStory, AFailedSetUpIsAProblemOfItsSuite) {
  const Story story = read_gtest_story(kGTestJson, "");
  ASSERT_EQ(story.problems.size(), 1U);
  EXPECT_EQ(story.problems[0].suite, "Broken");
  EXPECT_EQ(story.problems[0].messages[0].text, "no such server");
}

// R11: the process died, and GoogleTest wrote no file.
TEST(PlainStory, WithoutAFileGoogleTestsLastWordsTellWhatRan) {
  const Story story = read_gtest_story("",
                                       "[ RUN      ] S.One\n[       OK ] S.One (7 ms)\n"
                                       "[ RUN      ] S.Two\na.cpp:5: Failure\nExpected: 2\n\n"
                                       "[  FAILED  ] S.Two, where GetParam() = 3 (0 ms)\n"
                                       "[ RUN      ] S.Dies\nlast words\na.cpp:9: Failure\nsaid before\n\n");
  EXPECT_FALSE(story.complete);
  EXPECT_THAT(outcomes(story), ElementsAre("S.One passed", "S.Two failed", "S.Dies was running"));
  EXPECT_EQ(story.tests[0].attempt.duration, std::chrono::milliseconds(7));
  EXPECT_EQ(story.tests[1].attempt.messages[0].line, 5);
  EXPECT_EQ(story.tests[2].attempt.output.head, "last words\n");
  EXPECT_THAT(story.tests[2].attempt.messages[0].text, HasSubstr("said before"));
}

TEST(PlainStory, WhatATestPrintsOfAnotherDoesNotEndIt) {
  const Story story = read_gtest_story("",
                                       "[ RUN      ] S.Outer\n[ RUN      ] S.Inner\n[       OK ] S.Inner (1 ms)\n"
                                       "[       OK ] S.OuterMost (1 ms)\n[  FAILED  ] S.Outer (2 ms)\n");
  EXPECT_THAT(outcomes(story), ElementsAre("S.Outer failed"));
}

TEST(PlainStory, ATornFileOfGoogleTestCountsAsNone) {
  const std::string json = kGTestJson;
  for (std::size_t size = 0; size < json.size(); size += 7) {
    const Story story = read_gtest_story(json.substr(0, size), kGTestOutput);
    ASSERT_FALSE(story.complete) << size;
    ASSERT_EQ(story.tests.size(), 3U) << size;
  }
}

constexpr const char* kCatch2Xml = R"(<?xml version="1.0" encoding="UTF-8"?>
<Catch2TestRun name="x" rng-seed="1">
  <TestCase name="pa&quot;ss&lt;es>" tags="[a]" filename="a.cpp" line="3">
    <OverallResult success="true" skips="0" durationInSeconds="0.5">
      <StdOut>
told &lt;/TestCase&gt;
      </StdOut>
    </OverallResult>
  </TestCase>
  <TestCase name="skips" filename="a.cpp" line="9">
    <Skip filename="a.cpp" line="10">
      no device
    </Skip>
    <OverallResult success="true" skips="1"/>
  </TestCase>
  <TestCase name="fails" filename="a.cpp" line="20">
    <Info>
      on the way
    </Info>
    <Section name="inner" filename="a.cpp" line="21">
      <Expression success="false" type="CHECK" filename="a.cpp" line="22">
        <Original>
          one == 2
        </Original>
        <Expanded>
          1 == 2
        </Expanded>
      </Expression>
      <OverallResults successes="0" failures="1" expectedFailures="0"/>
    </Section>
    <OverallResult success="false" skips="0"/>
  </TestCase>
</Catch2TestRun>)";

TEST(PlainStory, OfCatch2HasOutcomesFailuresAndOutput) {
  const Story story = read_catch2_story(kCatch2Xml);
  EXPECT_TRUE(story.complete);
  EXPECT_THAT(outcomes(story), ElementsAre("pa\"ss<es> passed", "skips skipped", "fails failed"));
  EXPECT_EQ(story.tests[0].attempt.duration, std::chrono::milliseconds(500));
  EXPECT_EQ(story.tests[0].attempt.output.head, "told </TestCase>");
  EXPECT_EQ(story.tests[1].attempt.messages[0].text, "no device");
  EXPECT_EQ(story.tests[2].attempt.messages[0].line, 22);
  EXPECT_EQ(story.tests[2].attempt.messages[0].text,
            "CHECK( one == 2 )\nwith expansion:\n  1 == 2\nwith messages:\non the way");
}

// R11: whatever byte a killed program wrote last, no test is told to have ended that did not, and none is lost.
TEST(PlainStory, ATornFileOfCatch2TellsOfWhatBeganAndWhatEnded) {
  const std::string xml = kCatch2Xml;
  for (std::size_t size = 0; size + 1 < xml.size(); ++size) {
    const std::string torn = xml.substr(0, size);
    const Story story = read_catch2_story(torn);
    ASSERT_FALSE(story.complete) << size;
    std::size_t ended = 0;
    for (auto at = torn.find("</TestCase>"); at != std::string::npos; at = torn.find("</TestCase>", at + 1)) ++ended;
    std::size_t told = 0;
    for (const ToldTest& test : story.tests) told += test.ended ? 1U : 0U;
    ASSERT_GE(told, ended) << size;
    ASSERT_LE(told, ended + 1) << size;
    ASSERT_LE(story.tests.size(), ended + 1) << size;
  }
}

TEST(PlainStory, AFatalConditionMeansThatTheTestDidNotEnd) {
  const Story story = read_catch2_story(R"(<Catch><Group><TestCase name="dies" filename="a.cpp" line="1">
<Expression success="false" filename="a.cpp" line="2"><Original>
{Unknown expression after the reported line}
</Original><Expanded>
{Unknown expression after the reported line}
</Expanded><FatalErrorCondition filename="a.cpp" line="2">
SIGSEGV - Segmentation violation signal
</FatalErrorCondition></Expression>
<OverallResult success="false"/></TestCase></Group></Catch>)");
  EXPECT_FALSE(story.complete);
  EXPECT_TRUE(story.fatal);
  EXPECT_THAT(outcomes(story), ElementsAre("dies was running"));
  EXPECT_EQ(story.tests[0].attempt.messages[0].text, "SIGSEGV - Segmentation violation signal");
}

TEST(PlainStory, OutputIsKeptInItsBeginningAndItsEnd) {
  EXPECT_EQ(kept_output("short").tail, "");
  const report::Output kept = kept_output(std::string(1000000, 'x') + "end");
  EXPECT_EQ(kept.total, 1000003U);
  EXPECT_LT(kept.head.size() + kept.tail.size(), 100000U);
  EXPECT_THAT(kept.tail, testing::EndsWith("end"));
}

}  // namespace
}  // namespace cleave::cli
