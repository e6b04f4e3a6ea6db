// A plan as bytes.
#include <gtest/gtest.h>

#include "plan/plan_codec.hpp"

namespace cleave::plan {
namespace {

/// Two tests, one behind a checkpoint, one of them serial.
Plan some_plan() {
  TestList list;
  for (const char* const name : {"A", "B", "C"}) {
    TestCase test;
    test.suite = "S";
    test.name = name;
    test.selected = true;
    test.position = static_cast<std::uint32_t>(list.tests.size());
    list.tests.push_back(test);
  }
  PlanInput input;
  input.constraints.resize(3);
  input.constraints[2].serial = true;
  input.barriers.all.push_back({"checkpoint build", true, std::chrono::minutes(3)});
  input.barriers.waits_for = {{}, {0}, {}};
  input.barriers.member_of = {{0}, {}, {}};
  return make_plan(list, input);
}

TEST(PlanCodec, GivesBackWhatWasWritten) {
  const Plan plan = some_plan();
  const auto read = decode_plan(encode_plan(plan));
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(read->items, plan.items);
  EXPECT_EQ(read->checksum, plan.checksum);
  EXPECT_EQ(read->order, plan.order);
  EXPECT_EQ(read->gates, plan.gates);
  ASSERT_EQ(read->parts.size(), plan.parts.size());
  EXPECT_EQ(read->parts.back().name, "serial");
  ASSERT_EQ(read->barriers.size(), 1U);
  EXPECT_EQ(read->barriers[0].name, "checkpoint build");
  EXPECT_EQ(read->barriers[0].timeout, std::chrono::minutes(3));
  EXPECT_EQ(encode_plan(*read), encode_plan(plan));
}

// R20: no part of it, and no byte too many, passes for a plan.
TEST(PlanCodec, RefusesWhatIsNotWhole) {
  const std::string bytes = encode_plan(some_plan());
  for (std::size_t size = 0; size < bytes.size(); ++size) EXPECT_FALSE(decode_plan(bytes.substr(0, size))) << size;
  EXPECT_FALSE(decode_plan(bytes + '\0'));
}

TEST(PlanCodec, RefusesNumbersThatLeadNowhere) {
  Plan plan = some_plan();
  plan.order.back() = 77;
  EXPECT_FALSE(decode_plan(encode_plan(plan)));
  plan = some_plan();
  plan.gates.back().waits_for = {5};
  EXPECT_FALSE(decode_plan(encode_plan(plan)));
  plan = some_plan();
  plan.groups.back().end += 1;
  EXPECT_FALSE(decode_plan(encode_plan(plan)));
}

}  // namespace
}  // namespace cleave::plan
