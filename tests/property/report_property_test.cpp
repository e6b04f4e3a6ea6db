#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

#include "../support/report_builder.hpp"
#include "../support/xml_tree.hpp"
#include "report/catch2_output.hpp"
#include "report/console.hpp"
#include "report/gtest_output.hpp"
#include "report/json.hpp"
#include "report/junit.hpp"

namespace cleave::report {
namespace {

using nlohmann::json;
using test::XmlNode;

constexpr std::uint32_t kSeed = 20240229;
constexpr int kCases = 400;

/// Random reports that look for trouble: bytes of any value, markup, escape sequences, cut UTF-8.
class Maker {
 public:
  explicit Maker(std::uint32_t seed) : random_(seed) {}

  std::uint32_t below(std::uint32_t bound) {
    return std::uniform_int_distribution<std::uint32_t>(0, bound - 1)(random_);
  }

  std::string bytes() {
    static const char* const nasty[] = {"]]>", "<![CDATA[", "&amp;",        "</testcase>", "\x1b[31m", "\xE6\xBC",
                                        "é",   "漢",        "\xEF\xBF\xBF", "\r\n",        "\"",       "'",
                                        "\\",  "/",         "<testcase ",   "name=\"x\"",  "😀"};
    std::string text;
    for (std::uint32_t i = below(8); i > 0; --i) {
      switch (below(3)) {
        case 0: text += nasty[below(std::size(nasty))]; break;
        case 1: text += static_cast<char>(below(256)); break;
        default: text += static_cast<char>('a' + below(26));
      }
    }
    return text;
  }

  Attempt attempt(std::uint32_t repetition) {
    Attempt made;
    made.outcome = static_cast<plan::Outcome>(below(7));
    made.repetition = repetition;
    made.shard = bytes();
    made.start = Nanoseconds(below(2'000'000'000));
    made.duration = Nanoseconds(below(2'000'000'000));
    made.reason = bytes();
    for (std::uint32_t i = below(3); i > 0; --i) {
      made.messages.push_back(
          {static_cast<MessageKind>(below(4)), bytes(), static_cast<std::int32_t>(below(9)) - 1, bytes()});
    }
    for (std::uint32_t i = below(3); i > 0; --i) made.properties.emplace_back(bytes(), bytes());
    made.output = {bytes(), bytes(), below(50)};
    made.files = bytes();
    return made;
  }

  RunReport report(const char* framework) {
    test::ReportBuilder builder(framework);
    builder.report().target = bytes();
    builder.report().host = bytes();
    for (std::uint32_t i = below(6); i > 0; --i) {
      const std::string suite = std::string(1, static_cast<char>('A' + below(3))) + bytes();
      const std::string name = "t" + std::to_string(i) + bytes();
      switch (below(5)) {
        case 0: builder.unselected(suite, name); break;
        case 1: builder.disabled(suite, name); break;
        default: add_run_test(builder, suite, name);
      }
      builder.listed().file = bytes();
      builder.listed().value_param = bytes();
    }
    for (std::uint32_t i = below(3); i > 0; --i) {
      Problem& problem = builder.problem(bytes());
      problem.detail = bytes();
      problem.warning = below(2) == 0;
      problem.output = test::output(bytes());
    }
    builder.report().run_properties = {{bytes(), bytes()}, {bytes(), bytes()}};
    if (below(8) == 0) builder.report().interrupted_by = "SIGINT";
    return builder.report();
  }

 private:
  void add_run_test(test::ReportBuilder& builder, const std::string& suite, const std::string& name) {
    std::vector<Attempt> attempts;
    for (std::uint32_t i = below(4); i > 0; --i) attempts.push_back(attempt(attempts.size() > 1 ? 1 : 0));
    TestRow& row = builder.test(suite, name, attempts);
    for (const Attempt& tried : attempts) {
      if (!plan::is_green(tried.outcome)) row.outcome = tried.outcome;
    }
  }

  std::mt19937 random_;
};

/// How many rows of `root` stand for tests; all rows but those for problems.
std::size_t count_rows(const XmlNode& root) {
  std::vector<const XmlNode*> rows;
  root.collect("testcase", rows);
  return rows.size();
}

bool red(const XmlNode& node) {
  std::vector<const XmlNode*> found;
  node.collect("failure", found);
  node.collect("error", found);
  return !found.empty();
}

std::size_t red_beside_tests(const RunReport& report) {
  return totals_of(report).problems + (report.interrupted_by.empty() ? 0u : 1u);
}

TEST(ReportProperty, JunitIsWellFormedWithEveryTestOnceAndRedWhenTheRunIs) {
  for (int i = 0; i < kCases; ++i) {
    SCOPED_TRACE("seed " + std::to_string(kSeed) + ", case " + std::to_string(i));
    Maker maker(kSeed + static_cast<std::uint32_t>(i));
    const RunReport report = maker.report("gtest");
    for (const JunitDialect dialect : {JunitDialect::located, JunitDialect::strict}) {
      const std::optional<XmlNode> root = test::parse_xml(junit_xml(report, dialect));
      ASSERT_TRUE(root) << junit_xml(report, dialect);
      ASSERT_EQ(count_rows(*root), totals_of(report).selected + red_beside_tests(report));
      ASSERT_EQ(red(*root), exit_code_of(report) == 1 || exit_code_of(report) == 3);
    }
  }
}

TEST(ReportProperty, GoogleTestFilesAreWellFormedWithEveryTestOnceAndRedWhenTheRunIs) {
  for (int i = 0; i < kCases; ++i) {
    SCOPED_TRACE("seed " + std::to_string(kSeed) + ", case " + std::to_string(i));
    Maker maker(kSeed + static_cast<std::uint32_t>(i));
    const RunReport report = maker.report("gtest");
    const bool run_is_red = exit_code_of(report) == 1 || exit_code_of(report) == 3;
    const std::size_t extra = red_beside_tests(report) > 0 ? 1 : 0;
    const std::optional<XmlNode> root = test::parse_xml(gtest_xml(report));
    ASSERT_TRUE(root) << gtest_xml(report);
    ASSERT_EQ(count_rows(*root), totals_of(report).selected + extra);
    ASSERT_EQ(root->at("failures") != "0", run_is_red);
    const json document = json::parse(gtest_json(report));
    std::size_t rows = 0;
    for (const json& suite : document["testsuites"]) rows += suite["testsuite"].size();
    ASSERT_EQ(rows, totals_of(report).selected + extra);
    ASSERT_EQ(document["failures"] != 0, run_is_red);
  }
}

TEST(ReportProperty, JsonParsesAndHoldsEveryTestOnce) {
  for (int i = 0; i < kCases; ++i) {
    SCOPED_TRACE("seed " + std::to_string(kSeed) + ", case " + std::to_string(i));
    Maker maker(kSeed + static_cast<std::uint32_t>(i));
    const RunReport report = maker.report("gtest");
    const json document = json::parse(json_report(report));
    ASSERT_EQ(document["tests"].size(), totals_of(report).selected);
    std::size_t place = 0;
    for (std::size_t at = 0; at < report.list.tests.size(); ++at) {
      const plan::TestCase& test = report.list.tests[at];
      if (!test.selected && !test.disabled) continue;
      ASSERT_EQ(document["tests"][place]["name"].get<std::string>(), utf8(test.name));
      ASSERT_EQ(document["tests"][place]["attempts"].size(), report.rows[at].attempts.size());
      ++place;
    }
  }
}

TEST(ReportProperty, Catch2FilesAreWellFormedAndRedWhenTheRunIs) {
  for (int i = 0; i < kCases; ++i) {
    SCOPED_TRACE("seed " + std::to_string(kSeed) + ", case " + std::to_string(i));
    Maker maker(kSeed + static_cast<std::uint32_t>(i));
    const RunReport report = maker.report("catch2");
    const bool run_is_red = exit_code_of(report) == 1 || exit_code_of(report) == 3;
    // Half of what a part would be, and bytes that are none at all: both must be survived.
    const std::vector<std::string> parts = {maker.bytes(),
                                            "<testsuites>\n  <testsuite " + maker.bytes() + "</testsuites>"};
    const std::optional<XmlNode> junit = test::parse_xml(catch2_junit(report, {}));
    ASSERT_TRUE(junit) << catch2_junit(report, {});
    ASSERT_EQ(count_rows(*junit), totals_of(report).selected - totals_of(report).disabled + red_beside_tests(report));
    ASSERT_EQ(red(*junit), run_is_red);
    for (const char* reporter : {"xml", "sonarqube"}) {
      ASSERT_TRUE(test::parse_xml(catch2_concat(report, reporter, {}))) << catch2_concat(report, reporter, {});
    }
    for (const char* reporter : {"junit", "xml", "sonarqube", "tap", "console"}) {
      ASSERT_FALSE(catch2_concat(report, reporter, parts).empty() && run_is_red) << reporter;
    }
  }
}

TEST(ReportProperty, TerminalOutputCannotSteerTheTerminal) {
  for (int i = 0; i < kCases; ++i) {
    SCOPED_TRACE("seed " + std::to_string(kSeed) + ", case " + std::to_string(i));
    Maker maker(kSeed + static_cast<std::uint32_t>(i));
    const RunReport report = maker.report(i % 2 == 0 ? "gtest" : "catch2");
    std::string shown = summary(report, false);
    for (const Problem& problem : report.problems) shown += problem_block(problem, false);
    for (const TestRow& row : report.rows) {
      for (const Attempt& tried : row.attempts)
        shown += failure_block(report, report.list.tests[row.index], tried, false);
    }
    ASSERT_EQ(printable(shown), shown);
    const bool says_green = shown.find("\ngreen") != std::string::npos;
    ASSERT_EQ(says_green, exit_code_of(report) == 0);
  }
}

}  // namespace
}  // namespace cleave::report
