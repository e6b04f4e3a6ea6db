#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "../support/report_builder.hpp"
#include "report/junit.hpp"

namespace cleave::report {
namespace {

using plan::Outcome;
using test::attempt;
using test::failed_attempt;

/// One of everything that a JUnit file can hold.
RunReport full_report() {
  test::ReportBuilder builder;
  Attempt flaky = failed_attempt("too slow");
  flaky.output = {"head \x1b[31m", "tail \xFF", 100};
  Attempt recorded = attempt(Outcome::passed);
  recorded.properties = {{"key", "value\n"}};
  builder.test("Store", "Flaky", {flaky, attempt(Outcome::crashed, "killed by SIGSEGV"), recorded}).flaky = true;
  builder.test("Store", "Red", {attempt(Outcome::timed_out, "no end after 5 s"), flaky, failed_attempt("again")});
  builder.test("Store", "Skips", Outcome::skipped);
  builder.test("Other", "Lost", std::vector<Attempt>{});
  builder.disabled("Other", "DISABLED_Off");
  builder.problem("shard-2: exit status 23").output = test::output("ERROR: LeakSanitizer");
  builder.problem("lists differ").run_broken = true;
  builder.problem("leaked process 77").warning = true;
  builder.report().run_properties = {{"commit", "abc"}};
  builder.report().suite_properties = {{"Store", {{"rows", "3"}}}};
  builder.report().notes = {"12 serial tests were not selected"};
  return builder.report();
}

/// What xmllint says of `xml`; "" when it conforms to the schema.
std::string complaints(const std::string& xml, const std::string& schema = "junit.xsd") {
  const std::string path = testing::TempDir() + "cleave_report_schema_test.xml";
  std::ofstream(path, std::ios::binary) << xml;
  const std::string command = "xmllint --nonet --noout --schema '" CLEAVE_SOURCE_DIR "/tests/unit/schema/" + schema +
                              "' '" + path + "' >'" + path + ".log' 2>&1";
  const int status = std::system(command.c_str());
  std::ifstream log(path + ".log");
  const std::string text{std::istreambuf_iterator<char>(log), {}};
  return status == 0 ? "" : text;
}

class JunitSchema : public testing::Test {
 protected:
  void SetUp() override {
    if (std::system("xmllint --version >/dev/null 2>&1") != 0)
      GTEST_SKIP() << "xmllint (libxml2-utils) is not installed";
  }
};

TEST_F(JunitSchema, BothDialectsConform) {
  EXPECT_EQ(complaints(junit_xml(full_report())), "");
  EXPECT_EQ(complaints(junit_xml(full_report(), JunitDialect::strict)), "");
}

// R18: Jenkins' xunit plugin refuses a whole file for one attribute that it does not know.
TEST_F(JunitSchema, StrictDialectIsWhatJenkinsTakes) {
  EXPECT_EQ(complaints(junit_xml(full_report(), JunitDialect::strict), "junit_jenkins.xsd"), "");
  EXPECT_EQ(complaints(junit_xml(RunReport{}, JunitDialect::strict), "junit_jenkins.xsd"), "");
  EXPECT_NE(complaints(junit_xml(full_report()), "junit_jenkins.xsd"), "") << "file and line are unknown there";
}

TEST_F(JunitSchema, EmptyRunConforms) { EXPECT_EQ(complaints(junit_xml(RunReport{})), ""); }

TEST_F(JunitSchema, NotesASlip) {
  std::string xml = junit_xml(full_report());
  xml.replace(xml.find("<rerunError"), 11, "<rerunErrors");
  EXPECT_NE(complaints(xml), "");
}

}  // namespace
}  // namespace cleave::report
