// CLEAVE_EVENTS under CTest: entries of several binaries append to one file.

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "../support/schema_check.hpp"
#include "ctest_names.hpp"
#include "ctest_tree.hpp"

namespace cleave::test {
namespace {

using Json = nlohmann::json;

// R18
TEST(CTestEvents, OfAllEntriesAndBinariesStandInOneFileLineByLine) {
  CTestTree tree({"mixed"});
  tree.set("CLEAVE_EVENTS", tree.path("events"));
  const Finished run = tree.ctest({"-j8"});
  EXPECT_EQ(run.code, 0) << run.told();
  const SchemaCheck schema(Json::parse(std::ifstream(CLEAVE_SOURCE_DIR "/sharding/report/events.schema.json")));
  std::map<std::string, std::map<std::string, int>> counts;
  std::map<std::string, int> tests;
  std::map<std::string, int> begun;
  std::istringstream lines(tree.read("events"));
  for (std::string line; std::getline(lines, line);) {
    const Json event = Json::parse(line, nullptr, false);
    ASSERT_EQ(schema(event), "") << line;
    ++counts[event["target"]][event["event"]];
    if (event["event"] == "test_begin") ++begun[event["full_name"]];
    if (event["event"] == "test_end") {
      ++tests[event["full_name"]];
      EXPECT_EQ(begun[event["full_name"]], tests[event["full_name"]]) << "ended before it began: " << line;
    }
  }
  EXPECT_EQ(tests, each(gtest_all() + catch2_all()));
  EXPECT_EQ(begun, tests);
  for (const char* const target : {"ctest_gtest", "ctest_catch2"}) {
    EXPECT_EQ(counts[target]["run_begin"], 1) << target;
    EXPECT_EQ(counts[target]["run_end"], 1) << target;
  }
}

// Without begin and end the last one out ends the run.
TEST(CTestEvents, OfShardsThatRunAloneHaveBeginAndEndToo) {
  CTestTree tree({"mixed"});
  tree.set("CLEAVE_EVENTS", tree.path("events"));
  const Finished run = tree.ctest({"-FA", ".*", "-R", "mixed_gtest.shard-0"});
  EXPECT_EQ(run.code, 0) << run.told();
  const std::string events = tree.read("events");
  EXPECT_NE(events.find("\"event\":\"run_begin\""), std::string::npos) << events;
  EXPECT_NE(events.find("\"event\":\"run_end\""), std::string::npos) << events;
}

}  // namespace
}  // namespace cleave::test
