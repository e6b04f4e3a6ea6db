#include <filesystem>
#include <regex>

#include "own_run.hpp"

namespace cleave::test {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

/// What the shard of one test of gtest_data called its own.
using Values = std::map<std::string, std::string>;

class Data : public testing::Test {
 protected:
  /// The values that the four tests saw, by shard index.
  std::map<std::string, Values> values_of_run(const Sandbox::Arguments& arguments = {}) {
    fs::remove_all(box_.path("meeting"));
    fs::create_directories(box_.path("meeting"));
    box_.set("DATA_MEETING", box_.path("meeting"));
    run_ = box_.sharded(binary_, 4, arguments);
    report_ = box_.report(binary_);
    std::map<std::string, Values> all;
    for (const char* suite : {"DataA", "DataB", "DataC", "DataD"}) {
      const Json test = test_named(report_, std::string(suite) + ".Tells");
      if (!test.is_object() || test["attempts"].empty()) continue;
      const auto values = test["attempts"][0]["properties"].get<Values>();
      all[values.at("CLEAVE_SHARD_INDEX")] = values;
    }
    EXPECT_EQ(all.size(), 4U) << "each shard has one of the tests";
    return all;
  }

  const std::string binary_ = program("gtest_data");
  Sandbox box_;
  Finished run_;
  Json report_;
};

// R03: unique to run and shard, and fit for the name of a database.
TEST_F(Data, PrefixesAreLegalAndDifferByShardAndRun) {
  std::set<std::string> prefixes;
  const std::regex legal("^[a-z][a-z0-9_]{0,31}$");
  for (int run = 0; run < 2; ++run) {
    for (const auto& [shard, values] : values_of_run()) {
      EXPECT_TRUE(std::regex_match(values.at("CLEAVE_PREFIX"), legal)) << values.at("CLEAVE_PREFIX");
      EXPECT_TRUE(prefixes.insert(values.at("CLEAVE_PREFIX")).second) << values.at("CLEAVE_PREFIX");
    }
  }
  EXPECT_EQ(prefixes.size(), 8U);
}

// R03, R04.
TEST_F(Data, EachShardSeesItsIndexTheCountAndTheRun) {
  std::set<std::string> indices;
  for (const auto& [shard, values] : values_of_run()) {
    indices.insert(shard);
    EXPECT_EQ(values.at("CLEAVE_SHARD_COUNT"), "4");
    EXPECT_EQ(values.at("CLEAVE_RUN_ID"), report_["run_id"].get<std::string>());
    EXPECT_EQ(values.at("CLEAVE_ATTEMPT"), "1");
  }
  EXPECT_EQ(indices, (std::set<std::string>{"0", "1", "2", "3"}));
}

// R28: a sharded binary that a test starts is not sharded by accident.
TEST_F(Data, VariablesThatStandForFlagsAreGoneInTheTests) {
  box_.set("CLEAVE_JOBS", "2");
  for (const auto& [shard, values] : values_of_run()) EXPECT_EQ(values.at("CLEAVE_JOBS"), "(unset)");
}

// R04: a folder for each shard, for all who ask for one, gone after a green run.
TEST_F(Data, TemporaryFoldersAreApartWritableAndGoneAfterAGreenRun) {
  std::set<std::string> folders;
  for (const auto& [shard, values] : values_of_run()) {
    EXPECT_EQ(values.at("writes"), "yes");
    EXPECT_EQ(values.at("TMPDIR"), values.at("CLEAVE_TMPDIR"));
    EXPECT_EQ(values.at("TEST_TMPDIR"), values.at("CLEAVE_TMPDIR"));
    EXPECT_TRUE(values.at("TMPDIR").starts_with("/")) << values.at("TMPDIR");
    EXPECT_TRUE(folders.insert(values.at("TMPDIR")).second);
    EXPECT_FALSE(fs::exists(values.at("TMPDIR"))) << values.at("TMPDIR");
  }
  EXPECT_EQ(run_.code, 0) << run_.told();
}

// R13: what a failed test left can be looked at.
TEST_F(Data, TheTemporaryFolderOfAFailedTestIsKept) {
  box_.set("DATA_FAILS", "1");
  values_of_run();
  EXPECT_EQ(run_.code, 1) << run_.told();
  for (const char* suite : {"DataA", "DataD"}) {
    const Json test = test_named(report_, std::string(suite) + ".Tells");
    const auto folder = test["attempts"][0]["properties"]["TMPDIR"].get<std::string>();
    EXPECT_EQ(fs::exists(folder + "/written"), test["outcome"] == "failed") << suite;
  }
}

// R04: templates give each shard its own, without a change of the source.
TEST_F(Data, TemplatesAreExpandedForEachShard) {
  box_.write("settings",
             "cleave-settings 1\nenvironment\tDATABASE={prefix}db-{shard}-of-{shards}-{{x}}\n"
             "environment\tPORT={port:http}\nenvironment\tOTHER_PORT={port:admin}\n");
  std::set<std::string> ports;
  for (const auto& [shard, values] : values_of_run({"--cleave-settings=" + box_.path("settings")})) {
    EXPECT_EQ(values.at("DATABASE"), values.at("CLEAVE_PREFIX") + "db-" + shard + "-of-4-{x}");
    EXPECT_EQ(values.at("listens"), "yes") << values.at("PORT");
    EXPECT_TRUE(ports.insert(values.at("PORT")).second) << values.at("PORT");
    EXPECT_TRUE(ports.insert(values.at("OTHER_PORT")).second) << values.at("OTHER_PORT");
  }
  EXPECT_EQ(ports.size(), 8U);
  EXPECT_EQ(run_.code, 0) << run_.told();
}

// R04: a template that cannot be expanded is told before anything runs.
TEST_F(Data, AMalformedTemplateIsAnErrorThatNamesIt) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"DATABASE={prefx}", "prefx"}, {"DATABASE={prefix", "DATABASE"}, {"1X=a", "1X"}, {"no equals", "no equals"}};
  for (const auto& [assignment, part] : cases) {
    box_.write("settings", "cleave-settings 1\nenvironment\t" + assignment + "\n");
    const Finished run = box_.sharded(binary_, 2, {"--cleave-settings=" + box_.path("settings")});
    EXPECT_EQ(run.code, 2) << assignment << run.told();
    EXPECT_NE(run.err.find(part), std::string::npos) << assignment << run.told();
  }
}

class DataOfCatch2 : public EachFramework {};

// R03: Catch2's workers, of which there is one a chunk, keep the prefix of their shard.
TEST_P(DataOfCatch2, AShardHasOnePrefixAndOneFolder) {
  box_.set("CLEAVE_TEST_LOG", box_.path("log"));
  const Finished run = box_.sharded(of("serial"), 4);
  EXPECT_EQ(run.code, 0) << run.told();
  std::map<std::string, std::set<std::string>> prefixes;
  std::map<std::string, std::set<std::string>> folders;
  for (const TestLine& line : test_lines(box_.read("log"))) {
    prefixes[line.values.at("CLEAVE_SHARD_INDEX")].insert(line.values.at("CLEAVE_PREFIX"));
    folders[line.values.at("CLEAVE_SHARD_INDEX")].insert(line.values.at("CLEAVE_TMPDIR"));
  }
  EXPECT_GT(prefixes.size(), 1U);
  std::set<std::string> all;
  for (const auto& [shard, mine] : prefixes) {
    EXPECT_EQ(mine.size(), 1U) << shard;
    EXPECT_EQ(folders[shard].size(), 1U) << shard;
    EXPECT_TRUE(all.insert(*mine.begin()).second) << *mine.begin();
  }
}

INSTANTIATE_TEST_SUITE_P(Frameworks, DataOfCatch2, testing::Values("catch2_v2", "catch2_v3"), framework_name);

}  // namespace
}  // namespace cleave::test
