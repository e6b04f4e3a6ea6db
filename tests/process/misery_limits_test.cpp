// What the system refuses to a run, and what it is started with: descriptors, processes, bytes, streams, clocks. A
// shell sets the limit and becomes the program.

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "misery.hpp"
#include "own_run.hpp"
#include "sanitized.hpp"

namespace cleave::test {
namespace {

using Json = nlohmann::json;
namespace fs = std::filesystem;

class Limits : public EachFramework {
 protected:
  std::string binary() const { return of("misery"); }
  /// `script` runs in a shell whose "$@" is the program, as a run over two shards.
  Finished run_by(const std::string& script, const Sandbox::Arguments& arguments = {}) {
    fs::remove_all(box_.reports());
    Sandbox::Arguments command{"/bin/sh",
                               "-c",
                               script,
                               "sh",
                               binary(),
                               "--cleave-jobs=2",
                               "--cleave-dir=" + box_.reports(),
                               "--cleave-stacks=off",
                               "--cleave-timeout=20s"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return box_.run(command);
  }
  bool has_report() const { return fs::exists(box_.home_of(binary()) + "/latest/report.json"); }
  /// Green with all tests passed, or broken with `why` on stderr; never a signal, never silence.
  void expect_truth(const Finished& run, const std::string& why, const std::string& or_else = "") {
    const std::string also = or_else.empty() ? why : or_else;
    EXPECT_FALSE(run.timed_out || run.held);
    if (run.code == 0) {
      const Json report = box_.report(binary());
      ASSERT_TRUE(report.is_object());
      EXPECT_GT(report["totals"]["selected"], 30);
      EXPECT_EQ(report["totals"]["passed"], report["totals"]["selected"]);
      ++green_;
      return;
    }
    EXPECT_EQ(run.code, 3) << run.told();
    const std::string all = run.out + run.err;
    const bool told = all.find(why) != std::string::npos || all.find(also) != std::string::npos;
    EXPECT_TRUE(told) << run.told();
    if (has_report()) {
      const Json report = box_.report(binary());
      ASSERT_TRUE(report.is_object());
      EXPECT_NE(report["exit_code"], 0) << "the run ended with 3";
    }
    ++broken_;
  }
  void give_folder_to_somebody() {
    const std::string why_not = somebody_.takes(box_, binary());
    if (!why_not.empty()) GTEST_SKIP() << why_not;
  }

  const Somebody somebody_{};
  int green_ = 0;
  int broken_ = 0;
};

// R26: files that are opened must not become the standard streams, and a message not a part of a file.
TEST_P(Limits, OfStreamsThatAreClosedAtTheStartNothingIsMissed) {
  box_.set("MISERY", "PrintsAllBytes");
  for (const std::string streams : {"<&-", ">&-", "2>&-", "<&- >&- 2>&-"}) {
    SCOPED_TRACE(streams);
    const Finished run = run_by("exec \"$@\" " + streams);
    EXPECT_EQ(run.code, 1) << run.told();
    const Json report = box_.report(binary());
    ASSERT_TRUE(report.is_object());
    EXPECT_EQ(test_named(report, "Misery.PrintsAllBytes")["outcome"], "failed");
    EXPECT_EQ(report["totals"]["passed"].get<int>() + 1, report["totals"]["selected"].get<int>());
    EXPECT_TRUE(report["problems"].empty()) << report["problems"];
    expect_nothing_left(box_, box_.home_of(binary()));
  }
}

// R21
TEST_P(Limits, AReaderOfTheOutputThatGoesAwayChangesNoVerdict) {
  for (const char* misery : {"", "Exits"}) {
    box_.set("MISERY", misery);
    const Finished run = run_by("{ \"$@\"; echo $? >../code; } | :");
    EXPECT_EQ(box_.read("code"), *misery == 0 ? "0\n" : "1\n") << run.told();
    const Json report = box_.report(binary());
    ASSERT_TRUE(report.is_object());
    EXPECT_EQ(report["exit_code"], *misery == 0 ? 0 : 1);
  }
  const Finished full = run_by("exec \"$@\" >/dev/full 2>&1");
  EXPECT_EQ(full.code, 1) << full.told();
  expect_nothing_left(box_, box_.home_of(binary()));
}

// R26: what is no file stays what it is; root could replace even /dev/null.
TEST_P(Limits, APipeThatTheFrameworksReportGoesToStaysAPipe) {
  const std::string fifo = box_.path("report.fifo");
  const std::string wanted = is_gtest() ? "--gtest_output=xml:" + fifo : "--reporter=junit --out=" + fifo;
  const Finished run = run_by("mkfifo ../report.fifo; cat ../report.fifo >../report.xml & exec \"$@\" " + wanted);
  EXPECT_EQ(run.code, 0) << run.told();
  EXPECT_TRUE(fs::is_fifo(fifo));
  EXPECT_NE(box_.read("report.xml").find("<testsuites"), std::string::npos) << run.told();
  EXPECT_TRUE(box_.all_processes_end());
}

// A test that reads finds the end of its input, whatever the run's own input is.
TEST_P(Limits, AnInputThatIsHeldOpenHoldsUpNobody) {
  box_.set("MISERY", "ReadsStandardInput");
  const Finished run = run_by("mkfifo ../input && exec \"$@\" 0<>../input");
  EXPECT_EQ(run.code, 0) << run.told();
}

// R26
TEST_P(Limits, OfDescriptorsAreToldWhereTheyEnd) {
  if (kUnderAddressSanitizer) GTEST_SKIP() << kNeedsDescriptors;
  for (const int limit : {3, 4, 6, 8, 10, 12, 16, 20, 24, 32, 64}) {
    SCOPED_TRACE("ulimit -n " + std::to_string(limit));
    const Finished run = run_by("ulimit -n " + std::to_string(limit) + " && exec \"$@\"");
    // The loader of programs has no other words for it.
    if (run.code == 127 && run.err.find("error while loading shared libraries") != std::string::npos) continue;
    expect_truth(run, "Too many open files");
    EXPECT_TRUE(box_.all_processes_end());
    if (HasFailure()) break;
  }
  EXPECT_GE(green_, 1);
  EXPECT_GE(broken_, 3);
}

// R26: of a limit as of a disk, every byte can be the first that has no place.
TEST_P(Limits, OfTheSizeOfFilesAreToldAndKillNobody) {
  if (kUnderThreadSanitizer) GTEST_SKIP() << "it writes a file of its own before main, and dies of the limit there";
  for (const int blocks : {0, 1, 4, 8, 16, 32, 64, 4096}) {
    SCOPED_TRACE("ulimit -f " + std::to_string(blocks));
    expect_truth(run_by("ulimit -f " + std::to_string(blocks) + " && exec \"$@\""), "File too large",
                 "killed by SIGXFSZ");
    expect_nothing_left(box_, box_.home_of(binary()));
    if (HasFailure()) break;
  }
  EXPECT_GE(green_, 1);
  EXPECT_GE(broken_, 3);
}

// R26: a small file system of its own, that nobody else sees.
TEST_P(Limits, OfADiskAreToldWhenItIsFull) {
  const std::string space = ::geteuid() == 0 ? "unshare -m " : "unshare -rm ";
  const std::string mount = "mount -t tmpfs -o size=";
  const std::string folder = box_.path("disk");
  fs::create_directories(folder);
  const Finished probe = box_.run({"/bin/sh", "-c", space + mount + "64k tmpfs " + folder});
  if (probe.code != 0) GTEST_SKIP() << "no file system can be mounted here: " << probe.told();
  for (const int kilobytes : {4, 32, 64, 96, 128, 4096}) {
    SCOPED_TRACE(std::to_string(kilobytes) + "k");
    box_.write("full.sh", mount + std::to_string(kilobytes) + "k tmpfs " + folder + " && { \"$@\" --cleave-dir=" +
                              folder + "; code=$?; cp -rT " + folder + " " + box_.reports() + "; exit $code; }");
    expect_truth(run_by(space + "sh ../full.sh \"$@\""), "No space left on device");
    expect_nothing_left(box_, box_.home_of(binary()));
    if (HasFailure()) break;
  }
  EXPECT_GE(green_, 1);
  EXPECT_GE(broken_, 2);
}

// R26
TEST_P(Limits, OfProcessesAreToldWhenNoneCanBeStarted) {
  give_folder_to_somebody();
  if (IsSkipped()) return;
  // Root's new user is counted with the process that it becomes.
  const std::string none = ::geteuid() == 0 ? "prlimit --nproc=1 " : "prlimit --nproc=0 ";
  const Finished run = run_by("exec " + none + somebody_.command() + "\"$@\"");
  EXPECT_EQ(run.code, 3) << run.told();
  EXPECT_NE(run.err.find("fork: Resource temporarily unavailable"), std::string::npos) << run.told();
  EXPECT_TRUE(box_.all_processes_end());
}

// R12, R26: what had no process is not run, and says why.
TEST_P(Limits, OfProcessesInTheMiddleOfARunLeaveTheRestNotRunWithTheReason) {
  give_folder_to_somebody();
  if (IsSkipped()) return;
  box_.set("MISERY", "RefusesNewProcesses");
  const Finished run = run_by("exec " + somebody_.command() + "\"$@\"", {"--cleave-isolation=test"});
  EXPECT_EQ(run.code, 3) << run.told();
  EXPECT_NE((run.out + run.err).find("fork: Resource temporarily unavailable"), std::string::npos) << run.told();
  const Json report = box_.report(binary());
  ASSERT_TRUE(report.is_object());
  EXPECT_EQ(report["exit_code"], 3);
  EXPECT_GT(report["totals"]["not_run"], 0);
  for (const Json& test : report["tests"]) {
    if (test["outcome"] == "passed") continue;
    EXPECT_EQ(test["outcome"], "not_run") << test["full_name"];
    EXPECT_NE(test["attempts"].back()["reason"], "") << test["full_name"];
  }
  expect_nothing_left(box_, box_.home_of(binary()));
}

// R12, R26
TEST_P(Limits, OfDescriptorsInTheMiddleOfARunLeaveTheRestNotRunWithTheReason) {
  if (kUnderAddressSanitizer) GTEST_SKIP() << kNeedsDescriptors;
  box_.set("MISERY", "RefusesNewDescriptors");
  const Finished run = run_by("exec \"$@\"", {"--cleave-isolation=test"});
  EXPECT_EQ(run.code, 3) << run.told();
  EXPECT_NE((run.out + run.err).find("Too many open files"), std::string::npos) << run.told();
  EXPECT_TRUE(box_.all_processes_end());
}

// R12, R26: a journal that cannot grow any more makes no green run.
TEST_P(Limits, OfFilesInTheMiddleOfARunBreakIt) {
  box_.set("MISERY", "RefusesFurtherBytes");
  const Finished run = run_by("exec \"$@\"");
  EXPECT_EQ(run.code, 3) << run.told();
  EXPECT_NE((run.out + run.err).find("File too large"), std::string::npos) << run.told();
  EXPECT_TRUE(box_.all_processes_end());
}

// R20: the clock of the day is set forth and back by a day, and nobody is late because of it.
TEST_P(Limits, OfTestsDoNotFollowTheClockOfTheDay) {
  box_.set("CLOCK_STEPS", "1");
  box_.set("MISERY", "StopsAndGoesOn");
  for (const char* isolation : {"shard", "test"}) {
    const Finished run = run_by("exec \"$@\"", {std::string("--cleave-isolation=") + isolation});
    EXPECT_EQ(run.code, 0) << run.told();
    const Json report = box_.report(binary());
    ASSERT_TRUE(report.is_object());
    EXPECT_EQ(report["totals"]["passed"], report["totals"]["selected"]);
    EXPECT_GE(report["wall_seconds"].get<double>(), 0);
    EXPECT_LT(report["wall_seconds"].get<double>(), 60);
    for (const Json& test : report["tests"]) {
      for (const Json& attempt : test["attempts"]) {
        EXPECT_GE(attempt["seconds"].get<double>(), 0) << test["full_name"];
        EXPECT_LT(attempt["seconds"].get<double>(), 60) << test["full_name"];
      }
    }
  }
}

// R20: its time is the test's own, not that of a supervisor that slept.
TEST_P(Limits, OfTestsAreNotExceededByASupervisorThatWasStopped) {
  box_.set("MISERY", "StopsItsSupervisorBehindIt");
  box_.set("ASAN_OPTIONS", "detect_leaks=0");  // The search at the end of each process can take longer.
  const Finished run = run_by("exec \"$@\"", {"--cleave-timeout=300ms", "--cleave-isolation=test"});
  EXPECT_EQ(run.code, 0) << run.told();
}

// R12: bounded memory, head and tail in the report, and a run that is not slow.
TEST_P(Limits, OfOutputKeepHeadAndTailOfAHundredMegabytes) {
  box_.set("MISERY", "Prints100Megabytes");
  const auto begin = std::chrono::steady_clock::now();
  Running running = box_.start_sharded(binary(), 2);
  std::atomic<long> peak = 0;
  std::thread watch([&peak, pid = running.pid()] {
    for (long kilobytes = 0; kilobytes >= 0;) {
      peak = std::max(peak.load(), kilobytes);
      kilobytes = -1;
      std::ifstream status("/proc/" + std::to_string(pid) + "/status");
      for (std::string line; std::getline(status, line);) {
        if (line.starts_with("VmHWM:")) kilobytes = std::atol(line.c_str() + 6);
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  });
  const Finished run = running.wait();
  watch.join();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  RecordProperty("supervisor_kilobytes", std::to_string(peak.load()));
  RecordProperty("seconds", std::to_string(took.count()));
  EXPECT_EQ(run.code, 1) << run.told().substr(0, 2000);
  EXPECT_GT(peak.load(), 0);
  // What a sanitizer keeps beside it is no business of the run's.
  if (!kSanitized) {
    EXPECT_LT(peak.load(), 64 * 1024) << "kilobytes";
  }
  const std::string json = box_.read(box_.home_of(binary()) + "/latest/report.json");
  EXPECT_LT(json.size(), 1U << 20U);
  EXPECT_NE(json.find("this is the first line"), std::string::npos);
  EXPECT_NE(json.find("this is the last line"), std::string::npos);
  EXPECT_LT(run.out.size(), 1U << 20U);
}

// R12: any bytes make documents that can be read.
TEST_P(Limits, OfDocumentsBearAllBytesAndLongNames) {
  for (const char* misery : {"PrintsAllBytes", "LongName", "FailsWithALongMessage"}) {
    SCOPED_TRACE(misery);
    box_.set("MISERY", misery);
    const Finished run = box_.sharded(binary(), 2);
    EXPECT_EQ(run.code, 1) << run.told().substr(0, 2000);
    const Json report = box_.report(binary());
    ASSERT_TRUE(report.is_object());
    EXPECT_EQ(report["totals"]["failed"], 1);
    const std::string home = box_.home_of(binary()) + "/latest/";
    const Finished lint = box_.run({"/usr/bin/env", "xmllint", "--huge", "--noout", home + "junit.xml"});
    EXPECT_EQ(lint.code, 0) << lint.told();
    for (const char* file : {"trace.json", "order.json"}) EXPECT_TRUE(Json::accept(box_.read(home + file))) << file;
    EXPECT_EQ(run.out.find('\0'), std::string::npos);
    EXPECT_EQ(run.out.find("\x1b[2J"), std::string::npos) << "what tests print steers no terminal";
  }
}

INSTANTIATE_TEST_SUITE_P(Frameworks, Limits, testing::Values("gtest", "catch2_v2"), framework_name);

}  // namespace
}  // namespace cleave::test
