#include "report/speed.hpp"

#include <gtest/gtest.h>

#include "../support/report_builder.hpp"
#include "report/console.hpp"

namespace cleave::report {
namespace {

using plan::Outcome;
using std::chrono::milliseconds;
using std::chrono::seconds;
using test::ReportBuilder;

/// Tests a, b, … that took these milliseconds, in a run of ten seconds.
ReportBuilder run_of(const std::vector<int>& durations) {
  ReportBuilder builder;
  builder.report().wall = seconds(10);
  for (std::size_t i = 0; i < durations.size(); ++i) {
    Attempt attempt = test::attempt(Outcome::passed);
    attempt.duration = milliseconds(durations[i]);
    builder.test("S", std::string(1, static_cast<char>('a' + i)), {attempt});
  }
  Efficiency e;
  e.lanes = 2;
  e.took = seconds(10);
  e.bound = seconds(8);
  e.cause = Efficiency::Cause::longest;
  e.bound_by = "S.a";
  e.advice = "S.a took 80 % of the run: split it";
  builder.report().efficiency = e;
  return builder;
}

// R18
TEST(SpeedLines, NameWhatMattersInThreeLines) {
  ReportBuilder builder = run_of({8000, 1500, 1200, 1100, 10});
  builder.report().efficiency->predicted = seconds(9);
  EXPECT_EQ(speed_lines(builder.report(), Detail::normal),
            "  slowest    S.a  8.00 s, S.b  1.50 s, S.c  1.20 s\n"
            "  time       predicted 9.00 s, took 10.00 s: 25 % above the 8.00 s that no schedule beats (S.a)\n"
            "  faster     S.a took 80 % of the run: split it\n");
}

TEST(SpeedLines, AreSilentAboutSlowTestsThatDoNotMatter) {
  ReportBuilder builder = run_of({1900, 1900, 1900});
  builder.report().efficiency.reset();
  EXPECT_EQ(speed_lines(builder.report(), Detail::normal), "");
}

TEST(SpeedLines, AreSilentInShortAndQuietRuns) {
  ReportBuilder builder = run_of({8000});
  EXPECT_EQ(speed_lines(builder.report(), Detail::quiet), "");
  builder.report().wall = milliseconds(999);
  EXPECT_EQ(speed_lines(builder.report(), Detail::normal), "");
}

TEST(SpeedLines, VerboseListsFiveWithTheirShares) {
  ReportBuilder builder = run_of({100, 8000, 300, 300, 10, 200});
  builder.report().efficiency.reset();
  EXPECT_EQ(speed_lines(builder.report(), Detail::verbose),
            "  slowest    S.b  8.00 s  (80 % of the run)\n"
            "  slowest    S.c  300 ms  (3 % of the run)\n"
            "  slowest    S.d  300 ms  (3 % of the run)\n"
            "  slowest    S.f  200 ms  (2 % of the run)\n"
            "  slowest    S.a  100 ms  (1 % of the run)\n");
}

TEST(Summary, TheVerdictComesLastAlsoBelowTheTimes) {
  const std::string text = summary(run_of({8000}).report(), false);
  EXPECT_EQ(text.substr(text.size() - 7), "\ngreen\n") << text;
  EXPECT_NE(text.find("\n  time  "), std::string::npos) << text;
}

TEST(Summary, SaysWhatIsNotAsItShouldBeInAGreenRunInOneSentence) {
  ReportBuilder builder;
  builder.test("S", "a", {test::failed_attempt("no"), test::attempt(Outcome::passed)}).flaky = true;
  builder.test("S", "b", {test::failed_attempt("no"), test::attempt(Outcome::passed)}).flaky = true;
  builder.test("S", "c", Outcome::failed).quarantine = "until 2030-01-01: later";
  const std::string text = summary(builder.report(), false);
  EXPECT_NE(text.find("\ngreen, though 2 tests were flaky and 1 red test is in quarantine\n"), std::string::npos)
      << text;
  builder.test("S", "d", Outcome::failed);
  const std::string red = summary(builder.report(), false);
  EXPECT_NE(red.find("\nred: 2 failed (1 of them in quarantine)\n"), std::string::npos) << red;
}

}  // namespace
}  // namespace cleave::report
