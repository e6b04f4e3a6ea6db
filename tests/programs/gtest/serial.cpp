// Tests that must not overlap with others, by name, by tag and by lock, among many that may. Each appends a line when
// it starts and one when it ends to the file named by CLEAVE_TEST_LOG, by a single write, so that a process test can
// see what overlapped: `start Suite.Name pid=… shard=… prefix=… attempt=…`.

#include <gtest/gtest.h>
#include <cleave/gtest.hpp>

#include <cstdlib>
#include <string>

#include <fcntl.h>
#include <unistd.h>

namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "-" : value;
}

void log_line(const char* what, const testing::TestInfo& test) {
  const char* path = std::getenv("CLEAVE_TEST_LOG");
  if (path == nullptr) return;
  const std::string line = std::string(what) + " " + test.test_suite_name() + "." + test.name() +
                           " pid=" + std::to_string(getpid()) + " shard=" + variable("CLEAVE_SHARD_INDEX") + "/" +
                           variable("CLEAVE_SHARD_COUNT") + " run=" + variable("CLEAVE_RUN_ID") +
                           " prefix=" + variable("CLEAVE_PREFIX") + " tmpdir=" + variable("CLEAVE_TMPDIR") +
                           " attempt=" + variable("CLEAVE_ATTEMPT") + "\n";
  const int file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  ASSERT_GE(file, 0) << path;
  EXPECT_EQ(write(file, line.data(), line.size()), static_cast<ssize_t>(line.size()));
  close(file);
}

class Logged : public testing::Test {
 protected:
  void SetUp() override { log_line("start", *testing::UnitTest::GetInstance()->current_test_info()); }
  void TearDown() override { log_line("end", *testing::UnitTest::GetInstance()->current_test_info()); }
  // Long enough for an overlap to happen, should one be possible.
  static void take_a_while() { usleep(5000); }
};

class Parallel : public Logged, public testing::WithParamInterface<int> {};
TEST_P(Parallel, MayOverlap) { take_a_while(); }
INSTANTIATE_TEST_SUITE_P(Many, Parallel, testing::Range(0, 20));

class SERIAL_ByName : public Logged {};
TEST_F(SERIAL_ByName, One) { take_a_while(); }
TEST_F(SERIAL_ByName, Two) { take_a_while(); }

class ByTestName : public Logged {};
TEST_F(ByTestName, SERIAL_One) { take_a_while(); }
TEST_F(ByTestName, MayOverlap) { take_a_while(); }

class ByTag : public Logged {};
CLEAVE_TAG(ByTag, "serial");
TEST_F(ByTag, One) { take_a_while(); }
TEST_F(ByTag, Two) { take_a_while(); }

class ByTagParam : public Logged, public testing::WithParamInterface<int> {};
CLEAVE_TAG(ByTagParam, "serial");
TEST_P(ByTagParam, One) { take_a_while(); }
INSTANTIATE_TEST_SUITE_P(Two, ByTagParam, testing::Range(0, 2));

template <class T>
class ByTagTyped : public Logged {};
using Types = testing::Types<int, char>;
TYPED_TEST_SUITE(ByTagTyped, Types, );
CLEAVE_TAG_TEST(ByTagTyped, One, "serial");
TYPED_TEST(ByTagTyped, One) { this->take_a_while(); }
TYPED_TEST(ByTagTyped, MayOverlap) { this->take_a_while(); }

class Locks : public Logged {};
CLEAVE_TAG_TEST(Locks, WritesDb, "lock:db");
CLEAVE_TAG_TEST(Locks, WritesDbAndQueue, "lock:db", "lock:queue");
CLEAVE_TAG_TEST(Locks, ReadsDb, "lock:db:read");
CLEAVE_TAG_TEST(Locks, ReadsDbToo, "lock:db:read");
CLEAVE_TAG_TEST(Locks, ReadsDbToo, "lock:queue");
TEST_F(Locks, WritesDb) { take_a_while(); }
TEST_F(Locks, WritesDbAndQueue) { take_a_while(); }
TEST_F(Locks, ReadsDb) { take_a_while(); }
TEST_F(Locks, ReadsDbToo) { take_a_while(); }

}  // namespace
