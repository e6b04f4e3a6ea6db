#include "os/fork_mark.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

namespace cleave::os {
namespace {

TEST(ForkMark, IsThereInAllThreadsOfItsProcessAndInNoForkOfIt) {
  const ForkMark mark;
  EXPECT_TRUE(mark.is_here());
  bool in_thread = false;
  std::thread([&] { in_thread = mark.is_here(); }).join();
  EXPECT_TRUE(in_thread);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const bool there = mark.is_here();
    const ForkMark own;
    ::_exit((there ? 1 : 0) + (own.is_here() ? 0 : 2));
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_TRUE(mark.is_here());
}

}  // namespace
}  // namespace cleave::os
