// Every way in which a test can take its process with it, each between two neighbours that pass: a report is right when
// it names exactly the test that died, says how, and lacks no neighbour.

#include <gtest/gtest.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <thread>

#include <unistd.h>

namespace {

TEST(Crashes, A_Passes) {}
TEST(Crashes, B_Segfaults) {
  // Through raise(), so that sanitizers do not turn it into an exit.
  std::signal(SIGSEGV, SIG_DFL);
  std::raise(SIGSEGV);
}
TEST(Crashes, C_Passes) {}
TEST(Crashes, D_Aborts) { std::abort(); }
TEST(Crashes, E_Passes) {}
TEST(Crashes, F_ExitsWithZero) { std::exit(0); }
TEST(Crashes, G_Passes) {}
TEST(Crashes, H_LeavesWithZero) { _exit(0); }
TEST(Crashes, I_Passes) {}
TEST(Crashes, J_ExitsWithSeven) { std::exit(7); }
TEST(Crashes, K_Passes) {}
TEST(Crashes, L_Terminates) { std::terminate(); }
TEST(Crashes, M_Passes) {}

#if GTEST_HAS_EXCEPTIONS
// No framework can catch what another thread throws.
TEST(Crashes, N_ThrowsInAnotherThread) {
  std::thread([] { throw std::runtime_error("thrown in a thread"); }).join();
}
void throws() { throw std::runtime_error("thrown through noexcept"); }
void throws_despite_noexcept() noexcept { throws(); }
TEST(Crashes, O_ThrowsThroughNoexcept) { throws_despite_noexcept(); }
#endif

TEST(Crashes, P_Passes) {}

int overflow(volatile char* caller) {  // NOLINT(misc-no-recursion)
  volatile char frame[4096] = {};
  frame[0] = *caller;
  return *caller == 0 ? 0 : overflow(frame) + frame[0];
}
TEST(Crashes, Q_OverflowsTheStack) {
  volatile char start = 1;
  EXPECT_EQ(overflow(&start), 0);
}
TEST(Crashes, R_Passes) {}
TEST(Crashes, S_KillsItself) { std::raise(SIGKILL); }
TEST(Crashes, T_Passes) {}
TEST(Crashes, U_FailsThenCrashes) {
  EXPECT_EQ(1, 2) << "said before the end";
  std::abort();
}
TEST(Crashes, V_Passes) {}

TEST(LastWords, A_PrintsThenCrashes) {
  std::printf("the last words, unflushed");
  std::fflush(stdout);
  std::raise(SIGKILL);
}
TEST(LastWords, B_Passes) {}

}  // namespace
