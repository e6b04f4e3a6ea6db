// Twelve suites of two tests that are registered before main, each of which records how many tests GoogleTest knows.
// What else there is, the variable KNOWS_MORE says, a word each:
//   death    a suite of death tests before main, which GoogleTest puts in front
//   late     main registers a suite of its own, and parameterized tests come into being
//   inside   main registers one more test of a suite from before main
//   ahead    main registers a suite of death tests, which GoogleTest puts in front of all others

#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <string>

namespace {

bool wants(const char* word) {
  const char* more = std::getenv("KNOWS_MORE");
  return more != nullptr && std::strstr(more, word) != nullptr;
}

class Knows : public testing::Test {
 public:
  void TestBody() override { RecordProperty("known", testing::UnitTest::GetInstance()->total_test_count()); }
};

void add(const std::string& suite, const std::string& name) {
  testing::RegisterTest(suite.c_str(), name.c_str(), nullptr, nullptr, __FILE__, __LINE__,
                        []() -> testing::Test* { return new Knows; });
}

const bool added_before_main = [] {
  for (int i = 0; i < 12; ++i) {
    add("Suite" + std::to_string(i), "One");
    add("Suite" + std::to_string(i), "Two");
    if (i == 5 && wants("death")) add("EarlyDeathTest", "One");
  }
  return true;
}();

class Numbers : public testing::TestWithParam<int> {};
TEST_P(Numbers, IsRun) { EXPECT_LT(GetParam(), 3); }
INSTANTIATE_TEST_SUITE_P(, Numbers, testing::Range(0, wants("late") ? 3 : 1));

}  // namespace

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (wants("late")) add("Late", "One");
  if (wants("inside")) add("Suite7", "Three");
  if (wants("ahead")) add("LateDeathTest", "One");
  return added_before_main ? RUN_ALL_TESTS() : 1;
}
