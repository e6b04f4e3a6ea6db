#include "report/html.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "../support/report_builder.hpp"
#include "report/console.hpp"
#include "report/html_data.hpp"

namespace cleave::report {
namespace {

using nlohmann::json;
using plan::Outcome;
using test::attempt;
using test::failed_attempt;
using test::ReportBuilder;

json columns_of(const RunReport& report) { return json::parse(html_columns(report)); }

std::vector<json> details_of(const RunReport& report) {
  std::vector<json> lines;
  std::istringstream text(html_details(report));
  for (std::string line; std::getline(text, line);) lines.push_back(json::parse(line));
  return lines;
}

/// What stands between the tags of the element with that id.
std::string block(const std::string& page, const std::string& id) {
  const std::size_t start = page.find('>', page.find("id=\"" + id + "\"")) + 1;
  return page.substr(start, page.find("</script>", start) - start);
}

constexpr const char* kEvil = "</script><!-- <b> {{details}} \xE2\x80\xA8 \xFF \x1b[31m \" \\";

TEST(Html, LoadsNothing) {  // R18
  ReportBuilder builder;
  builder.test("Store", "Reads", Outcome::passed);
  std::string page = html_report(builder.report());
  // The name of SVG's namespace is no address that anything is loaded from.
  const std::string svg = "xmlns='http://www.w3.org/2000/svg'";
  for (std::size_t at; (at = page.find(svg)) != std::string::npos;) page.erase(at, svg.size());
  for (const char* const reference : {"http:", "https:", " src=", "@import", "<iframe", "<base", "fetch("}) {
    EXPECT_EQ(page.find(reference), std::string::npos) << reference;
  }
  EXPECT_NE(page.find("default-src 'none'"), std::string::npos);
}

TEST(Html, NamesAndOutputCannotEndTheirBlock) {  // R18
  ReportBuilder builder;
  Attempt made = failed_attempt(kEvil);
  made.output = test::output(kEvil);
  builder.test(kEvil, kEvil, {made});
  builder.report().target = kEvil;
  const std::string page = html_report(builder.report());
  const json columns = json::parse(block(page, "columns"));
  EXPECT_EQ(columns["tests"]["name"][0], "</script><!-- <b> {{details}} \xE2\x80\xA8 \xEF\xBF\xBD \x1b[31m \" \\");
  const json details = json::parse(block(page, "details"));
  EXPECT_EQ(details["attempts"][0]["output"]["total"], std::string(kEvil).size());
  EXPECT_EQ(page.find("<b> {{"), std::string::npos) << "also not in the part without scripts";
  EXPECT_EQ(page.find('\0'), std::string::npos);
}

TEST(Html, TellsVerdictAndFailuresWithoutScripts) {  // R18
  ReportBuilder builder;
  builder.test("Store", "Reads", Outcome::passed);
  builder.test("Store", "Writes", {failed_attempt("Expected: 1 < 0")});
  builder.problem("shard-2: exit status 23");
  const std::string page = html_report(builder.report());
  const std::string plain = page.substr(page.find("<noscript>"), page.find("</noscript>") - page.find("<noscript>"));
  EXPECT_NE(plain.find("1 of 2 tests failed"), std::string::npos);
  EXPECT_NE(plain.find("Store.Writes"), std::string::npos);
  EXPECT_NE(plain.find("Expected: 1 &lt; 0"), std::string::npos);
  EXPECT_NE(plain.find("shard-2: exit status 23"), std::string::npos);
  EXPECT_EQ(plain.find("Store.Reads"), std::string::npos);
  EXPECT_NE(page.find("data-verdict=\"red\""), std::string::npos);
}

TEST(Html, HeadlineSaysAllPassedOnlyOfAGreenRun) {  // R18
  ReportBuilder green;
  green.test("Store", "Reads", Outcome::passed);
  EXPECT_EQ(headline(green.report()), "All 1 test passed");
  green.problem("shard-2: exit status 23");
  EXPECT_EQ(headline(green.report()), "The tests passed, but the run has 1 problem");

  ReportBuilder interrupted;
  interrupted.test("Store", "Reads", Outcome::passed);
  interrupted.report().interrupted_by = "SIGINT";
  EXPECT_EQ(headline(interrupted.report()), "Interrupted by SIGINT");

  ReportBuilder lost;
  lost.test("Store", "Reads", Outcome::passed);
  lost.test("Store", "Lost", std::vector<Attempt>{});
  EXPECT_EQ(headline(lost.report()), "The run broke, 1 test did not run");

  ReportBuilder flaky;
  flaky.test("Store", "Flaky", {failed_attempt("no"), attempt(Outcome::passed)}).flaky = true;
  EXPECT_EQ(headline(flaky.report()), "All 1 test passed");
  flaky.report().flaky_is_red = true;
  EXPECT_EQ(headline(flaky.report()), "1 flaky test makes this run red");

  EXPECT_EQ(headline(RunReport{}), "No test was selected");
}

TEST(Html, HeadlineGroupsDigits) {
  ReportBuilder builder;
  for (int i = 0; i < 1204; ++i) builder.test("Store", std::to_string(i), Outcome::passed);
  EXPECT_EQ(headline(builder.report()), "All 1,204 tests passed");
}

TEST(Html, EveryReportedTestStandsInEachColumnOnce) {  // R18
  ReportBuilder builder;
  builder.test("Store", "Reads", Outcome::passed);
  builder.unselected("Store", "Out");
  builder.test("Other", "Writes", {failed_attempt("a"), attempt(Outcome::passed)}).flaky = true;
  builder.listed().tags = {"db", "slow"};
  builder.disabled("Other", "DISABLED_Off");
  builder.test("Other", "Lost", std::vector<Attempt>{});
  const json columns = columns_of(builder.report());
  const json& tests = columns["tests"];
  EXPECT_EQ(tests["count"], 4);
  EXPECT_EQ(tests["name"], (json{"Reads", "Writes", "DISABLED_Off", "Lost"}));
  EXPECT_EQ(tests["outcome"], "ppdn");
  EXPECT_EQ(tests["suite"], (json{0, 1, 1, 1}));
  EXPECT_EQ(tests["tries"], (json{1, 2, 0, 0}));
  EXPECT_EQ(tests["flags"], (json{0, 1, 0, 0}));
  EXPECT_EQ(tests["tag"], (json{0, 1}));
  EXPECT_EQ(columns["tags"], (json{"db", "slow"}));
  EXPECT_EQ(columns["attempts"]["outcome"], "pfp");
  EXPECT_EQ(columns["attempts"]["time"], 12000) << "a column of one value is that value";
}

TEST(Html, DetailsStandForTheRowsThatHaveThemInOrder) {  // R18
  ReportBuilder builder;
  builder.test("Store", "Plain", Outcome::passed);
  builder.test("Store", "Red", {failed_attempt("first")});
  builder.test("Store", "It's", Outcome::passed);
  Attempt loud = attempt(Outcome::passed);
  loud.output = test::output("hello");
  loud.stacks = "thread 1";
  builder.test("Store", "Loud", {loud});
  EXPECT_EQ(columns_of(builder.report())["tests"]["detail"], (json{0, 1, 1, 1}));
  const std::vector<json> details = details_of(builder.report());
  ASSERT_EQ(details.size(), 3u);
  EXPECT_EQ(details[0]["attempts"][0]["messages"][0]["place"], "store_test.cpp:42");
  EXPECT_EQ(details[1]["again"], reproduce_line(builder.report(), builder.report().list.tests[2]));
  EXPECT_EQ(details[2]["attempts"][0]["output"]["head"], "hello");
  EXPECT_EQ(details[2]["attempts"][0]["stacks"], "thread 1");
}

TEST(Html, LineOfAPlainTestIsMadeOfItsName) {  // R15
  for (const char* const framework : {"gtest", "catch2"}) {
    ReportBuilder builder(framework);
    builder.report().binary = "/with space/it's";
    builder.test("Store", "Plain", Outcome::passed);
    const json columns = columns_of(builder.report());
    EXPECT_EQ(columns["tests"]["detail"], 0);
    const bool gtest = builder.report().list.framework == "gtest";
    const std::string made =
        columns["run"]["again"].get<std::string>() + (gtest ? " --gtest_filter='Store.Plain'" : " 'Plain'");
    EXPECT_EQ(made, reproduce_line(builder.report(), builder.report().list.tests[0]));
  }
}

TEST(Html, GreenOutputBeyondTheLimitIsLeftToTheOtherReports) {
  ReportBuilder builder;
  Attempt quiet = attempt(Outcome::passed);
  quiet.output = test::output("quiet");
  builder.test("Store", "First", {quiet});
  Attempt loud = quiet;
  loud.output = test::output(std::string(33 << 20, 'x'));
  builder.test("Store", "Second", {loud});
  Attempt red = failed_attempt("no");
  red.output = test::output("red");
  builder.test("Store", "Red", {red});
  const std::vector<json> details = details_of(builder.report());
  ASSERT_EQ(details.size(), 3u);
  EXPECT_EQ(details[0]["attempts"][0]["output"]["head"], "quiet");
  EXPECT_EQ(details[1]["attempts"][0]["output"]["head"], "");
  EXPECT_EQ(details[1]["attempts"][0]["output"]["total"], 33 << 20);
  EXPECT_EQ(details[2]["attempts"][0]["output"]["head"], "red") << "failures stay whole";
}

TEST(Html, PlainTestsAreSmall) {
  ReportBuilder builder;
  constexpr std::size_t kTests = 5000;
  const std::size_t empty = html_report(builder.report()).size();
  for (std::size_t i = 0; i < kTests; ++i) {
    builder.test("Suite" + std::to_string(i / 50), "Test" + std::to_string(i), Outcome::passed);
  }
  EXPECT_LT(html_report(builder.report()).size() - empty, kTests * 60) << "6 MB for 100,000 tests";
}

}  // namespace
}  // namespace cleave::report
