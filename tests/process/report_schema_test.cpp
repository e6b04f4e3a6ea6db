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

/// What Debian's junitparser makes of a file: the library with which the GitHub action "Publish Test Results" reads.
constexpr const char* kReader = R"py(import sys, junitparser
xml = junitparser.JUnitXml.fromfile(sys.argv[1])
suites = [xml] if isinstance(xml, junitparser.TestSuite) else list(xml)
for suite in suites:
    print(suite.name, suite.tests, suite.failures, suite.errors, suite.skipped)
    for case in suite:
        results = [type(one).__name__ for one in case.result]
        again = [str(one.tag) for one in case._elem if one.tag.startswith(("flaky", "rerun"))]
        print(" ", case.classname, case.name, "%.3f" % case.time, *results, *again)
)py";

class JunitReader : public testing::Test {
 protected:
  void SetUp() override {
    if (std::system("/usr/bin/python3 -c 'import junitparser' 2>/dev/null") != 0)
      GTEST_SKIP() << "junitparser (python3-junitparser) is not installed";
  }
  static std::string read(const std::string& xml) {
    const std::string path = testing::TempDir() + "cleave_junit_reader_test";
    std::ofstream(path + ".xml", std::ios::binary) << xml;
    std::ofstream(path + ".py") << kReader;
    const std::string command = "/usr/bin/python3 '" + path + ".py' '" + path + ".xml' >'" + path +
                                ".log' 2>&1 || echo failed >>'" + path + ".log'";
    EXPECT_EQ(std::system(command.c_str()), 0);
    std::ifstream log(path + ".log");
    return {std::istreambuf_iterator<char>(log), {}};
  }
};

// R18: a reader that many use sees each test once, with its verdict, its time and its attempts.
TEST_F(JunitReader, SeesEveryTestWithItsVerdictAndAttempts) {
  for (const JunitDialect dialect : {JunitDialect::located, JunitDialect::strict}) {
    EXPECT_EQ(read(junit_xml(full_report(), dialect)),
              "Store 3 1 0 1\n"
              "  Store Flaky 0.012 flakyFailure flakyError\n"
              "  Store Red 0.012 Failure rerunError rerunFailure\n"
              "  Store Skips 0.012 Skipped\n"
              "Other 2 0 1 1\n"
              "  Other Lost 0.000 Error\n"
              "  Other DISABLED_Off 0.000 Skipped\n"
              "store_tests (run) 2 0 2 0\n"
              "  store_tests (run) shard-2: exit status 23 0.000 Error\n"
              "  store_tests (run) lists differ 0.000 Error\n");
  }
  EXPECT_EQ(read(junit_xml(RunReport{})), "") << "a run without tests has no suite";
}

}  // namespace
}  // namespace cleave::report
