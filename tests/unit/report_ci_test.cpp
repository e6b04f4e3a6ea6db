#include "report/ci.hpp"

#include <gtest/gtest.h>

#include "../support/report_builder.hpp"

namespace cleave::report {
namespace {

using plan::Outcome;
using test::attempt;
using test::ReportBuilder;

// R18
TEST(GithubAnnotation, StandsAtTheFailureAndEscapesWhatWouldEndIt) {
  ReportBuilder builder;
  Attempt red = test::failed_attempt("100 % wrong\r\nin two, lines: here");
  red.messages[0].file = "/home/runner/work/shop/shop/tests/a,b:c.cpp";
  builder.test("Store", "Writes", {red});
  EXPECT_EQ(github_annotation(builder.report(), builder.listed(), red, "/home/runner/work/shop/shop/", false),
            "::error file=tests/a%2Cb%3Ac.cpp,line=42,title=Store.Writes failed::"
            "/home/runner/work/shop/shop/tests/a,b:c.cpp:42%0A100 %25 wrong%0Ain two, lines: here%0A"
            "(shard-1, attempt 1)%0Areproduce: /build/store_tests --gtest_filter='Store.Writes'\n");
}

TEST(GithubAnnotation, OfACrashStandsWhereTheTestDoes) {
  ReportBuilder builder("catch2");
  const Attempt dead = attempt(Outcome::crashed, "killed by SIGSEGV");
  builder.test("", "a, b: c\n::error::", {dead});
  builder.listed().file = "../../tests/store_test.cpp";
  const std::string text = github_annotation(builder.report(), builder.listed(), dead, "", true);
  EXPECT_EQ(
      text.rfind("::warning file=tests/store_test.cpp,line=10,title=a%2C b%3A c\\n%3A%3Aerror%3A%3A crashed::", 0), 0u)
      << text;
  EXPECT_EQ(text.find('\n'), text.size() - 1) << "one line: " << text;
}

TEST(GithubAnnotation, IsCutBetweenCharacters) {
  ReportBuilder builder;
  std::string many;
  for (int i = 0; i < 5000; ++i) many += "é";
  const Attempt red = test::failed_attempt(many);
  builder.test("Store", "Writes", {red});
  const std::string text = github_annotation(builder.report(), builder.listed(), red, "", false);
  EXPECT_LT(text.size(), 4600u);
  EXPECT_NE(text.find("é …%0Areproduce: "), std::string::npos) << text.substr(text.size() - 200);
}

TEST(GithubGroup, FoldsTheText) { EXPECT_EQ(github_group("a\nb", "x\n"), "::group::a%0Ab\nx\n::endgroup::\n"); }

TEST(GithubSummary, IsASmallTable) {
  ReportBuilder builder("catch2");
  builder.test("", "a | <b>", {test::failed_attempt("1 | 2")});
  builder.test("", "ok", Outcome::passed);
  builder.test("", "shaky", {test::failed_attempt("no"), attempt(Outcome::passed)}).flaky = true;
  EXPECT_EQ(github_summary(builder.report()), R"(### ❌ <code>store_tests</code>: red

3 tests, 2 passed, 1 failed, 1 flaky in 3.21 s

| | test | where | why |
|---|---|---|---|
| failed | <code>a &#124; &lt;b&gt;</code> | <code>store_test.cpp:10</code> | <code>1 &#124; 2</code> |
| flaky | <code>shaky</code> | <code>store_test.cpp:12</code> | <code></code> |

)");
  for (int i = 0; i < 30; ++i) builder.test("", "t" + std::to_string(i), Outcome::failed);
  EXPECT_NE(github_summary(builder.report()).find("… and 12 more"), std::string::npos);
}

TEST(GitlabSection, IsCollapsed) {
  EXPECT_EQ(gitlab_section("cleave_1", "FAILED  a", "  why\n", std::chrono::seconds(1560896352)),
            "\x1b[0Ksection_start:1560896352:cleave_1[collapsed=true]\r\x1b[0KFAILED  a\n  why\n"
            "\x1b[0Ksection_end:1560896352:cleave_1\r\x1b[0K\n");
}

TEST(TeamcityTest, TellsAFailureWhole) {
  ReportBuilder builder;
  Attempt red = test::failed_attempt("it's [a|b]\nno");
  red.output = test::output("out\n");
  builder.test("Store", "Writes", {red});
  EXPECT_EQ(teamcity_test(builder.report(), builder.listed(), red),
            "##teamcity[testStarted name='store_tests: Store.Writes' flowId='store_tests/shard-1']\n"
            "##teamcity[testStdOut name='store_tests: Store.Writes' out='out|n' flowId='store_tests/shard-1']\n"
            "##teamcity[testFailed name='store_tests: Store.Writes' message='it|'s |[a||b|]' "
            "details='store_test.cpp:42|nit|'s |[a||b|]|nno|n(shard-1, attempt 1)' flowId='store_tests/shard-1']\n"
            "##teamcity[testFinished name='store_tests: Store.Writes' duration='12' flowId='store_tests/shard-1']\n");
}

TEST(TeamcityTest, ASkippedOneIsIgnoredAndOneThatDidNotRunHasFailed) {
  ReportBuilder builder;
  builder.test("Store", "Writes", Outcome::passed);
  const auto told = [&](Outcome outcome) {
    return teamcity_test(builder.report(), builder.listed(), attempt(outcome, "as said"));
  };
  EXPECT_NE(told(Outcome::skipped).find("##teamcity[testIgnored name='store_tests: Store.Writes' message='as said'"),
            std::string::npos);
  EXPECT_NE(told(Outcome::not_run).find("##teamcity[testFailed "), std::string::npos);
  EXPECT_EQ(told(Outcome::passed).find("testFailed"), std::string::npos);
}

TEST(WithoutCiCommands, OutputCommandsNoLogViewer) {
  EXPECT_EQ(without_ci_commands("  ::error::x\na::b\nx ##[group]y\n##teamcity[a]"),
            "  : :error::x\na::b\nx # #[group]y\n## teamcity[a]");
  EXPECT_EQ(without_ci_commands("::"), ": :");
  EXPECT_EQ(without_ci_commands(""), "");
}

TEST(PathInCheckout, IsRelativeToIt) {
  EXPECT_EQ(path_in_checkout("/w/shop/tests/a.cpp", "/w/shop"), "tests/a.cpp");
  EXPECT_EQ(path_in_checkout("/w/shopping/a.cpp", "/w/shop"), "/w/shopping/a.cpp");
  EXPECT_EQ(path_in_checkout("../../tests/a.cpp", "/w/shop"), "tests/a.cpp");
  EXPECT_EQ(path_in_checkout("tests/a.cpp", ""), "tests/a.cpp");
}

}  // namespace
}  // namespace cleave::report
