// Tests that tell how wide their process takes the machine to be. Each adds a line to the file WIDTH_LOG: where it is
// from, and what the functions and variables say there. What must not change the list of tests is asked for here too:
// the threads that the machine has, before main and as the parameters of a test.

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>

#include <unistd.h>

#include <cleave/gtest.hpp>
#include <cleave/shard.hpp>

#ifdef _OPENMP
#include <omp.h>
#endif

namespace {

const unsigned g_before_main = std::thread::hardware_concurrency();

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "(unset)" : value;
}

std::string openmp_width() {
#ifdef _OPENMP
  return std::to_string(omp_get_max_threads());
#else
  return "(none)";
#endif
}

void tell(const std::string& where, unsigned threads) {
  std::ofstream(variable("WIDTH_LOG"), std::ios::app)
      << where + " by threads=" + std::to_string(threads) + " before_main=" + std::to_string(g_before_main) +
             " concurrency=" + std::to_string(cleave::concurrency()) + " CLEAVE_CPUS=" + variable("CLEAVE_CPUS") +
             " OMP_NUM_THREADS=" + variable("OMP_NUM_THREADS") + " openmp=" + openmp_width() + "\n";
}

TEST(Width, IsToldInATest) { tell("test", std::thread::hardware_concurrency()); }

TEST(Width, IsToldInAThread) {
  unsigned threads = 0;
  std::thread([&] { threads = std::thread::hardware_concurrency(); }).join();
  tell("thread", threads);
}

// A program that a test starts knows its share from the environment; without a flag it is not a part of the run.
TEST(Width, IsToldInAProgramThatATestStarts) {
  if (variable("WIDTH_LOG_OF_CHILD") == "(unset)") GTEST_SKIP();
  const std::string command = "WIDTH_LOG=\"$WIDTH_LOG_OF_CHILD\" '" + std::string(testing::internal::GetArgvs().front()) +
                              "' --gtest_filter=Width.IsToldInATest:Width.IsToldInAThread " + variable("WIDTH_CHILD_FLAGS") + " > /dev/null 2>&1";
  EXPECT_EQ(std::system(command.c_str()), 0) << command;
}

CLEAVE_TAG(Alone, "serial");
TEST(Alone, IsTold) { tell("serial", std::thread::hardware_concurrency()); }

class EachThread : public testing::TestWithParam<unsigned> {};
TEST_P(EachThread, IsATest) { EXPECT_LT(GetParam(), g_before_main); }
INSTANTIATE_TEST_SUITE_P(OfTheMachine, EachThread, testing::Range(0U, std::thread::hardware_concurrency()));

}  // namespace
