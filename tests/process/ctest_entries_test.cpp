// What CTest is told about the entries of a cleave_add_shards() call.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ctest_names.hpp"
#include "ctest_tree.hpp"

namespace cleave::test {
namespace {

using Json = nlohmann::json;
using testing::ElementsAre;

class CTestEntries : public testing::Test {
 protected:
  static void SetUpTestSuite() { entries_ = CTestTree({"mixed"}).entries(); }
  static Json property(const std::string& entry, const std::string& name) {
    EXPECT_EQ(entries_.count(entry), 1U) << entry;
    return entries_[entry]["properties"].value(name, Json());
  }
  static Names names(std::string_view begin) {
    Names found;
    for (const auto& [name, entry] : entries_) {
      if (name.starts_with(begin)) found.push_back(name.substr(begin.size()));
    }
    return found;
  }
  static inline std::map<std::string, Json> entries_;
};

// R43
TEST_F(CTestEntries, AreFewAndNamedByTheirWork) {
  EXPECT_THAT(names("mixed_gtest."), ElementsAre("begin", "end", "lock-db", "lock-queue", "locks", "serial", "shard-0",
                                                 "shard-1", "shard-2", "shard-3"));
  EXPECT_THAT(names("mixed_catch2."),
              ElementsAre("begin", "end", "lock-db", "serial", "shard-0", "shard-1", "shard-2"));
}

TEST_F(CTestEntries, RequireBeginAndEndAsFixtures) {
  for (const std::string target : {"mixed_gtest", "mixed_catch2"}) {
    EXPECT_EQ(property(target + ".begin", "FIXTURES_SETUP"), Json::array({target}));
    EXPECT_EQ(property(target + ".end", "FIXTURES_CLEANUP"), Json::array({target}));
    for (const std::string& name : names(target + ".")) {
      const Json required = property(target + "." + name, "FIXTURES_REQUIRED");
      EXPECT_EQ(required, name == "begin" || name == "end" ? Json() : Json::array({target})) << name;
    }
  }
}

TEST_F(CTestEntries, RunSerialOnlyForTheSerialTests) {
  for (const auto& [name, entry] : entries_) {
    EXPECT_EQ(property(name, "RUN_SERIAL"), name.ends_with(".serial") ? Json(true) : Json()) << name;
  }
}

// R05
TEST_F(CTestEntries, HoldTheResourceLocksTheyAreNamedAfter) {
  EXPECT_EQ(property("mixed_gtest.lock-db", "RESOURCE_LOCK"), Json::array({"db"}));
  EXPECT_EQ(property("mixed_gtest.lock-queue", "RESOURCE_LOCK"), Json::array({"queue"}));
  EXPECT_EQ(property("mixed_gtest.locks", "RESOURCE_LOCK"), Json::array({"db", "queue"}));
  EXPECT_EQ(property("mixed_gtest.shard-0", "RESOURCE_LOCK"), Json());
}

TEST_F(CTestEntries, StartInTheOrderInWhichOthersWaitForThem) {
  const auto cost = [](const std::string& entry) { return property("mixed_gtest." + entry, "COST").get<double>(); };
  const Names order{"begin", "locks", "lock-db", "shard-0", "shard-1", "shard-2", "shard-3", "serial", "end"};
  for (std::size_t i = 1; i < order.size(); ++i) EXPECT_GT(cost(order[i - 1]), cost(order[i])) << order[i];
}

TEST_F(CTestEntries, HaveWhatTheCallAskedFor) {
  for (const std::string& name : names("mixed_gtest.")) {
    const std::string entry = "mixed_gtest." + name;
    EXPECT_EQ(property(entry, "LABELS"), Json::array({"store"})) << name;
    EXPECT_EQ(property(entry, "WORKING_DIRECTORY"), CLEAVE_CTEST_TREES "/mixed") << name;
    EXPECT_EQ(property(entry, "TIMEOUT"), name == "begin" || name == "end" ? Json() : Json(60.0)) << name;
    // One shard runs one test at a time. CTest leaves out what is its default, 1.
    EXPECT_EQ(property(entry, "PROCESSORS"), Json()) << name;
    EXPECT_EQ(property("mixed_gtest.begin", "PROCESSORS"), Json());
  }
  for (const std::string& name : names("mixed_catch2.")) {
    EXPECT_EQ(property("mixed_catch2." + name, "LABELS"), Json::array({"ledger"})) << name;
    EXPECT_EQ(property("mixed_catch2." + name, "PROCESSORS"), Json(2)) << name;
    EXPECT_EQ(property("mixed_catch2." + name, "TIMEOUT"), Json()) << name;
  }
}

// A shard that printed "[  SKIPPED ]" and failed would count as skipped.
TEST_F(CTestEntries, NeverTurnRedIntoSomethingElse) {
  for (const auto& [name, entry] : entries_) {
    for (const char* bad : {"SKIP_REGULAR_EXPRESSION", "PASS_REGULAR_EXPRESSION", "SKIP_RETURN_CODE", "WILL_FAIL"}) {
      EXPECT_EQ(property(name, bad), Json()) << name << " " << bad;
    }
  }
}

// No name of a test travels through CTest, and the same command is given every time CTest reads the file.
TEST_F(CTestEntries, KnowNothingOfTests) {
  EXPECT_EQ(CTestTree({"mixed"}).entries(), entries_);
  for (const auto& [name, entry] : entries_) {
    for (const std::string& test : gtest_all() + catch2_all()) {
      EXPECT_EQ(entry["command"].dump().find(test), std::string::npos) << name << " " << test;
    }
  }
}

}  // namespace
}  // namespace cleave::test
