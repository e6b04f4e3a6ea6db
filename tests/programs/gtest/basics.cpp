// Every ordinary thing a GoogleTest test can do, one test each, so that a process test can compare what Cleave reports
// with what the plain binary prints.

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <ostream>
#include <string>
#include <vector>

namespace {

TEST(Basics, Passes) { EXPECT_EQ(1 + 1, 2); }

TEST(Basics, FailsThreeTimes) {
  EXPECT_EQ(1, 2) << "first";
  SCOPED_TRACE("in the trace");
  EXPECT_TRUE(false) << "second\nwith two lines";
  EXPECT_STREQ("a", "b") << "third <&> \"quoted\" ]]>";
}

TEST(Basics, FailsFatally) {
  ASSERT_EQ(1, 2) << "no further";
  ADD_FAILURE() << "never reached";
}

TEST(Basics, FailsElsewhere) { ADD_FAILURE_AT("elsewhere.cpp", 42) << "at a place of its own"; }

TEST(Basics, SkipsWithReason) { GTEST_SKIP() << "no database here"; }

TEST(Basics, SkipsWithoutReason) { GTEST_SKIP(); }

TEST(Basics, SkipsAfterFailing) {
  EXPECT_TRUE(false) << "a failure outweighs a skip";
  GTEST_SKIP() << "too late";
}

TEST(Basics, SucceedsAloud) { SUCCEED() << "not a message"; }

TEST(Basics, DISABLED_WouldFail) { FAIL(); }

TEST(DISABLED_Basics, WouldFailToo) { FAIL(); }

TEST(Basics, PrintsToBoth) {
  std::printf("to stdout\n");
  std::fprintf(stderr, "to stderr\n");
}

TEST(Basics, RecordsProperties) {
  RecordProperty("text", "a < b & \"c\"");
  RecordProperty("number", 7);
  RecordProperty("number", 8);
}

#if GTEST_HAS_EXCEPTIONS
TEST(Basics, Throws) { throw std::string("not a std::exception"); }
#endif

class Fixture : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    ++set_ups;
    RecordProperty("suite_property", "from the set-up");
  }
  static void TearDownTestSuite() { RecordProperty("suite_end", set_ups); }
  void SetUp() override { value_ = 1; }
  void TearDown() override { EXPECT_EQ(value_, expected_) << "seen in TearDown"; }

  static int set_ups;
  int value_ = 0;
  int expected_ = 1;
};
int Fixture::set_ups = 0;

TEST_F(Fixture, IsSetUp) { EXPECT_EQ(value_, 1); }
TEST_F(Fixture, IsSetUpOncePerProcess) { EXPECT_EQ(set_ups, 1); }
TEST_F(Fixture, FailsInTearDown) { value_ = 2; }

class SkipsInSetUp : public testing::Test {
 protected:
  void SetUp() override { GTEST_SKIP() << "decided in SetUp"; }
};
TEST_F(SkipsInSetUp, NeverRuns) { FAIL(); }

class Values : public testing::TestWithParam<int> {};
TEST_P(Values, AreSmall) { EXPECT_LT(GetParam(), 3); }
TEST_P(Values, ArePositive) { EXPECT_GT(GetParam(), 0); }
INSTANTIATE_TEST_SUITE_P(Few, Values, testing::Values(1, 2, 3));
INSTANTIATE_TEST_SUITE_P(Range, Values, testing::Range(10, 12));

class OddTexts : public testing::TestWithParam<std::string> {};
TEST_P(OddTexts, ArePrinted) { EXPECT_FALSE(GetParam() == "fail"); }
INSTANTIATE_TEST_SUITE_P(Odd, OddTexts,
                         testing::Values("", "a b", "<&>\"'", "two\nlines", "\x01\x1f", "gr\xc3\xbc\xc3\x9f",
                                         "\xff\xfe", "semi;colon,comma", "$HOME `ls`", "fail"));

struct Point {
  int x;
  int y;
};
void PrintTo(const Point& point, std::ostream* out) { *out << "(" << point.x << "; " << point.y << ")"; }
class Points : public testing::TestWithParam<Point> {};
TEST_P(Points, HaveNames) { EXPECT_GE(GetParam().x, 0); }
std::string point_name(const testing::TestParamInfo<Point>& info) { return "x" + std::to_string(info.param.x); }
INSTANTIATE_TEST_SUITE_P(, Points, testing::Values(Point{0, 1}, Point{2, 3}), point_name);

template <class T>
class Typed : public testing::Test {};
using TypedTypes = testing::Types<int, std::vector<std::string>>;
TYPED_TEST_SUITE(Typed, TypedTypes, );
TYPED_TEST(Typed, StartsEmpty) { EXPECT_TRUE(TypeParam() == TypeParam()); }

template <class T>
class TypedLater : public testing::Test {};
TYPED_TEST_SUITE_P(TypedLater);
TYPED_TEST_P(TypedLater, HasASize) { EXPECT_GT(sizeof(TypeParam), 1U) << "too small"; }
REGISTER_TYPED_TEST_SUITE_P(TypedLater, HasASize);
using LaterTypes = testing::Types<char, double>;
INSTANTIATE_TYPED_TEST_SUITE_P(Later, TypedLater, LaterTypes, );

void die() {
  std::fprintf(stderr, "dying as told\n");
  std::_Exit(7);
}

TEST(BasicsDeathTest, FastStyle) {
  testing::GTEST_FLAG(death_test_style) = "fast";
  EXPECT_EXIT(die(), testing::ExitedWithCode(7), "dying as told");
}

TEST(BasicsDeathTest, ThreadsafeStyle) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  EXPECT_EXIT(die(), testing::ExitedWithCode(7), "dying as told");
}

TEST(BasicsDeathTest, FailsWhenNothingDies) {
  testing::GTEST_FLAG(death_test_style) = "fast";
  EXPECT_DEATH((void)0, "");
}

// Its property belongs to the run, because it is recorded outside of every suite.
class Recorder : public testing::Environment {
  void SetUp() override { testing::Test::RecordProperty("run_property", "from the environment"); }
};
[[maybe_unused]] const testing::Environment* const recorder = testing::AddGlobalTestEnvironment(new Recorder);

}  // namespace
