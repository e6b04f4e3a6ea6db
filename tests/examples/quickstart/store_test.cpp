// A GoogleTest binary as many are: slow because of waiting, and with one suite that must not run beside anything else.
#include <cleave/gtest.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <thread>

using namespace std::chrono_literals;

class Store : public testing::TestWithParam<int> {};

// As if it waited for a database. Under Cleave each shard has a prefix of its own for its tables.
TEST_P(Store, KeepsWhatIsPut) {
  const char* prefix = std::getenv("CLEAVE_PREFIX");
  RecordProperty("prefix", prefix == nullptr ? "" : prefix);
  std::this_thread::sleep_for(200ms);
  EXPECT_GT(GetParam(), 0);
}
INSTANTIATE_TEST_SUITE_P(Sizes, Store, testing::Range(1, 13));

TEST(Schema, HasAVersion) { std::this_thread::sleep_for(300ms); }

TEST(Shutdown, StopsTheServer) { std::this_thread::sleep_for(200ms); }
CLEAVE_TAG(Shutdown, "serial");
