// A hand-written main with what real ones have: a listener, an environment, the default printer removed, arguments of
// its own. The listener fails the test OwnMain.FailedByListener from OnTestEnd, as leak checkers do. With --twice it
// runs the tests a second time; with --wander it registers other tests in every process.

#include <gtest/gtest.h>

#include <cstdio>
#include <cstring>
#include <string>

#include <unistd.h>

namespace {

bool environment_is_up = false;

class Server : public testing::Environment {
  void SetUp() override { environment_is_up = true; }
  void TearDown() override { environment_is_up = false; }
};

class Printer : public testing::EmptyTestEventListener {
  void OnTestStart(const testing::TestInfo& test) override { std::printf("begin %s\n", test.name()); }
  void OnTestEnd(const testing::TestInfo& test) override {
    if (std::strcmp(test.name(), "FailedByListener") == 0) ADD_FAILURE() << "the listener found a leak";
    std::printf("end %s\n", test.name());
  }
};

TEST(OwnMain, HasItsEnvironment) { EXPECT_TRUE(environment_is_up); }
TEST(OwnMain, FailedByListener) {}
TEST(OwnMain, Passes) {}

class Wandering : public testing::Test {
 public:
  void TestBody() override {}
};

}  // namespace

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  bool twice = false;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--twice") == 0) twice = true;
    if (std::strcmp(argv[i], "--wander") == 0) {
      testing::RegisterTest("Wandering", ("Test" + std::to_string(getpid())).c_str(), nullptr, nullptr, __FILE__,
                            __LINE__, []() -> testing::Test* { return new Wandering; });
    }
  }
  testing::UnitTest& unit_test = *testing::UnitTest::GetInstance();
  delete unit_test.listeners().Release(unit_test.listeners().default_result_printer());
  unit_test.listeners().Append(new Printer);
  testing::AddGlobalTestEnvironment(new Server);
  const int first = RUN_ALL_TESTS();
  return twice ? RUN_ALL_TESTS() : first;
}
