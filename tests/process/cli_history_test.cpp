// The tool `cleave` as people call it: `cleave history merge`.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

#include "../support/run_program.hpp"
#include "os/file.hpp"
#include "plan/history.hpp"

namespace cleave::test {
namespace {

using namespace std::chrono_literals;
using plan::History;

/// A history that knows one test.
History knowing(const std::string& name, std::chrono::nanoseconds duration, plan::Day day) {
  History history;
  plan::TestHistory& test = history.tests[plan::TestKey{"Suite", name, ""}];
  test.last_seen = day;
  test.runs = 1;
  test.passed.add(duration);
  test.outcomes = "p";
  return history;
}

class CliHistoryMerge : public testing::Test {
 protected:
  /// Writes it to the folder where the tool is started.
  void keep(const std::string& name, const History& history) const {
    sandbox_.write("work/" + name, plan::encode_history(history));
  }
  Finished merge(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {CLEAVE_TOOL, "history", "merge"});
    return sandbox_.run(arguments);
  }
  History kept(const std::string& name) const {
    const auto history = plan::decode_history(sandbox_.read("work/" + name), name);
    EXPECT_TRUE(history) << history.error().what;
    return history ? *history : History{};
  }

  Sandbox sandbox_;
};

TEST_F(CliHistoryMerge, KnowsWhatEitherKnowsAndOfBothWhatIsNewer) {
  History first = knowing("A", 1s, 100);
  first.tests.merge(knowing("B", 2s, 100).tests);
  const History second = knowing("B", 9s, 200);
  keep("first", first);
  keep("second", second);
  const Finished finished = merge({"out", "first", "second"});
  EXPECT_EQ(finished.code, 0) << finished.told();
  EXPECT_EQ(finished.out, "out: 2 tests of 2 histories\n");
  EXPECT_EQ(kept("out"), plan::merge(first, second));
  EXPECT_EQ(kept("out").tests.at({"Suite", "B", ""}).expected(), 9s);
  EXPECT_FALSE(std::filesystem::exists(sandbox_.path("work/out.lock"))) << "nothing else is left behind";
}

TEST_F(CliHistoryMerge, MergingTheSameTwiceChangesNothing) {
  keep("first", knowing("A", 1s, 100));
  keep("second", knowing("B", 1s, 100));
  ASSERT_EQ(merge({"out", "first", "second"}).code, 0);
  const std::string once = sandbox_.read("work/out");
  ASSERT_EQ(merge({"out", "out", "second", "first", "first"}).code, 0);
  EXPECT_EQ(sandbox_.read("work/out"), once);
}

TEST_F(CliHistoryMerge, OutIsReplacedUnlessItIsNamedAmongTheOthers) {
  keep("out", knowing("Old", 1s, 100));
  keep("new", knowing("New", 1s, 100));
  ASSERT_EQ(merge({"out", "new"}).code, 0);
  EXPECT_EQ(kept("out"), knowing("New", 1s, 100));
}

TEST_F(CliHistoryMerge, WhatIsNoHistoryIsNamedWithItsLineAndOutStaysAsItWas) {
  keep("out", knowing("A", 1s, 100));
  const std::string before = sandbox_.read("work/out");
  keep("good", knowing("B", 1s, 100));
  sandbox_.write("work/bad", "cleave-history 1\nnonsense\n");
  const Finished bad = merge({"out", "good", "bad"});
  EXPECT_EQ(bad.code, 2);
  EXPECT_THAT(bad.err, testing::StartsWith("cleave: read history: bad:2:")) << bad.told();
  const Finished missing = merge({"out", "good", "none"});
  EXPECT_EQ(missing.code, 2);
  EXPECT_EQ(missing.err, "cleave: read history: open none: No such file or directory\n");
  EXPECT_EQ(sandbox_.read("work/out"), before);
  EXPECT_EQ(merge({"no/such/\n/../out/x", "good"}).code, 0) << "missing folders are made";
  EXPECT_EQ(merge({"/proc/none", "good"}).code, 2);
}

TEST_F(CliHistoryMerge, WaitsWhileARunRecordsThere) {
  keep("out", knowing("A", 1s, 100));
  keep("new", knowing("B", 1s, 100));
  const std::string before = sandbox_.read("work/out");
  auto lock = os::FileLock::acquire(sandbox_.path("work/out.lock"));
  ASSERT_TRUE(lock);
  Running running = sandbox_.start({CLEAVE_TOOL, "history", "merge", "out", "out", "new"});
  std::this_thread::sleep_for(300ms);  // Long enough for one that does not wait.
  EXPECT_EQ(sandbox_.read("work/out"), before);
  keep("out", knowing("C", 1s, 100));
  lock->release();
  EXPECT_EQ(running.wait().code, 0);
  EXPECT_EQ(kept("out"), plan::merge(knowing("B", 1s, 100), knowing("C", 1s, 100)));
}

TEST_F(CliHistoryMerge, UsageErrorsNameWhatIsMissing) {
  EXPECT_EQ(merge({"out"}).err, "cleave: IN is required\n");
  EXPECT_EQ(merge({"out"}).code, 2);
  EXPECT_EQ(merge({"out", "in", "--force"}).code, 2);
  EXPECT_EQ(sandbox_.run({CLEAVE_TOOL, "history"}).err,
            "cleave: no command is given: legal are 'cleave history merge' and 'cleave history show'\n");
  EXPECT_EQ(sandbox_.run({CLEAVE_TOOL, "history", "mrege"}).err,
            "cleave: 'mrege' is no command; did you mean 'merge'?\n");
}

}  // namespace
}  // namespace cleave::test
