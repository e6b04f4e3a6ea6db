// The suite of tests/examples/datastore over real servers: 152 tests that mostly wait. Its figures are taken by
// tests/bench/datastore.sh; here it has to be right.

#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "run_program.hpp"

namespace cleave::test {
namespace {

constexpr std::chrono::seconds kLimit{200};
constexpr int kTests = 152;
constexpr int kShutdownTests = 15;

std::string suite(const std::string& variant) {
  return std::string(CLEAVE_DATASTORE) + "/datastore_" + variant + "_tests";
}

class Datastore : public testing::Test {
 protected:
  Datastore() {
    // PostgreSQL refuses to run as root, and as another user it must reach its folder below this one.
    namespace fs = std::filesystem;
    fs::permissions(box_.folder(), fs::perms::owner_all | fs::perms::group_exec | fs::perms::others_exec);
  }
  Finished run(const std::string& variant, unsigned shards, Sandbox::Arguments arguments = {}) {
    return box_.start_sharded(suite(variant), shards, arguments).wait(kLimit);
  }
  nlohmann::json report(const std::string& variant) const { return box_.report(suite(variant)); }

  void expect_all_passed(const std::string& variant, const Finished& run) const {
    EXPECT_EQ(run.code, 0) << run.told();
    const auto runs = runs_by_name(report(variant));
    EXPECT_EQ(runs.size(), static_cast<std::size_t>(kTests));
    for (const auto& [name, times] : runs) EXPECT_EQ(times, 1) << name;
    for (const auto& [name, outcomes] : outcomes_by_name(report(variant))) {
      EXPECT_EQ(outcomes, std::vector<std::string>{"passed"}) << name;
    }
  }
  /// No process (servers are children of fixtures and have their environment) and no folder of a server.
  void expect_nothing_left(const std::string& variant) const {
    EXPECT_TRUE(box_.all_processes_end()) << testing::PrintToString(box_.processes());
    const std::vector<std::string> problems = problem_titles(report(variant));
    EXPECT_EQ(problems, std::vector<std::string>());
  }
  std::set<std::string> shards_used(const std::string& variant) const {
    std::set<std::string> shards;
    const nlohmann::json whole = report(variant);
    for (const auto& test : whole["tests"]) {
      for (const auto& attempt : test["attempts"]) shards.insert(attempt["shard"]);
    }
    return shards;
  }

  Sandbox box_;
};

class OwnInstances : public Datastore, public testing::WithParamInterface<unsigned> {};

// R38, R39, R40: nothing is serial, because each shard has a service of its own.
TEST_P(OwnInstances, AllPassOverSoManyShards) {
  const Finished run = this->run("own", GetParam());
  expect_all_passed("own", run);
  EXPECT_EQ(shards_used("own").size(), GetParam());
  expect_nothing_left("own");
}

INSTANTIATE_TEST_SUITE_P(Shards, OwnInstances, testing::Values(2U, 4U, 8U));

// R38: the tests that stop and start the shared service are tagged, and run when nothing else does.
TEST_F(Datastore, SharedServicePassesOverEightShardsWhenItsShutdownTestsAreSerial) {
  const Finished run = this->run("tagged", 8);
  expect_all_passed("tagged", run);
  int serial = 0;
  const nlohmann::json whole = report("tagged");
  for (const auto& test : whole["tests"]) serial += test["attempts"][0]["shard"] == "serial" ? 1 : 0;
  EXPECT_EQ(serial, kShutdownTests);
  expect_nothing_left("tagged");
}

// R41: the order of the tests does not matter.
TEST_F(Datastore, PassesInShuffledOrders) {
  for (const char* seed : {"7", "4711"}) {
    const Finished run = this->run("own", 8, {"--gtest_shuffle", std::string("--cleave-seed=") + seed});
    expect_all_passed("own", run);
  }
  expect_nothing_left("own");
}

// R03, R38: the point is proven. The same tests, without prefixes and tags, break as soon as they run side by side.
TEST_F(Datastore, WithoutPrefixesAndTagsItBreaksOverEightShards) {
  const Finished run = this->run("shared", 8);
  EXPECT_EQ(run.code, 1) << run.told();
  int failed = 0;
  for (const auto& [name, outcomes] : outcomes_by_name(report("shared"))) {
    for (const std::string& outcome : outcomes) failed += outcome == "failed" ? 1 : 0;
  }
  EXPECT_GE(failed, 3) << run.told();
  EXPECT_TRUE(box_.all_processes_end());
}

// R36: the same under a real ctest, where the servers outlive the entry that started them.
TEST_F(Datastore, PassesUnderCTest) {
  box_.set("CLEAVE_DIR", box_.reports());
  const Finished run =
      box_.start({CLEAVE_CTEST_COMMAND, "--test-dir", CLEAVE_DATASTORE, "-R", "^datastore_own_tests", "-j8"})
          .wait(kLimit);
  expect_all_passed("own", run);
  expect_nothing_left("own");
}

}  // namespace
}  // namespace cleave::test
