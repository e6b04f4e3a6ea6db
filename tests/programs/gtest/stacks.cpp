/// Crashes and hangs whose stacks a run must show, and ends that have none.

#include <gtest/gtest.h>

#include <string_view>

#include "../stuck.hpp"

TEST(Crash, Faults) { EXPECT_EQ(depot::open_shelf(1), 0); }
TEST(Crash, Aborts) { depot::give_up_stock(); }
TEST(Crash, InASecondThread) { depot::crash_in_a_second_thread(); }
TEST(Crash, OverflowsTheStack) { EXPECT_EQ(depot::count_for_ever(nullptr), 0); }

TEST(Killed, ByItself) { ::kill(::getpid(), SIGKILL); }

TEST(Hang, InADeadlock) { depot::book_from_the_shelf(); }
TEST(Hang, InASignalHandler) { depot::hang_in_a_signal_handler(); }
TEST(Hang, InTheAllocator) { depot::churn_for_ever(); }
TEST(Hang, WaitingForChildren) { depot::wait_for_children(); }

// The children die as they are meant to, without a word to the supervisor; what dies after them has its stack.
TEST(Deaths, A_Fast) {
  GTEST_FLAG_SET(death_test_style, "fast");
  EXPECT_DEATH(depot::open_shelf(1), "");
  EXPECT_EXIT(depot::give_up_stock(), testing::KilledBySignal(SIGABRT), "");
}
TEST(Deaths, B_ThreadSafe) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(depot::open_shelf(1), "");
}
TEST(Deaths, C_Own) { depot::give_up_stock(); }

namespace {
class DiesInSetUp : public testing::Test {
 protected:
  static void SetUpTestSuite() { depot::open_shelf(3); }
};
}  // namespace
TEST_F(DiesInSetUp, Never) {}

// A handler of the test's own stays the test's own.
TEST(OwnHandler, Survives) {
  struct Left {
    static void leave(int) { ::_exit(0); }
  };
  const auto before = ::signal(SIGSEGV, Left::leave);
  EXPECT_NE(before, SIG_ERR);
  ::signal(SIGSEGV, before);
}

// Descriptors that are not the test's are closed, as a daemon does: there is nobody to tell, and nothing to wait for.
TEST(Closed, LineThenAborts) {
  for (int fd = 3; fd < 1024; ++fd) ::close(fd);
  depot::give_up_stock();
}

// STACKS_IN_MAIN is what happens before the tests are known: "crash" or "hang".
int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  const char* const deed = std::getenv("STACKS_IN_MAIN");
  if (deed != nullptr && std::string_view(deed) == "crash") depot::open_shelf(4);
  if (deed != nullptr && std::string_view(deed) == "hang") depot::idle_in_a_child();
  return RUN_ALL_TESTS();
}
