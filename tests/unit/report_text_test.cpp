#include "report/text.hpp"

#include <gtest/gtest.h>

#include "../support/report_builder.hpp"

namespace cleave::report {
namespace {

using namespace std::chrono_literals;
using plan::Outcome;
using test::ReportBuilder;

TEST(Utf8, KeepsWellFormedText) { EXPECT_EQ(utf8("aé漢😀"), "aé漢😀"); }

TEST(Utf8, ReplacesOneBrokenCharacterByOneReplacement) {
  EXPECT_EQ(utf8("a\xFFz"), "a\uFFFDz");
  EXPECT_EQ(utf8("a\xE6\xBC"), "a\uFFFD") << "a character cut at the end";
  EXPECT_EQ(utf8("\xC0\xAF"), "\uFFFD\uFFFD") << "an overlong slash";
  EXPECT_EQ(utf8("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD") << "a surrogate";
  EXPECT_EQ(utf8("\xF4\x90\x80\x80"), "\uFFFD\uFFFD\uFFFD\uFFFD") << "past U+10FFFF";
}

TEST(XmlText, EscapesMarkupAndTheEndOfCdata) { EXPECT_EQ(xml_text("a<b & c]]>"), "a&lt;b &amp; c]]&gt;"); }

TEST(XmlText, SpellsOutForbiddenCharacters) {
  EXPECT_EQ(xml_text(std::string("x\0y\x08\x1b[1m", 8)), "x\\x00y\\x08\\x1b[1m");
  EXPECT_EQ(xml_text("\xEF\xBF\xBE"), "\uFFFD") << "U+FFFE is no XML character";
}

TEST(XmlText, KeepsNewlinesAndSavesCarriageReturns) { EXPECT_EQ(xml_text("a\r\n\tb"), "a&#13;\n\tb"); }

TEST(XmlAttribute, SavesWhitespaceAndQuotes) { EXPECT_EQ(xml_attribute("a\n\t\"b'"), "a&#10;&#9;&quot;b'"); }

TEST(Printable, SpellsOutWhatSteersATerminal) {
  EXPECT_EQ(printable("\x1b]0;owned\x07"), "\\x1b]0;owned\\x07");
  EXPECT_EQ(printable("a\u202Eb"), "a\\u202eb") << "a right-to-left override";
  EXPECT_EQ(printable("a\u061Cb"), "a\\u061cb") << "an Arabic letter mark";
  EXPECT_EQ(printable("a\U000E0041b"), "a\\U000e0041b") << "a letter that is not shown";
  EXPECT_EQ(printable("\u009B31m"), "\\x9b31m") << "the eight-bit form of ESC [";
  EXPECT_EQ(printable("tab\there\nnext\r\nlast\r"), "tab\there\nnext\nlast\\x0d");
}

TEST(WithoutColours, DropsColoursAndNothingElse) {
  EXPECT_EQ(without_colours("\x1b[1;31mred\x1b[m \x1b[2J \x1b["), "red \x1b[2J \x1b[");
}

TEST(OutputText, SaysHowMuchIsMissing) {
  EXPECT_EQ(output_text({"head", "tail", 100}), "head\n[… 92 bytes left out …]\ntail");
  EXPECT_EQ(output_text({"all", "", 3}), "all");
}

TEST(DurationText, SuitsPeople) {
  const std::pair<Nanoseconds, const char*> table[] = {
      {0ns, "0 ms"},      {1us, "<1 ms"},         {35ms, "35 ms"},    {999'400us, "999 ms"}, {999'600us, "1.00 s"},
      {1240ms, "1.24 s"}, {59'996ms, "1 m 00 s"}, {123s, "2 m 03 s"}, {3720s, "1 h 02 m"},   {-5s, "0 ms"},
  };
  for (const auto& [duration, text] : table) EXPECT_EQ(duration_text(duration), text);
}

TEST(SecondsText, RoundsToMilliseconds) {
  EXPECT_EQ(seconds_text(1'234'567us), "1.235");
  EXPECT_EQ(seconds_text(Nanoseconds::max()), "9223372036.855");
}

TEST(Iso8601, KnowsLeapDaysAndTimesBeforeTheEpoch) {
  EXPECT_EQ(iso8601(1'709'251'198'123ms), "2024-02-29T23:59:58.123Z");
  EXPECT_EQ(iso8601(-1ms), "1969-12-31T23:59:59.999Z");
}

TEST(Totals, CountEveryReportedTestOnce) {
  ReportBuilder builder;
  builder.test("A", "repeated", {test::attempt(Outcome::passed), test::attempt(Outcome::passed)});
  builder.test("A", "flaky", {test::failed_attempt("no"), test::attempt(Outcome::passed)}).flaky = true;
  builder.test("A", "crashed", Outcome::crashed);
  builder.disabled("A", "DISABLED_x");
  builder.unselected("A", "other");
  const Totals totals = totals_of(builder.report());
  EXPECT_EQ(totals.selected, 4u);
  EXPECT_EQ(totals.passed, 2u);
  EXPECT_EQ(totals.flaky, 1u);
  EXPECT_EQ(totals.crashed, 1u);
  EXPECT_EQ(totals.disabled, 1u);
}

TEST(Totals, SelectedTestWithoutAttemptIsNotRunWhateverItsRowSays) {
  ReportBuilder builder;
  builder.test("A", "lost", std::vector<Attempt>{}).outcome = Outcome::passed;
  EXPECT_EQ(totals_of(builder.report()).not_run, 1u);
  builder.report().rows.clear();
  EXPECT_EQ(totals_of(builder.report()).not_run, 1u) << "a test without a row";
}

TEST(ExitCode, GreenOnlyWhenEveryTestIs) {
  ReportBuilder builder;
  builder.test("A", "a", Outcome::passed);
  builder.test("A", "b", Outcome::skipped);
  EXPECT_EQ(exit_code_of(builder.report()), 0);
  builder.test("A", "c", Outcome::timed_out);
  EXPECT_EQ(exit_code_of(builder.report()), 1);
}

TEST(ExitCode, WarningsStayGreenProblemsDoNot) {
  ReportBuilder builder;
  builder.test("A", "a", Outcome::passed);
  builder.problem("leaked process").warning = true;
  EXPECT_EQ(exit_code_of(builder.report()), 0);
  builder.problem("tear-down failed");
  EXPECT_EQ(exit_code_of(builder.report()), 1);
  builder.problem("lists differ").run_broken = true;
  EXPECT_EQ(exit_code_of(builder.report()), 3);
}

TEST(ExitCode, UnexplainedMissingOutcomeBreaksTheRun) {
  ReportBuilder builder;
  builder.test("A", "a", Outcome::passed);
  builder.test("A", "b", Outcome::not_run);
  EXPECT_EQ(exit_code_of(builder.report()), 3);
  builder.report().interrupted_by = "SIGINT";
  EXPECT_EQ(exit_code_of(builder.report()), 1);
}

TEST(ExitCode, NothingSelectedIsItsOwnCode) {
  ReportBuilder builder;
  builder.unselected("A", "a");
  EXPECT_EQ(exit_code_of(builder.report()), 4);
}

}  // namespace
}  // namespace cleave::report
