#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <unistd.h>

#include "run_program.hpp"
#include "sanitized.hpp"

namespace cleave::test {

/// What a run makes of one test of tests/programs/misery.hpp that misbehaves among many that do not.
struct MiseryCase {
  std::string name;  ///< Of the test `Misery.<name>`, and the value of the variable MISERY.
  std::string outcome = "passed";
  std::string reason = {};   ///< Stands in the reason of its attempt, or in its messages.
  std::string problem = {};  ///< Stands in the title of one problem; none is reported when this is empty.
  int code = -1;             ///< The exit status; -1: 0 when the test passes, 1 when it does not.

  int expected_code() const { return code >= 0 ? code : outcome == "passed" ? 0 : 1; }
};

/// Why the case cannot be in this build; empty where it can.
inline std::string impossible_here(const MiseryCase& one) {
  if (kUnderAddressSanitizer && one.name == "UsesUpItsDescriptors") return kNeedsDescriptors;
  if (kSanitized && one.name == "EatsAllMemory")
    return "a sanitizer needs more address space than the limit leaves, and ends the process when it gets none";
  return "";
}

inline void PrintTo(const MiseryCase& one, std::ostream* out) { *out << one.name; }

/// In every program and mode.
inline std::vector<MiseryCase> miseries() {
  const std::string exited = "exited with status 0 while the test ran";
  return {
      {"ChangesDirectory"},
      {"RemovesItsDirectory"},
      {"ForbidsAllFiles"},
      {"ChangesTheLocale"},
      {"IgnoresAllSignals"},
      {"HandlesAllSignals"},
      {"BlocksAllSignals"},
      {"ClearsTheEnvironment"},
      {"SpoilsTheEnvironment"},
      {"ChangesItsGroup"},
      {"CallsSetsid"},
      {"ChangesItsName"},
      {"BecomesASubreaper"},
      {"SurvivesItsParent"},
      {"ClosesStandardStreams"},
      {"UsesUpItsDescriptors"},
      {"JumpsOverDestructors"},
      {"LeavesThreadsRunning"},
      {"ReadsStandardInput"},
      {"Exits", "crashed", exited},
      {"LeavesAtOnce", "crashed", exited},
      {"QuickExits", "crashed", exited},
      // What it jumps over is never freed: the search for leaks makes another status of it.
      {"JumpsToMain", "crashed", kUnderAddressSanitizer ? "exited with status 1 while the test ran" : exited},
      {"RaisesAnAlarm", "crashed", "killed by SIGALRM"},
      {"WritesToABrokenPipe", "crashed", "killed by SIGPIPE"},
      {"ThrowsFromAThread", "crashed", "killed by SIGABRT"},
      {"EatsAllMemory", "failed", "bad_alloc"},
      {"IsOutOfMemory", "crashed", "killed by SIGKILL"},
      {"LeavesADaemon", "passed", "", "outlived"},
      {"ClosesAllDescriptors"},
      {"ClosesAllDescriptorsAndSleeps"},
      {"WritesToForeignDescriptors"},
      {"WritesALengthToForeignDescriptors"},
      {"WritesToSharedMemory", "crashed", "events are damaged", "events are damaged", 3},
      {"StopsItsSupervisor"},
      {"StopsAndGoesOn"},
      {"Prints100Megabytes", "failed", "so that it is shown"},
      {"PrintsAllBytes", "failed", "what() of all of them"},
      {"FailsWithALongMessage", "failed", "a long one:"},
  };
}

/// Under GoogleTest the name of the suite, or the beginning of the name, is the same.
inline std::string misery_test(const MiseryCase& one) { return "Misery." + one.name; }

/// A user that has no process but those of this test, where this is root, whom no limit on processes binds.
class Somebody {
 public:
  /// What runs the command behind it as that user.
  std::string command() const {
    if (::geteuid() != 0) return "";
    return "setpriv --reuid=" + std::to_string(user()) + " --clear-groups ";
  }
  /// The folder of the box becomes the user's. Not empty: why the user cannot run the program.
  std::string takes(const Sandbox& box, const std::string& program) const {
    if (::geteuid() != 0) return "";
    std::vector<std::string> all{box.folder()};
    for (const auto& each : std::filesystem::recursive_directory_iterator(box.folder())) all.push_back(each.path());
    for (const std::string& each : all) {
      if (::lchown(each.c_str(), user(), static_cast<gid_t>(-1)) != 0) return "chown " + each + " is not possible";
    }
    const Finished there = box.run({"/bin/sh", "-c", command() + "test -x " + program});
    return there.code == 0 ? "" : "another user cannot run " + program + ": " + there.told();
  }

 private:
  static uid_t user() { return static_cast<uid_t>(200000 + ::getpid()); }
};

/// Each test of the report has exactly one outcome, and at most one attempt that ran. What ran once ran once according
/// to the tests themselves too. Without a problem that breaks the run the neighbours of the test passed.
inline void expect_one_outcome_each(const nlohmann::json& report, const std::string& log, const MiseryCase& one) {
  std::map<std::string, int> started;
  std::istringstream lines(log);
  for (std::string word, test; lines >> word >> test;) ++started[test];
  for (const auto& [test, times] : started) EXPECT_EQ(times, 1) << test;
  const auto told = outcomes_by_name(report);
  const auto ran = runs_by_name(report);
  ASSERT_GT(told.size(), 30U);
  for (const auto& [test, outcomes] : told) {
    ASSERT_EQ(outcomes.size(), 1U) << test;
    EXPECT_LE(ran.at(test), 1) << test;
    const std::string short_name =
        test.find("TenKilobytes") != std::string::npos ? "LongName" : test.substr(test.find('.') + 1);
    if (outcomes[0] == "passed") {
      EXPECT_EQ(started[short_name], 1) << test << " passed, and did not run";
    }
    if (test == misery_test(one)) {
      EXPECT_EQ(outcomes[0], one.outcome);
    } else if (one.expected_code() < 3) {
      EXPECT_EQ(outcomes[0], "passed") << test;
    } else {
      EXPECT_TRUE(outcomes[0] == "passed" || outcomes[0] == "not_run") << test << " " << outcomes[0];
    }
  }
}

/// What is said of an attempt: its reason and its messages, which may be long.
inline std::string told_of(const nlohmann::json& attempt) {
  std::string all = attempt["reason"].get<std::string>();
  for (const auto& message : attempt["messages"]) all += "\n" + message["text"].get<std::string>().substr(0, 2000);
  return all;
}

inline bool has_problem(const nlohmann::json& report, const std::string& part) {
  const auto titles = problem_titles(report);
  return std::any_of(titles.begin(), titles.end(),
                     [&](const std::string& title) { return title.find(part) != std::string::npos; });
}

/// The reason, the messages and the problems are those of the case.
inline void expect_told(const nlohmann::json& report, const MiseryCase& one) {
  const nlohmann::json test = test_named(report, misery_test(one));
  ASSERT_FALSE(test.is_null());
  ASSERT_EQ(test["attempts"].size(), 1U);
  const std::string told = told_of(test["attempts"][0]);
  EXPECT_NE(told.find(one.reason), std::string::npos) << told;
  EXPECT_EQ(has_problem(report, one.problem), !one.problem.empty()) << report["problems"];
}

/// No process, no temporary file, and beside the runs only what a run keeps for the next one.
inline void expect_nothing_left(const Sandbox& box, const std::string& home) {
  namespace fs = std::filesystem;
  EXPECT_TRUE(box.all_processes_end()) << testing::PrintToString(box.processes());
  for (const char* folder : {"tmp", "work"}) {
    for (const auto& each : fs::directory_iterator(box.path(folder))) ADD_FAILURE() << each.path() << " is left";
  }
  const std::set<std::string> known{"runs", "latest", "history", "history.lock", "last-failed", "lock", "by-ctest"};
  std::error_code none;
  for (const auto& each : fs::directory_iterator(home, none)) {
    EXPECT_EQ(known.count(each.path().filename().string()), 1U) << each.path() << " is left";
  }
}

}  // namespace cleave::test
