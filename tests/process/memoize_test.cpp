// Results kept between runs: files that several processes share.

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cleave/memoize.hpp>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>

namespace cleave {
namespace {

/// A cache of the test's own.
class Memoize : public testing::Test {
 protected:
  Memoize() {
    std::string path = testing::TempDir() + "cleave-memo-XXXXXX";
    folder_ = ::mkdtemp(path.data());
    ::setenv("CLEAVE_CACHE_DIR", folder_.c_str(), 1);
  }
  ~Memoize() override {
    ::unsetenv("CLEAVE_CACHE_DIR");
    std::filesystem::remove_all(folder_);
  }
  std::string folder_;
};

// R30
TEST_F(Memoize, ComputesOnceAndReturnsTheSameAgain) {
  int times = 0;
  const auto compute = [&] { return "result " + std::to_string(++times); };
  EXPECT_EQ(memoize("key", compute), "result 1");
  EXPECT_EQ(memoize("key", compute), "result 1");
  EXPECT_EQ(memoize("other", compute), "result 2");
  EXPECT_EQ(memoize("number", [] { return 0.1; }), 0.1);
  EXPECT_EQ(memoize("number", []() -> double { throw std::logic_error("computed again"); }), 0.1);
}

TEST_F(Memoize, AnotherInputIsAnotherResult) {
  const std::string file = folder_ + "/input";
  const auto compute = [&](int value) { return memoize(Memo("key").input("v1").file(file), [&] { return value; }); };
  std::ofstream(file) << "one";
  EXPECT_EQ(compute(1), 1);
  EXPECT_EQ(compute(2), 1);
  std::ofstream(file) << "two";
  EXPECT_EQ(compute(3), 3);
  EXPECT_EQ(memoize(Memo("key").input("v2").file(file), [] { return 4; }), 4);
}

TEST_F(Memoize, FailureIsNotKept) {
  EXPECT_THROW(memoize("key", []() -> int { throw std::runtime_error("no"); }), std::runtime_error);
  EXPECT_EQ(memoize("key", [] { return 5; }), 5);
}

TEST_F(Memoize, ForgottenOrDamagedEntryIsComputedAgain) {
  EXPECT_EQ(memoize("key", [] { return 1; }), 1);
  EXPECT_TRUE(forget("key"));
  EXPECT_FALSE(forget("key"));
  EXPECT_EQ(memoize("key", [] { return 2; }), 2);
  int damaged = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_)) {
    if (!entry.is_regular_file() || entry.file_size() < 8) continue;
    std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(entry.file_size()) - 2);
    file << "\x7f\x7f";
    ++damaged;
  }
  EXPECT_GT(damaged, 0);
  EXPECT_EQ(memoize("key", [] { return 3; }), 3);
}

// R30: of several processes that want the same at once, one computes.
TEST_F(Memoize, OneOfManyProcessesComputesForAll) {
  constexpr int kProcesses = 6;
  std::vector<pid_t> children;
  for (int i = 0; i < kProcesses; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      const int value = memoize("shared", [&] {
        std::ofstream(folder_ + "/computed-" + std::to_string(::getpid())) << "x";
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        return 42;
      });
      ::_exit(value == 42 ? 0 : 1);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
  int computed = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
    if (entry.path().filename().string().rfind("computed-", 0) == 0) ++computed;
  }
  EXPECT_EQ(computed, 1);
}

}  // namespace
}  // namespace cleave
