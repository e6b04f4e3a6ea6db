#pragma once

#include <gmock/gmock.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "../support/xml_tree.hpp"
#include "fixture_log.hpp"
#include "own_run.hpp"
#include "property.hpp"

namespace cleave::test {

/// CLEAVE_CHAOS_RUNS=<n> (1 when it is not set) makes every chaos test do n times its cases, and look after each of
/// them whether the next run is whole.
inline std::uint64_t chaos_factor() {
  const char* const text = std::getenv("CLEAVE_CHAOS_RUNS");
  return text == nullptr ? 1 : std::max<std::uint64_t>(1, std::strtoull(text, nullptr, 10));
}
inline std::vector<std::uint64_t> chaos_seeds(const std::vector<std::uint64_t>& kept, std::uint64_t cases) {
  return seeds(kept, cases * chaos_factor());
}
/// How many of a hundred cases end with a run that nobody disturbs.
inline std::uint32_t looked_after(std::uint32_t percent) { return chaos_factor() > 1 ? 100 : percent; }

/// How many processes stand between it and the root of the run, itself included: of an own run 1 for a worker, the
/// lister and the keeper, of ctest 1 for an entry and 2 for a worker. 0 for the root and for what is not below it.
inline int depth_of(int pid, int root) {
  int depth = 0;
  for (; pid != root && pid > 1; pid = parent_of_process(pid)) ++depth;
  return pid == root ? depth : 0;
}

/// What is done to a run while it goes on. `usual` is how long such a run takes when nobody disturbs it.
class Mischief {
 public:
  using Microseconds = std::chrono::microseconds;
  Mischief(Choices& choices, const Sandbox& box, const Running& run, Microseconds usual)
      : choices_(choices), box_(box), root_(run.pid()), usual_(usual) {}

  /// To the first deed: into the first milliseconds of the run, or its last ones, or anywhere.
  void begin() const {
    const std::uint32_t where = choices_.number(1, 100);
    if (where <= 20) return pause(Microseconds(0), Microseconds(3000));
    if (where <= 40) return pause(usual_ * 85 / 100, usual_ * 105 / 100);
    pause(Microseconds(0), usual_);
  }
  void pause(Microseconds least, Microseconds most) const {
    std::this_thread::sleep_for(Microseconds(
        choices_.number(static_cast<std::uint32_t>(least.count()), static_cast<std::uint32_t>(most.count()))));
  }
  /// A process that is so deep in the run, or anywhere for kAnywhere; 0 when there is none at this moment.
  static constexpr int kAnywhere = -1;
  int one_at(int depth) const {
    std::vector<int> there;
    for (const int pid : box_.processes()) {
      if (depth == kAnywhere ? pid != root_ : depth_of(pid, root_) == depth) there.push_back(pid);
    }
    return there.empty() ? 0 : choices_.one_of(there);
  }
  bool send_one_at(int depth, int number) {
    const int pid = depth == 0 ? root_ : one_at(depth);
    if (pid == 0) return false;
    return send(pid, number);
  }
  bool stop_one_at(int depth) {
    const int pid = depth == 0 ? root_ : one_at(depth);
    if (pid == 0 || !send(pid, SIGSTOP)) return false;
    pause(Microseconds(0), Microseconds(40000));
    ::kill(pid, SIGCONT);
    return true;
  }
  /// Two to four at once, whoever they are but for the root. Stopped first, so that none can answer to the death of
  /// another.
  int kill_several() {
    std::set<int> victims;
    for (std::uint32_t left = choices_.number(2, 4); left > 0; --left) victims.insert(one_at(kAnywhere));
    victims.erase(0);
    const bool frozen = choices_.chance(50);
    for (const int pid : victims) frozen&& ::kill(pid, SIGSTOP);
    int hits = 0;
    for (const int pid : victims) hits += send(pid, SIGKILL) ? 1 : 0;
    return hits;
  }
  void signal_root(int number) { send(root_, number); }
  /// What ^C of a terminal does.
  void signal_group(int number) {
    said_ += " signal " + std::to_string(number) + " to the group;";
    ::kill(-root_, number);
    ++ended_at_depth_one_;
  }
  /// A signal that politely, rudely or not at all asks for the end.
  int some_end() const { return choices_.one_of<int>({SIGKILL, SIGKILL, SIGTERM, SIGINT}); }

  /// For the message of a failed expectation.
  const std::string& said() const { return said_; }
  /// How many processes of depth 1 were told to end.
  int ended_at_depth_one() const { return ended_at_depth_one_; }
  /// True when those who tear down fixtures, or the owner of the run, may have been killed.
  bool hit_fixtures() const { return hit_fixtures_; }

 private:
  bool send(int pid, int number) {
    const std::string name = name_of(pid);
    const int depth = depth_of(pid, root_);
    // The keeper and its hosts have their names a moment after they were forked.
    const int keepers = number == SIGSTOP ? 0 : named("cleave-");
    if (::kill(pid, number) != 0) return false;
    said_ += " signal " + std::to_string(number) + " to " + name + " at depth " + std::to_string(depth) + ";";
    if (number != SIGSTOP) {
      ended_at_depth_one_ += depth == 1 ? 1 : 0;
      hit_fixtures_ = hit_fixtures_ || name.starts_with("cleave-") || keepers < 2;
    }
    return true;
  }
  int named(const std::string& beginning) const {
    int count = 0;
    for (const int pid : box_.processes()) count += name_of(pid).starts_with(beginning) ? 1 : 0;
    return count;
  }
  static std::string name_of(int pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/comm");
    std::string name;
    std::getline(file, name);
    return name;
  }

  Choices& choices_;
  const Sandbox& box_;
  const int root_;
  const Microseconds usual_;
  std::string said_;
  int ended_at_depth_one_ = 0;
  bool hit_fixtures_ = false;
};

/// What a driver has done, so that one that does nothing does not pass.
struct ChaosTally {
  std::size_t runs = 0;
  int hits = 0;
  int reports = 0;
  int red = 0;

  void expect_much() const {
    std::cout << runs << " runs, " << hits << " hits, " << red << " red, " << reports << " reports\n";
    // Where a blow falls is chance: of a handful of runs none may be hit, or none may mind.
    constexpr std::size_t kEnoughToTell = 12;
    if (runs < kEnoughToTell) return;
    EXPECT_GE(hits, std::max(1, static_cast<int>(runs) / 5)) << "else nothing was tried";
    EXPECT_GT(red, 0);
    EXPECT_GE(reports, static_cast<int>(runs) / 3);
  }
};

/// How many descriptors this process has, and what Cleave has in the memory that all processes share.
class OwnThings {
 public:
  void expect_unchanged() const {
    EXPECT_EQ(names_in("/proc/self/fd").size(), descriptors_) << "the test itself leaks descriptors";
    for (const std::string& name : names_in("/dev/shm")) EXPECT_EQ(name.find("cleave"), std::string::npos) << name;
  }

 private:
  std::size_t descriptors_ = names_in("/proc/self/fd").size();
};

/// Both reports of the newest run can be parsed and tell of the same tests.
inline void expect_reports_agree(const Sandbox& box, const std::string& home, const nlohmann::json& report) {
  const auto root = XmlParser::parse(box.read(home + "/latest/junit.xml"));
  ASSERT_TRUE(root.has_value()) << home << "/latest/junit.xml";
  std::vector<const XmlNode*> cases;
  root->collect("testcase", cases);
  EXPECT_GE(cases.size(), report["tests"].size());
}

/// A red test says why, and a run with one is red; a green run has nothing but passed tests.
inline void expect_truth_of_outcomes(const nlohmann::json& report) {
  for (const auto& [name, outcomes] : outcomes_by_name(report)) EXPECT_EQ(outcomes.size(), 1U) << name;
  for (const auto& test : report["tests"]) {
    if (test["outcome"] == "passed" || test["outcome"] == "flaky") continue;
    EXPECT_NE(report["exit_code"], 0) << test["full_name"];
    ASSERT_FALSE(test["attempts"].empty());
    const auto& last = test["attempts"].back();
    EXPECT_TRUE(last["reason"] != "" || !last["messages"].empty())
        << test["full_name"] << " is red, and nothing says why";
  }
  if (report["exit_code"] == 0) {
    EXPECT_EQ(report["totals"]["passed"].get<std::size_t>(), report["tests"].size());
  }
}

/// Whether whoever was killed in the middle of writing a file may have left its new bytes, which the next run removes.
enum class Torn : std::uint8_t { no, may_be_left };

/// No process, no temporary file, and beside the runs only what a run keeps for the next one.
inline void expect_nothing_left(const Sandbox& box, const std::string& home, Torn torn = Torn::no) {
  EXPECT_TRUE(box.all_processes_end()) << testing::PrintToString(box.processes());
  for (const char* folder : {"tmp", "work"}) {
    for (const std::string& name : names_in(box.path(folder))) ADD_FAILURE() << folder << "/" << name << " is left";
  }
  const std::set<std::string> known{"runs",        "latest", "history",  "history.lock",
                                    "last-failed", "lock",   "by-ctest", "left"};
  for (const std::string& name : names_in(home)) {
    if (torn == Torn::may_be_left && name.find(".tmp-") != std::string::npos) continue;
    EXPECT_EQ(known.count(name), 1U) << name << " is left";
  }
  EXPECT_THAT(names_in(home + "/left"), testing::IsEmpty());
}

/// What a run that nobody disturbed has in its folder: no queue, no lock, nothing half written.
inline void expect_tidy(const Sandbox& box, const std::string& home) {
  expect_nothing_left(box, home);
  EXPECT_TRUE(std::filesystem::exists(home + "/latest/report.json"));
  for (const std::string& name : names_in(home + "/latest")) {
    const bool left = name.starts_with("queue-") || name.find(".part-") != std::string::npos || name == "tmp";
    EXPECT_FALSE(left) << name << " is left";
  }
}

}  // namespace cleave::test
