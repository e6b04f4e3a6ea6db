// What waits for what, from tags.
#include <gtest/gtest.h>

#include "plan/barriers.hpp"

namespace cleave::plan {
namespace {

using Numbers = std::vector<std::uint32_t>;

class BarriersTest : public testing::Test {
 protected:
  BarriersTest() { list_.framework = "gtest"; }
  std::uint32_t add(const std::string& suite, const std::string& name) {
    TestCase test;
    test.suite = suite;
    test.name = name;
    test.file = "a.cpp";
    test.line = static_cast<std::int32_t>(list_.tests.size()) + 1;
    test.selected = true;
    list_.tests.push_back(test);
    constraints_.emplace_back();
    return static_cast<std::uint32_t>(list_.tests.size()) - 1;
  }
  Barriers make() {
    auto made = make_barriers(list_, constraints_, phases_);
    EXPECT_TRUE(made) << made.error().what;
    return made ? *made : Barriers{};
  }
  std::string error() {
    auto made = make_barriers(list_, constraints_, phases_);
    EXPECT_FALSE(made);
    if (made) return "";
    EXPECT_EQ(made.error().kind, Errc::usage);
    return made.error().what;
  }
  TestList list_;
  std::vector<Constraints> constraints_;
  std::vector<PhaseSpec> phases_;
};

TEST_F(BarriersTest, WithoutTagsThereAreNone) {
  add("A", "x");
  EXPECT_TRUE(make().all.empty());
  EXPECT_TRUE(make().waits_for.empty());
}

// R01, R02
TEST_F(BarriersTest, ALaterPhaseWaitsForTheOneBeforeInTheOrderOfTheirDeclaration) {
  phases_ = {PhaseSpec{"late"}, PhaseSpec{"later"}};
  const auto a = add("A", "x");
  const auto b = add("A", "y");
  constraints_[a].phase = "later";
  constraints_[b].phase = "late";
  const Barriers made = make();
  ASSERT_EQ(made.all.size(), 2U);
  EXPECT_EQ(made.all[0].name, "checkpoint late");
  EXPECT_TRUE(made.all[0].checkpoint);
  EXPECT_EQ(made.all[0].timeout, std::chrono::minutes(30));
  EXPECT_EQ(made.member_of[b], (Numbers{0}));
  EXPECT_EQ(made.waits_for[a], (Numbers{0}));
  EXPECT_TRUE(made.waits_for[b].empty());
}

TEST_F(BarriersTest, UndeclaredPhasesAreNumbersInTheirOrder) {
  const auto ten = add("A", "x");
  const auto nine = add("A", "y");
  constraints_[ten].phase = "10";
  constraints_[nine].phase = "9";
  EXPECT_EQ(make().waits_for[ten], (Numbers{0}));
  EXPECT_TRUE(make().waits_for[nine].empty());
}

TEST_F(BarriersTest, APhaseWithNothingSelectedHoldsNothingUp) {
  for (const char* phase : {"1", "2", "3"}) constraints_[add("A", phase)].phase = phase;
  list_.tests[1].selected = false;
  const Barriers made = make();
  EXPECT_EQ(made.all.size(), 2U);
  EXPECT_EQ(made.waits_for[2], (Numbers{0})) << "phase 3 waits for phase 1";
}

TEST_F(BarriersTest, AfterMeansASuiteInAllItsInstancesOrOneTest) {
  add("Inst/Store/0", "Opens");
  add("Store", "Keeps");
  const auto waits = add("Report", "Prints");
  constraints_[waits].after = {"Store", "Store.Keeps"};
  const Barriers made = make();
  ASSERT_EQ(made.all.size(), 2U);
  EXPECT_EQ(made.member_of[0], (Numbers{0}));
  EXPECT_EQ(made.member_of[1], (Numbers{0, 1}));
  EXPECT_EQ(made.waits_for[waits], (Numbers{0, 1}));
}

TEST_F(BarriersTest, AfterSomethingThatIsNotSelectedWaitsForNothing) {
  add("Store", "Keeps");
  constraints_[add("Report", "Prints")].after = {"Store"};
  list_.tests[0].selected = false;
  EXPECT_TRUE(make().waits_for[1].empty());
}

TEST_F(BarriersTest, AnUnknownNameIsAnErrorWithPlaceAndNearest) {
  add("Store", "Keeps");
  constraints_[add("Report", "Prints")].after = {"Stoer"};
  EXPECT_EQ(error(),
            "tag 'after:Stoer' of Report.Prints (a.cpp:2): no suite or test has that name; did you mean 'Store'?");
  constraints_[1] = {};
  constraints_[1].phase = "biuld";
  EXPECT_NE(error().find("must be a number from 0 on"), std::string::npos);
  phases_ = {PhaseSpec{"build"}};
  EXPECT_NE(error().find("did you mean 'build'?"), std::string::npos);
}

TEST_F(BarriersTest, ACircleIsAnErrorThatNamesTheWayRound) {
  constraints_[add("A", "x")].after = {"B"};
  constraints_[add("B", "y")].after = {"C"};
  constraints_[add("C", "z")].after = {"A.x"};
  const std::string told = error();
  for (const char* part : {"A.x (a.cpp:1) waits for B", "B.y (a.cpp:2) waits for C", "C.z (a.cpp:3) waits for A.x"}) {
    EXPECT_NE(told.find(part), std::string::npos) << told;
  }
}

TEST_F(BarriersTest, ATestThatWaitsForItsOwnSuiteIsACircle) {
  constraints_[add("A", "x")].after = {"A"};
  EXPECT_NE(error().find("A.x (a.cpp:1) waits for A"), std::string::npos);
}

TEST_F(BarriersTest, PhasesAndAfterCanFormACircleTogether) {
  phases_ = {PhaseSpec{"one"}, PhaseSpec{"two"}};
  const auto first = add("A", "x");
  const auto second = add("B", "y");
  constraints_[first].phase = "one";
  constraints_[second].phase = "two";
  constraints_[first].after = {"B.y"};
  EXPECT_NE(error().find("checkpoint one"), std::string::npos);
}

}  // namespace
}  // namespace cleave::plan
