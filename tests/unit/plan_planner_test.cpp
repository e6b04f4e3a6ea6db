// In which order groups are started, and what a group is.
#include <gtest/gtest.h>

#include "plan/planner.hpp"

namespace cleave::plan {
namespace {

using namespace std::chrono_literals;

class PlannerTest : public testing::Test {
 protected:
  PlannerTest() {
    list_.framework = "gtest";
    list_.pulls = true;
    list_.groups_matter = true;
  }
  std::uint32_t add(const std::string& suite, const std::string& name, std::chrono::nanoseconds takes = 0ns) {
    TestCase test;
    test.suite = suite;
    test.name = name;
    test.position = static_cast<std::uint32_t>(list_.tests.size());
    test.selected = true;
    list_.tests.push_back(test);
    input_.constraints.emplace_back();
    input_.costs.test.push_back(takes);
    input_.costs.known.push_back(takes > 0ns);
    input_.costs.failed_last.push_back(false);
    return test.position;
  }
  /// The groups of the parallel part as they are started: "A.x A.y | B.z".
  std::string started() {
    const Plan plan = make_plan(list_, input_);
    std::string text;
    for (std::uint32_t place = plan.parts[0].begin; place < plan.parts[0].end; ++place) {
      const Group& group = plan.groups[plan.order[place]];
      if (!text.empty()) text += " |";
      for (std::uint32_t item = group.begin; item < group.end; ++item) {
        const TestCase& test = list_.tests[plan.items[item].index];
        text += (text.empty() ? "" : " ") + test.suite + "." + test.name;
      }
    }
    return text;
  }
  TestList list_;
  PlanInput input_;
};

TEST_F(PlannerTest, WithoutAHistoryTheRunningOrderStays) {
  add("A", "x");
  add("A", "y");
  add("B", "z");
  EXPECT_EQ(started(), "A.x A.y | B.z");
}

TEST_F(PlannerTest, LongSuitesStartFirstAndSmallOnesStayInOrder) {
  add("A", "x", 1ms);
  add("B", "y", 300ms);
  add("C", "z", 1ms);
  add("D", "w", 900ms);
  EXPECT_EQ(started(), "D.w | B.y | A.x | C.z");
}

TEST_F(PlannerTest, ALongTestIsAGroupOfItsOwnWhenTheSetUpIsCheap) {
  add("A", "x", 1ms);
  add("A", "long", 900ms);
  add("A", "z", 1ms);
  input_.costs.suite_set_up["A"] = 10ms;
  EXPECT_EQ(started(), "A.long | A.x | A.z");
  input_.costs.suite_set_up["A"] = 500ms;
  EXPECT_EQ(started(), "A.x A.long A.z");
}

TEST_F(PlannerTest, PriorityWinsOverFailuresAndThoseOverLength) {
  add("A", "x", 900ms);
  input_.costs.failed_last[add("B", "y", 1ms)] = true;
  input_.constraints[add("C", "z", 1ms)].priority = 1;
  EXPECT_EQ(started(), "C.z | B.y | A.x");
}

TEST_F(PlannerTest, TheLongestWayToTheEndOfTheRunStartsFirst) {
  add("A", "x", 500ms);
  add("B", "short", 100ms);
  add("C", "behind", 700ms);
  input_.lanes = 2;
  input_.barriers.all.push_back({"B", false, 0s});
  input_.barriers.member_of = {{}, {0}, {}};
  input_.barriers.waits_for = {{}, {}, {0}};
  EXPECT_EQ(started(), "B.short | C.behind | A.x");
}

// R22
TEST_F(PlannerTest, TestsOfAnotherWeightAreAnotherGroup) {
  add("A", "x");
  input_.constraints[add("A", "heavy")].weight = 2;
  add("A", "z");
  EXPECT_EQ(started(), "A.x | A.heavy | A.z");
}

TEST_F(PlannerTest, SingleTestsMayRunMoreOftenThanOthers) {
  add("A", "x");
  add("A", "y");
  input_.times = {1, 3};
  EXPECT_EQ(started(), "A.x A.y | A.y | A.y");
  input_.times = {0, 1};
  EXPECT_EQ(started(), "A.y");
}

TEST_F(PlannerTest, BatchesKeepTestsOfSeveralSuitesTogether) {
  add("A", "x", 900ms);
  add("A", "y");
  add("B", "z");
  input_.batch_of = {2, 1, 2};
  EXPECT_EQ(started(), "A.y | A.x B.z");
}

TEST_F(PlannerTest, OnlyWhatWaitsForAnotherPartCrossesParts) {
  add("A", "x");
  input_.constraints[add("B", "y")].serial = true;
  EXPECT_FALSE(make_plan(list_, input_).crosses_parts());
  input_.barriers.all.push_back({"A", false, 0s});
  input_.barriers.member_of = {{0}, {}};
  input_.barriers.waits_for = {{}, {0}};
  EXPECT_TRUE(make_plan(list_, input_).crosses_parts());
}

}  // namespace
}  // namespace cleave::plan
