// The suite of tests/examples/datastore over real servers: 152 tests that mostly wait. Its figures are taken by
// tests/bench/datastore_bench.sh; here it has to be right, with a service that lets its clients wait less.

#include <gtest/gtest.h>

#include <cstdlib>
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
    box_.set("DATASTORE_INTERVAL", "50");
  }
  Finished run(const std::string& variant, unsigned shards, const Sandbox::Arguments& arguments = {}) {
    return box_.start_sharded(suite(variant), shards, arguments).wait(kLimit);
  }
  Finished ctest(const std::string& variant, unsigned jobs) {
    box_.set("CLEAVE_DIR", box_.reports());
    return box_
        .start({CLEAVE_CTEST_COMMAND, "--test-dir", CLEAVE_DATASTORE, "--no-tests=error", "-R",
                "^datastore_" + variant + "_tests\\.", "-j" + std::to_string(jobs)})
        .wait(kLimit);
  }
  nlohmann::json report(const std::string& variant) const { return box_.report(suite(variant)); }

  void expect_all_passed(const std::string& variant, const Finished& run) const {
    EXPECT_EQ(run.code, 0) << run.told();
    const nlohmann::json whole = report(variant);
    const auto runs = runs_by_name(whole);
    EXPECT_EQ(runs.size(), static_cast<std::size_t>(kTests));
    for (const auto& [name, times] : runs) EXPECT_EQ(times, 1) << name;
    for (const auto& [name, outcomes] : outcomes_by_name(whole)) {
      EXPECT_EQ(outcomes, std::vector<std::string>{"passed"}) << name;
    }
  }
  /// No process (servers are children of fixtures and have their environment), no folder of a server, no complaint of a
  /// tear-down.
  void expect_nothing_left(const std::string& variant) const {
    namespace fs = std::filesystem;
    EXPECT_TRUE(box_.all_processes_end()) << testing::PrintToString(box_.processes());
    EXPECT_EQ(problem_titles(report(variant)), std::vector<std::string>());
    for (const auto& entry : fs::recursive_directory_iterator(box_.folder())) {
      EXPECT_NE(entry.path().filename(), "PG_VERSION") << entry.path();
    }
  }
  /// How many tests each shard ran, and "serial".
  std::map<std::string, int> tests_by_shard(const std::string& variant) const {
    std::map<std::string, int> counts;
    const nlohmann::json whole = report(variant);
    for (const auto& test : whole["tests"]) ++counts[test["attempts"].back()["shard"].get<std::string>()];
    return counts;
  }

  Sandbox box_;
};

/// Over 1, 2, 4 and 8 shards.
class DatastoreShards : public Datastore, public testing::WithParamInterface<unsigned> {};

// R38, R39, R40: nothing is serial, because each shard has a service of its own.
TEST_P(DatastoreShards, AllPassWhenEachHasItsService) {
  const Finished run = this->run("own", GetParam());
  expect_all_passed("own", run);
  EXPECT_EQ(tests_by_shard("own").size(), GetParam());
  expect_nothing_left("own");
}

// R38: the tests that stop and start the one service are tagged, and run when nothing else does.
TEST_P(DatastoreShards, AllPassWhenShutdownTestsAreSerial) {
  const Finished run = this->run("tagged", GetParam());
  expect_all_passed("tagged", run);
  const auto counts = tests_by_shard("tagged");
  EXPECT_EQ(counts.size(), GetParam() + 1);
  EXPECT_EQ(counts.count("serial") == 0 ? 0 : counts.at("serial"), kShutdownTests);
  expect_nothing_left("tagged");
}

// R36: the same under a real ctest, where the servers outlive the entry that started them.
TEST_P(DatastoreShards, AllPassUnderCTest) {
  for (const char* variant : {"own", "tagged"}) {
    expect_all_passed(variant, ctest(variant, GetParam()));
    expect_nothing_left(variant);
  }
}

INSTANTIATE_TEST_SUITE_P(Over, DatastoreShards, testing::Values(1U, 2U, 4U, 8U), testing::PrintToStringParamName());

// R41: the order of the tests does not matter.
TEST_F(Datastore, PassesInShuffledOrders) {
  for (const char* seed : {"7", "4711", "99999"}) {
    for (const char* variant : {"own", "tagged"}) {
      const Finished run =
          this->run(variant, 8, {"--gtest_shuffle", std::string("--cleave-seed=") + seed});
      expect_all_passed(variant, run);
      EXPECT_EQ(report(variant)["seed"], std::atoi(seed));
    }
  }
  expect_nothing_left("own");
}

// R03, R38: the point is proven. The same tests without prefixes and tags pass in one process …
TEST_F(Datastore, WithoutPrefixesAndTagsItPassesInOneProcess) {
  const Finished plain = box_.start({suite("shared")}).wait(kLimit);
  EXPECT_EQ(plain.code, 0) << plain.told();
  EXPECT_NE(plain.out.find("[  PASSED  ] 152 tests."), std::string::npos) << plain.told();
  EXPECT_TRUE(box_.all_processes_end());
}

// … and break as soon as they run side by side: tests that have nothing to do with stopping a service, too.
TEST_F(Datastore, WithoutPrefixesAndTagsItBreaksOverFourShards) {
  const Finished run = this->run("shared", 4, {"--cleave-timeout=30s"});
  EXPECT_EQ(run.code, 1) << run.told();
  int failed = 0;
  for (const auto& [name, outcomes] : outcomes_by_name(report("shared"))) {
    for (const std::string& outcome : outcomes) failed += outcome == "passed" ? 0 : 1;
  }
  EXPECT_GT(failed, kShutdownTests) << run.told();
  EXPECT_TRUE(box_.all_processes_end());
}

// Also without a service that is stopped: what breaks then is the data alone.
TEST_F(Datastore, WithoutPrefixesTheDataCollides) {
  const Finished run = this->run("shared", 4, {"--gtest_filter=Audit*:Metrics*:Concurrency*"});
  EXPECT_EQ(run.code, 1) << run.told();
}

}  // namespace
}  // namespace cleave::test
