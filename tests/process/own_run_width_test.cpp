#include <algorithm>
#include <thread>

#include "own_run.hpp"

namespace cleave::test {
namespace {

/// N shards must not start N² threads: each is told its share of the CPUs. CLEAVE_CPUS is what the run is given here, so
/// that the shares do not depend on the machine.
class Width : public testing::Test {
 protected:
  Width() {
    box_.set("WIDTH_LOG", box_.path("log"));
    box_.unset("OMP_NUM_THREADS");
  }

  using Lines = std::map<std::string, std::map<std::string, std::string>>;
  /// What the log holds, by the place that told it.
  Lines lines(const std::string& log = "log") {
    Lines all;
    for (const TestLine& line : test_lines(box_.read(log))) all[line.what] = line.values;
    return all;
  }
  Lines lines_of_run(unsigned jobs, const std::string& cpus) {
    box_.set("CLEAVE_CPUS", cpus);
    box_.write("log", "");
    run_ = box_.sharded(binary_, jobs);
    EXPECT_EQ(run_.code, 0) << run_.told();
    Lines all = lines();
    EXPECT_EQ(all.size(), 3U) << run_.told();
    return all;
  }

  const std::string binary_ = program("gtest_width");
  const unsigned real_ = std::thread::hardware_concurrency();
  Sandbox box_;
  Finished run_;
};

// R28
TEST_F(Width, AShardHasItsShareOfTheCpusAndASerialTestAllOfThem) {
  for (const auto& [jobs, share] : std::map<unsigned, std::string>{{1, "6"}, {2, "3"}, {4, "1"}, {6, "1"}}) {
    SCOPED_TRACE(jobs);
    for (const auto& [where, values] : lines_of_run(jobs, "6")) {
      EXPECT_EQ(values.at("CLEAVE_CPUS"), where == "serial" ? "6" : share) << where;
      EXPECT_EQ(values.at("concurrency"), where == "serial" ? "6" : share) << where;
      EXPECT_EQ(values.at("OMP_NUM_THREADS"), where == "serial" ? "6" : share) << where;
    }
  }
}

// R28: what pools are sized by, in the executable; also in its threads.
TEST_F(Width, HardwareConcurrencyIsAtMostTheShare) {
  for (const unsigned cpus : {1U, 2U, 2 * real_, 64U * real_}) {
    SCOPED_TRACE(cpus);
    for (const auto& [where, values] : lines_of_run(2, std::to_string(cpus))) {
      const unsigned share = where == "serial" ? cpus : std::max(1U, cpus / 2);
      EXPECT_EQ(values.at("threads"), std::to_string(std::min(real_, share))) << where;
    }
  }
}

// R28: GCC's OpenMP reads the variable when a program is loaded, and the workers are forks of what was loaded before.
TEST_F(Width, OpenMpStartsNoMoreThreadsThanTheShare) {
  for (const auto& [where, values] : lines_of_run(2, "6")) {
    if (values.at("openmp") == "(none)") GTEST_SKIP() << "the program is built without OpenMP";
    EXPECT_EQ(values.at("openmp"), where == "serial" ? "6" : "3") << where;
  }
}

// R28: the number of tests often follows from the machine's; it must not follow from the share.
TEST_F(Width, TheListOfTestsIsThatOfAPlainRun) {
  lines_of_run(2, "1");
  const nlohmann::json report = box_.report(binary_);
  unsigned parameters = 0;
  for (const auto& [name, outcomes] : outcomes_by_name(report)) {
    parameters += name.find("EachThread.IsATest") != std::string::npos ? 1U : 0U;
  }
  EXPECT_EQ(parameters, real_);
  for (const auto& [where, values] : lines()) EXPECT_EQ(values.at("before_main"), std::to_string(real_)) << where;
}

// R28
TEST_F(Width, TheUsersOwnOpenMpWidthStays) {
  box_.set("OMP_NUM_THREADS", "5");
  for (const auto& [where, values] : lines_of_run(2, "6")) {
    EXPECT_EQ(values.at("OMP_NUM_THREADS"), "5") << where;
    EXPECT_TRUE(values.at("openmp") == "5" || values.at("openmp") == "(none)") << values.at("openmp");
    EXPECT_EQ(values.at("CLEAVE_CPUS"), where == "serial" ? "6" : "3") << where;
  }
  box_.unset("OMP_NUM_THREADS");
  box_.write("settings", "cleave-settings 1\nenvironment\tOMP_NUM_THREADS=4\n");
  box_.write("log", "");
  run_ = box_.sharded(binary_, 2, {"--cleave-settings=" + box_.path("settings")});
  EXPECT_EQ(run_.code, 0) << run_.told();
  for (const auto& [where, values] : lines()) {
    EXPECT_EQ(values.at("OMP_NUM_THREADS"), "4") << where;
    EXPECT_TRUE(values.at("openmp") == "4" || values.at("openmp") == "(none)") << values.at("openmp");
  }
}

// R42: without a flag the plugin is not there.
TEST_F(Width, APlainRunIsNotTouched) {
  box_.unset("CLEAVE_CPUS");
  const Finished run = box_.run({binary_});
  EXPECT_EQ(run.code, 0) << run.told();
  const Lines all = lines();
  EXPECT_EQ(all.size(), 3U) << run.told();
  for (const auto& [where, values] : all) {
    EXPECT_EQ(values.at("threads"), std::to_string(real_)) << where;
    EXPECT_EQ(values.at("CLEAVE_CPUS"), "(unset)") << where;
    EXPECT_EQ(values.at("OMP_NUM_THREADS"), "(unset)") << where;
  }
}

// R28: a run that a test starts divides its share, and not the machine once more.
TEST_F(Width, ARunWithinATestDividesTheShareOfItsShard) {
  box_.set("WIDTH_LOG_OF_CHILD", box_.path("child"));
  box_.set("WIDTH_CHILD_FLAGS", "--cleave-jobs=2 --cleave-dir=" + box_.path("child-runs"));
  lines_of_run(2, "6");
  for (const char* where : {"test", "thread"}) {
    EXPECT_EQ(lines("child").at(where).at("CLEAVE_CPUS"), "1");
    EXPECT_EQ(lines("child").at(where).at("OMP_NUM_THREADS"), "1");
  }
  // A plain program knows the share, but is what it was.
  box_.set("WIDTH_CHILD_FLAGS", "");
  lines_of_run(2, "2");
  EXPECT_EQ(lines("child").at("test").at("concurrency"), "1");
  EXPECT_EQ(lines("child").at("test").at("threads"), std::to_string(real_));
}

}  // namespace
}  // namespace cleave::test
