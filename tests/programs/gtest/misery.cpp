// Tests that do what no test should. misery.hpp says what, and when.

#include "../misery.hpp"

#include <gtest/gtest.h>

namespace {

#define MISERY_TEST(name) \
  TEST(Misery, name) { misery::test(#name, misery::name); }

TEST(Neighbours, Before) { misery::test("Before", nullptr); }
MISERIES(MISERY_TEST)
TEST(Neighbours, After) { misery::test("After", nullptr); }

class LongName : public testing::Test {
 public:
  void TestBody() override {
    misery::test("LongName", nullptr);
    if (misery::is_chosen("LongName")) FAIL() << "so that it is shown";
  }
};

const auto* const kLongName = testing::RegisterTest("Misery", misery::long_name(), nullptr, nullptr, __FILE__, __LINE__,
                                                    []() -> testing::Test* { return new LongName; });

}  // namespace

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (setjmp(misery::g_main) != 0) return 0;
  return RUN_ALL_TESTS();
}
