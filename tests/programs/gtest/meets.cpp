// Tests that pass only while another one runs at the same time: two without tags, and two readers of one lock. Each waits
// for the other for twenty seconds at most.

#include <gtest/gtest.h>
#include <cleave/gtest.hpp>

#include <cstdlib>
#include <fstream>
#include <string>

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

}  // namespace
