// Tests that fail for one reason each: so often, because of what ran before them in the process, because of what runs
// beside them, always. Every test appends its name to the file named by CLEAVE_TEST_LOG.

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>

#include <fcntl.h>
#include <unistd.h>

namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}
int attempt() { return std::atoi(variable("CLEAVE_ATTEMPT").c_str()); }
bool is_there(const std::string& file) { return access(file.c_str(), F_OK) == 0; }

class Policy : public testing::Test {
 protected:
  void SetUp() override {
    const auto& test = *testing::UnitTest::GetInstance()->current_test_info();
    const std::string line = std::string(test.test_suite_name()) + "." + test.name() + "\n";
    const int file = open(variable("CLEAVE_TEST_LOG").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (file < 0) return;
    EXPECT_EQ(write(file, line.data(), line.size()), static_cast<ssize_t>(line.size()));
    close(file);
  }
};

class Chance : public Policy {};
TEST_F(Chance, PassesFromTheThirdAttemptOn) { EXPECT_GE(attempt(), 3); }

bool left_behind = false;
class Dirty : public Policy {};
TEST_F(Dirty, LeavesSomethingBehind) { left_behind = true; }
TEST_F(Dirty, WantsACleanProcess) { EXPECT_FALSE(left_behind); }

class Always : public Policy {};
TEST_F(Always, Fails) { FAIL() << "as always"; }

class Hard : public Policy {};
TEST_F(Hard, CrashesAtFirst) {
  if (attempt() < 2) std::abort();
}

// While one of these runs, its file is there.
class Noise : public Policy, public testing::WithParamInterface<int> {};
TEST_P(Noise, Disturbs) {
  const std::string file = variable("POLICY_FOLDER") + "/noise";
  std::ofstream(file) << "here";
  std::this_thread::sleep_for(std::chrono::milliseconds(150));
  unlink(file.c_str());
}
INSTANTIATE_TEST_SUITE_P(Much, Noise, testing::Range(0, 20));

class Quiet : public Policy {};
// It waits for the noise as long as some may come, so that only an attempt without any passes.
TEST_F(Quiet, IsDisturbedByOthers) {
  const std::string file = variable("POLICY_FOLDER") + "/noise";
  for (int i = 0; i < 300 && !is_there(file); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  EXPECT_FALSE(is_there(file));
}

class Rest : public Policy, public testing::WithParamInterface<int> {};
TEST_P(Rest, Passes) {}
INSTANTIATE_TEST_SUITE_P(Of, Rest, testing::Range(0, 30));

}  // namespace
