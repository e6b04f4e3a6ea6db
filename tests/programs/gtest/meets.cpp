// Tests that pass only while another one runs at the same time: two without tags, and two readers of one lock. Each
// waits for the other for twenty seconds at most. The writers of that lock, in suites of their own so that each may
// have a shard, pass only while no other runs.

#include <gtest/gtest.h>
#include <cleave/gtest.hpp>

#include <cstdlib>
#include <fstream>
#include <string>

#include <fcntl.h>
#include <unistd.h>

namespace {

bool meets(const std::string& me, const std::string& other) {
  const char* folder = std::getenv("MEETS_FOLDER");
  if (folder == nullptr) return false;
  std::ofstream(std::string(folder) + "/" + me) << "here";
  for (int i = 0; i < 10000; ++i) {
    if (access((std::string(folder) + "/" + other).c_str(), F_OK) == 0) return true;
    usleep(2000);
  }
  return false;
}

TEST(FreeA, MeetsB) { EXPECT_TRUE(meets("free_a", "free_b")); }
TEST(FreeB, MeetsA) { EXPECT_TRUE(meets("free_b", "free_a")); }

CLEAVE_TAG(ReaderA, "lock:db:read");
CLEAVE_TAG(ReaderB, "lock:db:read");
TEST(ReaderA, MeetsB) { EXPECT_TRUE(meets("reader_a", "reader_b")); }
TEST(ReaderB, MeetsA) { EXPECT_TRUE(meets("reader_b", "reader_a")); }

class Alone : public testing::TestWithParam<int> {
 protected:
  static void check() {
    const std::string mark = std::string(std::getenv("MEETS_FOLDER")) + "/writer";
    const int file = open(mark.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    EXPECT_GE(file, 0) << "another writer runs";
    usleep(5000);
    if (file < 0) return;
    close(file);
    unlink(mark.c_str());
  }
};
class WriterA : public Alone {};
class WriterB : public Alone {};
class WriterC : public Alone {};
CLEAVE_TAG(WriterA, "lock:db");
CLEAVE_TAG(WriterB, "lock:db");
CLEAVE_TAG(WriterC, "lock:db");
TEST_P(WriterA, MeetsNoOther) { check(); }
TEST_P(WriterB, MeetsNoOther) { check(); }
TEST_P(WriterC, MeetsNoOther) { check(); }
INSTANTIATE_TEST_SUITE_P(Few, WriterA, testing::Range(0, 5));
INSTANTIATE_TEST_SUITE_P(Few, WriterB, testing::Range(0, 5));
INSTANTIATE_TEST_SUITE_P(Few, WriterC, testing::Range(0, 5));

}  // namespace
