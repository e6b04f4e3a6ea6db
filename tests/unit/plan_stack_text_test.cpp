#include "plan/stack_text.hpp"

#include <gtest/gtest.h>

namespace cleave::plan {
namespace {

using Words = std::vector<std::string>;

// R20: each kind of program is called in its own way.
TEST(StackPrograms, AreCalledByTheirNames) {
  EXPECT_EQ(stack_arguments("/opt/cleave-stacks", 7, 9), (Words{"/opt/cleave-stacks", "7", "9"}));
  EXPECT_EQ(stack_arguments("/opt/cleave-stacks", 7, 0), (Words{"/opt/cleave-stacks", "7"}));
  const Words eu = stack_arguments("/usr/bin/eu-stack", 7, 9);
  EXPECT_EQ((Words{eu[eu.size() - 2], eu.back()}), (Words{"-p", "7"}));
  const Words gdb = stack_arguments("/usr/bin/gdb-multiarch", 7, 9);
  EXPECT_NE(std::find(gdb.begin(), gdb.end(), "-batch"), gdb.end());
}

TEST(StackTexts, OfGdbBeginWithTheFirstThreadAndEndWithTheLast) {
  EXPECT_EQ(readable_stacks("gdb", "[New LWP 2]\n\nThread 1 (LWP 1):\n#0 f ()\n[Inferior 1 (process 1) detached]\n"),
            "Thread 1 (LWP 1):\n#0 f ()\n");
  EXPECT_EQ(readable_stacks("gdb", "#0 f ()\n"), "") << "no thread";
}

TEST(StackTexts, WithoutAFrameAreNone) {
  EXPECT_EQ(readable_stacks("cleave-stacks", ""), "");
  EXPECT_EQ(readable_stacks("cleave-stacks", "hello\n"), "");
  EXPECT_EQ(readable_stacks("cleave-stacks", "thread 1:\n  #0  f\n\n"), "thread 1:\n  #0  f\n");
}

TEST(StackTexts, AreBounded) {
  const std::string text = readable_stacks("cleave-stacks", "#" + std::string(1 << 20, 'x'));
  EXPECT_LT(text.size(), (512U << 10U) + 20);
  EXPECT_TRUE(text.ends_with("… and more\n"));
}

// R20: what is said of threads that nobody may trace.
TEST(StacksWithoutFrames, TellWhyAndWhatTheThreadsDo) {
  const ThreadState waits{3, "worker", 'S', "futex", "futex_wait_queue"};
  const ThreadState runs{4, "spin", 'R', "", ""};
  EXPECT_EQ(stacks_without_frames("no right", {waits, runs}),
            "no stacks could be read: no right\n"
            "thread 3 (worker) waits, in futex, in the kernel at futex_wait_queue\n"
            "thread 4 (spin) runs\n");
  const std::string many = stacks_without_frames("x", std::vector<ThreadState>(100));
  EXPECT_NE(many.find("… and 36 more threads\n"), std::string::npos) << many;
}

// R20: who a test waits for.
TEST(StackText, AProcessIsCalledByItsCommandLineAndWhatItDoes) {
  const ThreadState waits{7, "sleep", 'S', "clock_nanosleep", "hrtimer_nanosleep"};
  EXPECT_EQ(process_title(7, "sleep 300", waits),
            "process 7 (sleep 300), started here: waits, in clock_nanosleep, in the kernel at hrtimer_nanosleep");
  EXPECT_EQ(process_title(7, "", {7, "gone", 'Z', "", ""}), "process 7 (gone), started here: has ended");
  std::string wide;
  while (wide.size() < 500) wide += "ü";
  EXPECT_EQ(process_title(7, "x" + wide, waits).find("x" + wide.substr(0, 198) + "…)"),
            std::string("process 7 (").size());
}

}  // namespace
}  // namespace cleave::plan
