#include "report/catch2_output.hpp"

#include "report/xml_scan.hpp"
#include "target.hpp"

namespace cleave::fuzz {

/// What reporters of Catch2 wrote in two workers, joined into one file.
void catch2_parts(std::string_view bytes) {
  report::RunReport report;
  report.target = "store_tests";
  report.list.framework = "catch2";
  plan::TestCase test;
  test.name = "stores what it is given";
  test.selected = true;
  report.list.tests.push_back(test);
  report::TestRow row;
  row.outcome = plan::Outcome::crashed;
  row.attempts.emplace_back().outcome = plan::Outcome::crashed;
  report.rows.push_back(row);

  const auto [one, other] = halves(bytes);
  const std::vector<std::string> parts{std::string(one), std::string(other)};
  must(report::catch2_junit(report, parts).find(test.name) != std::string::npos, "what crashed is told of");
  for (const char* const reporter : {"xml", "sonarqube", "tap", "console"})
    must(report::catch2_concat(report, reporter, parts).find(test.name) != std::string::npos,
         "what crashed is told of");
  for (const report::XmlElement& element : report::find_elements(bytes, "testcase")) {
    must(element.whole.starts_with(element.start), "an element begins with its start tag");
    (void)report::attribute_of(element.start, "name");
    (void)report::count_of(element.start, "tests");
  }
}

}  // namespace cleave::fuzz
