#include <filesystem>

#include "stacks.hpp"

namespace cleave::test {
namespace {

class StackReaders : public testing::Test {
 protected:
  /// A program that is called as cleave-stacks is.
  std::string script(const std::string& body) const {
    box_.write("reader", "#!/bin/sh\n" + body);
    const std::string path = box_.path("reader");
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    return path;
  }
  std::string stacks_with(const std::string& reader, const std::string& test = "Crash.Faults") {
    box_.set("CLEAVE_STACKS", reader);
    const Finished run = box_.sharded(binary_, 1, {"--gtest_filter=" + test, "--cleave-timeout=1s"});
    EXPECT_EQ(run.code, 1) << run.told();
    EXPECT_TRUE(box_.all_processes_end());
    const std::string expected = test == "Crash.Faults" ? "killed by SIGSEGV" : "1000 ms";
    const std::string reason = box_.attempt(binary_, test)["reason"];
    EXPECT_TRUE(holds(reason, expected)) << reason;
    return box_.stacks(binary_, test);
  }

  StackSandbox box_;
  const std::string binary_ = program("gtest_stacks");
};

// R20: without a program that can look, the run says so, tells what /proc shows, and is otherwise what it would be.
TEST_F(StackReaders, ThatAreMissingAreToldWithWhatTheThreadsDo) {
  const std::string stacks = stacks_with(box_.path("no-such-program"), "Hang.InASignalHandler");
  EXPECT_TRUE(holds(stacks, "no stacks could be read: " + box_.path("no-such-program") + ": No such file")) << stacks;
  EXPECT_TRUE(holds(stacks, "(gtest_stacks) ")) << stacks;
}

// R20: as a container without the right to trace answers.
TEST_F(StackReaders, ThatFailAreToldWithTheirLastLine) {
  const std::string reader = script("echo 'ptrace: Operation not permitted' >&2\nexit 1\n");
  const std::string stacks = stacks_with(reader);
  EXPECT_TRUE(holds(stacks, "no stacks could be read: " + reader + ": ptrace: Operation not permitted\n")) << stacks;
  EXPECT_TRUE(holds(stacks, "thread ")) << stacks;
}

// R20: what a reader printed before its time was over is kept; the run goes on, and nothing of it is left.
TEST_F(StackReaders, ThatHangAreEndedAndWhatTheySaidIsKept) {
  const std::string stacks = stacks_with(script("echo '  #0  seen at a.cpp:1'\nsleep 600\n"));
  EXPECT_TRUE(holds(stacks, "seen at a.cpp:1")) << stacks;
  EXPECT_TRUE(holds(stacks, "no more within 10 s")) << stacks;
}

// R20: each of two hung shards is looked at while the other one is. The reader waits until it is not alone.
TEST_F(StackReaders, OfTwoShardsWorkAtTheSameTime) {
  box_.set("READERS", box_.path("readers"));
  box_.set("CLEAVE_STACKS", script("echo begin >>\"$READERS\"\n"
                                   "for i in 1 2 3 4 5 6 7 8; do\n"
                                   "  [ \"$(grep -c begin \"$READERS\")\" -ge 2 ] && echo '#0 together' && exit 0\n"
                                   "  sleep 1\n"
                                   "done\n"
                                   "echo '#0 alone'\n"));
  const Finished run = box_.sharded(
      binary_, 2,
      {"--gtest_filter=Hang.InADeadlock:Hang.InASignalHandler", "--cleave-isolation=test", "--cleave-timeout=500ms"});
  EXPECT_EQ(run.code, 1) << run.told();
  for (const std::string test : {"Hang.InADeadlock", "Hang.InASignalHandler"}) {
    EXPECT_EQ(box_.stacks(binary_, test), "#0 together\n") << test;
  }
}

// R20
TEST_F(StackReaders, MayBeGdb) {
  const std::string gdb = "/usr/bin/gdb";
  if (!std::filesystem::exists(gdb)) GTEST_SKIP() << gdb << " is not installed";
  const std::string stacks = stacks_with(gdb);
  EXPECT_TRUE(holds(stacks, "read_label")) << stacks;
  EXPECT_TRUE(stacks.starts_with("Thread ")) << stacks;
}

// R20, R26: then nothing of a worker is touched.
TEST_F(StackReaders, CanBeSwitchedOff) { EXPECT_EQ(stacks_with("off"), ""); }

// R30: the program by itself.
TEST_F(StackReaders, SayWhatIsWrongWithTheirArguments) {
  if (!has_reader()) GTEST_SKIP() << "cleave-stacks is not built: libdw is missing";
  const std::string reader = CLEAVE_STACKS_PROGRAM;
  const Finished word = box_.run({reader, "me"});
  EXPECT_EQ(word.code, 2);
  EXPECT_TRUE(holds(word.err, "'me'") && holds(word.err, "1 to 4194304")) << word.told();
  EXPECT_EQ(box_.run({reader}).code, 2);
  const Finished nobody = box_.run({reader, "4194304"});
  EXPECT_EQ(nobody.code, 1);
  EXPECT_TRUE(holds(nobody.err, "No such file")) << nobody.told();
  EXPECT_EQ(nobody.out, "");
}

}  // namespace
}  // namespace cleave::test
