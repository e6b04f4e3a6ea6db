// The suite of tests/examples/datastore over real servers: 152 tests that mostly wait. Its figures are taken by
// tests/bench/datastore_bench.sh. Here it has to be right, so its service lets its clients wait less, and each test
// starts all of its runs at once.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <list>

#include "run_program.hpp"

namespace cleave::test {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds kLimit{200};
constexpr int kTests = 152;
constexpr int kShutdownTests = 15;

std::string program_of(const std::string& variant) {
  return std::string(CLEAVE_DATASTORE) + "/datastore_" + variant + "_tests";
}

/// A run of one of the three variants, in a folder of its own.
class SuiteRun {
 public:
  explicit SuiteRun(std::string variant) : variant_(std::move(variant)) {
    // PostgreSQL refuses to run as root, and as another user it must reach its folder below this one.
    fs::permissions(box_.folder(), fs::perms::owner_all | fs::perms::group_exec | fs::perms::others_exec);
    box_.set("DATASTORE_INTERVAL", "50");
  }
  void start(unsigned shards, const Sandbox::Arguments& arguments = {}) {
    running_ = box_.start_sharded(program_of(variant_), shards, arguments);
  }
  void start_ctest(unsigned jobs) {
    box_.set("CLEAVE_DIR", box_.reports());
    box_.write("CTestTestfile.cmake", "subdirs(\"" CLEAVE_DATASTORE "\")\n");
    running_ = box_.start({CLEAVE_CTEST_COMMAND, "--test-dir", box_.folder(), "--no-tests=error", "--output-on-failure", "-R",
                           "^datastore_" + variant_ + "_tests\\.", "-j" + std::to_string(jobs)});
  }
  void start_plain() { running_ = box_.start({program_of(variant_)}); }
  const Finished& wait() {
    if (running_.pid() > 0) ended_ = running_.wait(kLimit);
    return ended_;
  }
  nlohmann::json report() const { return box_.report(program_of(variant_)); }

  void expect_all_passed() {
    EXPECT_EQ(wait().code, 0) << ended_.told();
    const nlohmann::json whole = report();
    const auto runs = runs_by_name(whole);
    EXPECT_EQ(runs.size(), static_cast<std::size_t>(kTests));
    for (const auto& [name, times] : runs) EXPECT_EQ(times, 1) << name;
    EXPECT_EQ(count_unless("passed"), 0) << ended_.told();
  }
  /// No process (servers are children of fixtures and have their environment), no cluster, no complaint of a tear-down.
  void expect_nothing_left() const {
    EXPECT_TRUE(box_.all_processes_end()) << testing::PrintToString(box_.processes());
    EXPECT_EQ(problem_titles(report()), std::vector<std::string>());
    for (const auto& entry : fs::recursive_directory_iterator(box_.folder())) {
      EXPECT_NE(entry.path().filename(), "PG_VERSION") << entry.path();
    }
  }
  bool all_processes_end() const { return box_.all_processes_end(); }

  /// How many tests had another outcome.
  int count_unless(const std::string& outcome) const {
    int count = 0;
    for (const auto& [name, outcomes] : outcomes_by_name(report())) {
      for (const std::string& one : outcomes) count += one == outcome ? 0 : 1;
    }
    return count;
  }
  /// How many tests each shard ran, and the part "serial".
  std::map<std::string, int> tests_by_shard() const {
    std::map<std::string, int> counts;
    const nlohmann::json whole = report();
    for (const auto& test : whole["tests"]) ++counts[test["attempts"].back()["shard"].get<std::string>()];
    return counts;
  }
  const std::string& variant() const { return variant_; }

 private:
  std::string variant_;
  Sandbox box_;
  Running running_;  ///< Behind the sandbox: it goes first.
  Finished ended_;
};

constexpr unsigned kShards[] = {1, 2, 4, 8};

// R36, R38, R39, R40: either each shard has its own service and nothing is serial, or all share one and the tests that
// stop it run when nothing else does.
TEST(Datastore, PassesOverAnyNumberOfShards) {
  std::list<SuiteRun> runs;
  for (const char* variant : {"own", "tagged"}) {
    for (const unsigned shards : kShards) runs.emplace_back(variant).start(shards);
  }
  auto run = runs.begin();
  for (const bool tagged : {false, true}) {
    for (const unsigned shards : kShards) {
      SCOPED_TRACE(run->variant() + " over " + std::to_string(shards));
      run->expect_all_passed();
      auto counts = run->tests_by_shard();
      EXPECT_EQ(counts.size(), shards + (tagged ? 1 : 0)) << testing::PrintToString(counts);
      EXPECT_EQ(counts["serial"], tagged ? kShutdownTests : 0);
      run->expect_nothing_left();
      ++run;
    }
  }
}

// The same under a real ctest, where the servers outlive the entry that started them.
TEST(Datastore, PassesUnderCTestWithAnyNumberOfJobs) {
  std::list<SuiteRun> runs;
  for (const char* variant : {"own", "tagged"}) {
    for (const unsigned jobs : kShards) runs.emplace_back(variant).start_ctest(jobs);
  }
  for (SuiteRun& run : runs) {
    SCOPED_TRACE(run.variant());
    run.expect_all_passed();
    run.expect_nothing_left();
  }
}

// R41: the order of the tests does not matter.
TEST(Datastore, PassesInShuffledOrders) {
  const std::vector<std::string> seeds{"7", "4711", "99999"};
  std::list<SuiteRun> runs;
  for (const char* variant : {"own", "tagged"}) {
    for (const std::string& seed : seeds) {
      runs.emplace_back(variant).start(8, {"--gtest_shuffle", "--cleave-seed=" + seed});
    }
  }
  std::size_t i = 0;
  for (SuiteRun& run : runs) {
    run.expect_all_passed();
    EXPECT_EQ(run.report()["seed"], std::atoi(seeds[i++ % seeds.size()].c_str()));
    run.expect_nothing_left();
  }
}

// R03, R38: the point is proven. The same tests without prefixes and tags pass in one process, and break as soon as
// they run side by side: also those that no stopped service can have hurt.
TEST(Datastore, WithoutPrefixesAndTagsItBreaks) {
  SuiteRun plain("shared");
  SuiteRun sharded("shared");
  SuiteRun never_stopped("shared");
  plain.start_plain();
  sharded.start(8);
  never_stopped.start(4, {"--gtest_filter=AuditWrite.*:AuditQuery.*"});

  EXPECT_EQ(plain.wait().code, 0) << plain.wait().told();
  EXPECT_NE(plain.wait().out.find("[  PASSED  ] 152 tests."), std::string::npos) << plain.wait().told();
  EXPECT_EQ(sharded.wait().code, 1) << sharded.wait().told();
  EXPECT_GT(sharded.count_unless("passed"), kShutdownTests);
  EXPECT_EQ(never_stopped.wait().code, 1) << never_stopped.wait().told();
  for (const SuiteRun* run : {&plain, &sharded, &never_stopped}) EXPECT_TRUE(run->all_processes_end());
}

}  // namespace
}  // namespace cleave::test
