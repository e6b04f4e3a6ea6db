// Set-ups and tear-downs that fail or skip. The variable SETUP_FAILURES chooses what the global environment does:
// "fatal", "nonfatal", "skip", "throw", "tear_down" or nothing; "main" fails fatally in main before the tests run. The
// suites misbehave in every case.

#include <gtest/gtest.h>

#include <cstdlib>
#include <stdexcept>
#include <string>

namespace {

std::string choice() {
  const char* value = std::getenv("SETUP_FAILURES");
  return value == nullptr ? "" : value;
}

class Chosen : public testing::Environment {
  void SetUp() override {
    if (choice() == "fatal") FAIL() << "the environment is broken";
    if (choice() == "nonfatal") ADD_FAILURE() << "the environment is somewhat broken";
    if (choice() == "skip") GTEST_SKIP() << "the environment is not for us";
#if GTEST_HAS_EXCEPTIONS
    if (choice() == "throw") throw std::runtime_error("the environment throws");
#endif
  }
  void TearDown() override {
    if (choice() == "tear_down") ADD_FAILURE() << "the environment does not go away";
  }
};

TEST(Before, Passes) {}

class SetUpFails : public testing::Test {
 protected:
  static void SetUpTestSuite() { FAIL() << "no such server"; }
};
TEST_F(SetUpFails, One) {}
TEST_F(SetUpFails, Two) {}
TEST_F(SetUpFails, Three) {}

class SetUpFailsTwice : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    ADD_FAILURE() << "first reason";
    ADD_FAILURE() << "second reason";
  }
};
TEST_F(SetUpFailsTwice, One) {}

// GoogleTest before 1.14 runs these tests all the same.
class SetUpSkips : public testing::Test {
 protected:
  static void SetUpTestSuite() { GTEST_SKIP() << "no such device"; }
};
TEST_F(SetUpSkips, One) {}
TEST_F(SetUpSkips, Two) {}

#if GTEST_HAS_EXCEPTIONS
class SetUpThrows : public testing::Test {
 protected:
  static void SetUpTestSuite() { throw std::runtime_error("thrown in SetUpTestSuite"); }
};
TEST_F(SetUpThrows, One) {}
#endif

class TearDownFails : public testing::Test {
 protected:
  static void TearDownTestSuite() { ADD_FAILURE() << "left a server behind"; }
};
TEST_F(TearDownFails, One) {}
TEST_F(TearDownFails, Two) {}

// Only on request, because it takes the process with it.
class TearDownCrashes : public testing::Test {
 protected:
  static void TearDownTestSuite() {
    if (choice() == "suite_crash") std::abort();
  }
};
TEST_F(TearDownCrashes, One) {}
TEST_F(TearDownCrashes, Two) {}

TEST(After, Passes) {}

void fail_in_main() { FAIL() << "main is broken"; }

}  // namespace

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  testing::AddGlobalTestEnvironment(new Chosen);
  if (choice() == "main") fail_in_main();
  return RUN_ALL_TESTS();
}
