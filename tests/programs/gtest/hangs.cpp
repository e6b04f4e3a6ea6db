// Tests that never end, or that leave processes behind: for time limits, for killing whole process trees and for naming
// what leaked.

#include <gtest/gtest.h>

#include <csignal>
#include <cstdio>

#include <sys/types.h>
#include <unistd.h>

namespace {

[[noreturn]] void sleep_for_ever() {
  for (;;) pause();
}

TEST(Hangs, A_Passes) {}

TEST(Hangs, B_SleepsForEver) { sleep_for_ever(); }

// Only SIGKILL ends it, and it has a child that only SIGKILL ends.
TEST(Hangs, C_IgnoresSigtermWithAChild) {
  std::signal(SIGTERM, SIG_IGN);
  if (fork() == 0) sleep_for_ever();
  sleep_for_ever();
}

TEST(Hangs, D_Spins) {
  for (volatile unsigned counter = 0;;) counter = counter + 1;
}

TEST(Hangs, E_StopsItself) { std::raise(SIGSTOP); }

TEST(Hangs, F_Passes) {}

// The grandchild belongs to another session, so neither the process group nor the parent's death reaches it, and it
// holds stdout: whoever waits for the end of the output waits for it.
TEST(Leaves, A_GrandchildThatHoldsStdout) {
  const pid_t child = fork();
  if (child == 0) {
    if (fork() == 0) {
      setsid();
      std::signal(SIGTERM, SIG_IGN);
      sleep_for_ever();
    }
    _exit(0);
  }
  EXPECT_GT(child, 0);
}

TEST(Leaves, B_ChildThatOutlivesItsTest) {
  if (fork() == 0) sleep_for_ever();
}

TEST(Leaves, C_Passes) {}

}  // namespace
