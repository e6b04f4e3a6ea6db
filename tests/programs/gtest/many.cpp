// As many trivial tests as the variable MANY_TESTS says (1000 by default), registered in main, in suites of 25: for
// scale, and for tests that no macro registered.

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

namespace {

class Trivial : public testing::Test {
 public:
  void TestBody() override { EXPECT_TRUE(true); }
};

}  // namespace

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  const char* wanted = std::getenv("MANY_TESTS");
  const int count = wanted == nullptr ? 1000 : std::atoi(wanted);
  for (int i = 0; i < count; ++i) {
    const std::string suite = "Many" + std::to_string(i / 25);
    const std::string name = "Test" + std::to_string(i);
    testing::RegisterTest(suite.c_str(), name.c_str(), nullptr, nullptr, __FILE__, __LINE__,
                          []() -> testing::Test* { return new Trivial; });
  }
  return RUN_ALL_TESTS();
}
