#pragma once

#include <gmock/gmock.h>
#include <signal.h>

#include "fixture_log.hpp"
#include "own_run.hpp"

namespace cleave::test {

/// The programs `fixtures`, with their log.
class FixtureRuns : public EachFramework {
 protected:
  void SetUp() override {
    EachFramework::SetUp();
    binary_ = of("fixtures");
    box_.set("FIXTURES_LOG", box_.path("log"));
    box_.set("FIXTURES_GATE", box_.path("gate"));
  }

  FixtureLog log() const { return FixtureLog(box_.path("log")); }
  void clear_log() const { std::filesystem::remove(box_.path("log")); }

  /// @name The tests, by the names that a report has for them.
  /// @{
  std::string shared(int number) const {
    const std::string text = std::to_string(number);
    return is_gtest() ? "All/Shared.SeesTheServerInTheLeader/" + text : "shared " + text;
  }
  std::string own(int number) const {
    const std::string text = std::to_string(number);
    return is_gtest() ? "All/Own.SeesTheInstanceOfItsShard/" + text : "own " + text;
  }
  std::string alone(const std::string& gtest, const std::string& catch2) const {
    return is_gtest() ? "Alone." + gtest : "alone " + catch2;
  }
  bool is_shared(const std::string& name) const { return name.starts_with(choose("All/Shared.", "shared ")); }
  bool is_own(const std::string& name) const { return name.starts_with(choose("All/Own.", "own ")); }
  bool is_alone(const std::string& name) const { return name.starts_with(choose("Alone.", "alone ")); }
  std::string only_shared() const { return choose("--gtest_filter=*Shared*", "shared*"); }
  std::string only_own() const { return choose("--gtest_filter=*Own*", "own*"); }
  std::string only_alone() const { return choose("--gtest_filter=Alone.*", "alone*"); }
  /// The shared tests, the first one first: some versions of Catch2 shuffle when nothing is said.
  Sandbox::Arguments shared_in_order() const {
    return is_gtest() ? Sandbox::Arguments{only_shared()} : Sandbox::Arguments{only_shared(), "--order", "decl"};
  }
  /// @}

  /// In one of the next runs, the test called so waits for open_gate().
  void let_wait(const std::string& test) {
    box_.set("FIXTURES_DEED", test);
    box_.set("FIXTURES_DEED_IS", "wait");
  }
  /// Starts the program, and returns once the test of let_wait() waits.
  Running start_waiting(unsigned jobs, const Sandbox::Arguments& arguments = {}) {
    std::filesystem::remove(box_.path("gate"));
    Running running = box_.start_sharded(binary_, jobs, arguments);
    EXPECT_TRUE(soon([&] { return log().count("deed ") > 0; })) << box_.read("log");
    return running;
  }
  void open_gate() const { box_.write("gate", ""); }
  int leader() const { return log().pid_of("set_up base"); }
  int keeper() const { return parent_of_process(leader()); }

  /// True when the fixtures' processes are gone and everything was torn down: at once or soon.
  bool all_torn_down() const {
    return soon([&] { return log().count("tear_down base") > 0; }) && box_.all_processes_end();
  }

  /// What must hold after every run at the latest when the one behind it has ended: no process, port, folder, or entry
  /// in the register of what is left.
  void expect_nothing_left() const {
    EXPECT_TRUE(box_.all_processes_end()) << testing::PrintToString(box_.processes());
    EXPECT_THAT(names_in(box_.home_of(binary_) + "/left"), testing::IsEmpty());
    for (const std::string& name : names_in(box_.home_of(binary_) + "/latest/tmp")) {
      EXPECT_FALSE(name.ends_with("-fixtures")) << name;
    }
    for (const std::string& line : log().all("saw ")) {
      const auto words = words_of(line);
      const int port = std::stoi(words.at(words.size() - 2));
      EXPECT_FALSE(somebody_listens_on(port)) << line;
    }
  }

  std::string binary_;
};

}  // namespace cleave::test
