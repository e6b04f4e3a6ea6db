// The file of `ctest --output-junit`, which has one row for each entry.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ctest_names.hpp"
#include "ctest_tree.hpp"

namespace cleave::test {
namespace {

using testing::HasSubstr;

/// The element of an entry, as text.
std::string row_of(const std::string& file, const std::string& entry) {
  const auto begin = file.find("<testcase name=\"" + entry + "\"");
  if (begin == std::string::npos) return {};
  return file.substr(begin, file.find("</testcase>", begin) - begin);
}

// R18: from the row of a red entry, and from that of the end, one gets to the report with a row for each test.
TEST(CTestJunit, RowsNameTheReportOfTheRun) {
  CTestTree tree({"frail"});
  tree.set("CLEAVE_TEST_FAIL", frail_tests().front());
  const Finished ended = tree.ctest({"-j2", "--output-junit", tree.path("rows.xml")});
  EXPECT_NE(ended.code, 0) << ended.told();
  const std::string rows = tree.read("rows.xml");
  const std::string report = "/junit.xml";
  EXPECT_THAT(row_of(rows, "frail.end"), HasSubstr(report)) << rows;
  int red = 0;
  for (const auto& [entry, unused] : tree.entries()) {
    const std::string row = row_of(rows, entry);
    ASSERT_FALSE(row.empty()) << entry;
    if (row.find("status=\"fail\"") == std::string::npos) continue;
    ++red;
    EXPECT_THAT(row, HasSubstr(report)) << entry;
    EXPECT_THAT(row, HasSubstr(frail_tests().front())) << entry;
  }
  EXPECT_EQ(red, 1) << rows;
}

}  // namespace
}  // namespace cleave::test
