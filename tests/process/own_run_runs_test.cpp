#include <unistd.h>

#include <filesystem>

#include "own_run.hpp"

namespace cleave::test {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

class Runs : public EachFramework {
 protected:
  std::vector<fs::path> run_folders(const std::string& name) const {
    std::vector<fs::path> all;
    for (const auto& each : fs::directory_iterator(box_.home_of(of(name)) + "/runs")) all.push_back(each.path());
    return all;
  }
};

// R03, R12: two runs in one folder have nothing to do with each other.
TEST_P(Runs, TwoAtOnceAreApart) {
  box_.set("CLEAVE_TEST_LOG", box_.path("log"));
  box_.set("WAITS_GATE", box_.path("gate"));
  box_.write("log", "");
  Running first = box_.start_sharded(of("waits"), 2);
  Running second = box_.start_sharded(of("waits"), 3);
  EXPECT_TRUE(soon([&] { return count_lines(test_lines(box_.read("log")), "start") == 5; })) << box_.read("log");
  box_.write("gate", "");
  EXPECT_EQ(first.wait().code, 0);
  EXPECT_EQ(second.wait().code, 0);
  std::map<std::string, int> starts;
  std::set<std::string> prefixes;
  for (const TestLine& line : test_lines(box_.read("log"))) {
    starts[line.test] += line.what == "start" ? 1 : 0;
    prefixes.insert(line.values.at("prefix"));
  }
  EXPECT_EQ(starts.size(), 12U);
  for (const auto& [name, count] : starts) EXPECT_EQ(count, 2) << name;
  EXPECT_EQ(prefixes.size(), 5U);
  std::set<std::string> ids;
  for (const fs::path& folder : run_folders("waits")) {
    const Json report = Json::parse(box_.read(folder / "report.json"), nullptr, false);
    ASSERT_TRUE(report.is_object());
    EXPECT_EQ(report["totals"]["passed"], 12);
    ids.insert(report["run_id"].get<std::string>());
  }
  EXPECT_EQ(ids.size(), 2U);
  EXPECT_EQ(ids.count(box_.report(of("waits"))["run_id"].get<std::string>()), 1U);
}

// Many at once: `latest` is always a whole link, and each run is correct.
TEST_P(Runs, ManyAtOnceInOneFolderAreAllGreen) {
  box_.set("ASAN_OPTIONS", "detect_leaks=0");  // Of Catch2 these are hundreds of processes.
  std::vector<Running> running;
  running.reserve(6);
  for (int i = 0; i < 6; ++i) running.push_back(box_.start_sharded(of("many"), 2));
  for (Running& each : running) {
    const Finished run = each.wait();
    EXPECT_EQ(run.code, 0) << run.told();
  }
  EXPECT_EQ(box_.report(of("many"))["exit_code"], 0);
}

TEST_P(Runs, OnlyTheLastFiveStayAndLatestIsTheNewest) {
  std::vector<std::string> ids;
  for (int i = 0; i < 8; ++i) {
    EXPECT_EQ(box_.sharded(of("many"), 2).code, 0);
    ids.push_back(box_.report(of("many"))["run_id"].get<std::string>());
  }
  EXPECT_EQ(run_folders("many").size(), 5U);
  const fs::path latest = fs::read_symlink(box_.home_of(of("many")) + "/latest");
  EXPECT_EQ(latest.filename().string(), ids.back());
  EXPECT_TRUE(fs::exists(box_.home_of(of("many")) + "/runs/" + ids.back()));
}

// A run that is under way is not pruned away below itself.
TEST_P(Runs, PruningSparesARunThatIsUnderWay) {
  box_.set("CLEAVE_TEST_LOG", box_.path("log"));
  box_.set("WAITS_GATE", box_.path("gate"));
  box_.write("log", "");
  Running slow = box_.start_sharded(of("waits"), 2);
  EXPECT_TRUE(soon([&] { return count_lines(test_lines(box_.read("log")), "start") == 2; }));
  for (int i = 0; i < 7; ++i) {
    Sandbox::Arguments arguments{of("waits"), "--cleave-jobs=1", "--cleave-dir=" + box_.reports(),
                                 choose<std::string>("--gtest_filter=*/0", "waits_0")};
    box_.set("WAITS_GATE", box_.path("work"));  // Is there, so that these do not wait.
    EXPECT_EQ(box_.run(arguments).code, 0);
  }
  box_.write("gate", "");
  const Finished run = slow.wait();
  EXPECT_EQ(run.code, 0) << run.told();
  EXPECT_NE(run.out.find("12 passed"), std::string::npos) << run.told();
}

TEST_P(Runs, AFolderThatCannotBeWrittenIsAClearError) {
  if (::geteuid() == 0) {
    // Root may write everywhere, but not below a file.
    box_.write("file", "");
  } else {
    fs::create_directory(box_.path("file"));
    fs::permissions(box_.path("file"), fs::perms::owner_read | fs::perms::owner_exec);
  }
  const Finished run = box_.run({of("many"), "--cleave-jobs=2", "--cleave-dir=" + box_.path("file")});
  EXPECT_EQ(run.code, 2) << run.told();
  EXPECT_NE(run.err.find(box_.path("file")), std::string::npos) << run.told();
  EXPECT_NE(run.err.find("--cleave-dir"), std::string::npos) << run.told();
}

// R21: after a green run there is the report, and nothing else.
TEST_P(Runs, AGreenRunLeavesNothingButItsReport) {
  const Finished run = box_.sharded(of("many"), 3);
  EXPECT_EQ(run.code, 0) << run.told();
  EXPECT_TRUE(box_.processes().empty()) << testing::PrintToString(box_.processes());
  EXPECT_TRUE(fs::is_empty(box_.path("tmp")));
  EXPECT_TRUE(fs::is_empty(box_.path("work")));
  std::vector<std::string> unexpected;
  const std::set<std::string> allowed{"junit.xml", "report.json", "report.html", "trace.json", "plan.bin",
                                      "run.bin",   "alive",       "ended",       "order.json"};
  ASSERT_EQ(run_folders("many").size(), 1U);
  for (const auto& each : fs::recursive_directory_iterator(run_folders("many").front())) {
    const std::string name = each.path().filename().string();
    if (allowed.count(name) == 0 && !name.ends_with(".journal")) unexpected.push_back(each.path().string());
  }
  EXPECT_TRUE(unexpected.empty()) << testing::PrintToString(unexpected);
}

INSTANTIATE_TEST_SUITE_P(Frameworks, Runs, testing::Values("gtest", "catch2_v2", "catch2_v3"), framework_name);

// A run needs no folder that exists, and no short path.
TEST(RunFolders, AreMadeWhereTheyAreMissingAlsoUnderLongPaths) {
  Sandbox box;
  const std::string deep =
      box.path("out/" + std::string(100, 'a') + "/" + std::string(100, 'b') + "/with space \u2014 and dash");
  const Finished run = box.run({program("gtest_many"), "--cleave-jobs=2", "--cleave-dir=" + deep});
  EXPECT_EQ(run.code, 0) << run.told();
  EXPECT_TRUE(fs::exists(deep + "/cleave/gtest_many/latest/report.json"));
}

}  // namespace
}  // namespace cleave::test
