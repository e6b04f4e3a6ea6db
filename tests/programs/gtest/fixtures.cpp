// Tests that use the fixtures of fixtures.hpp: shared ones, one of each shard, and none.

#include "../fixtures.hpp"

#include <gtest/gtest.h>

#include <cleave/gtest.hpp>

namespace {

class Shared : public testing::TestWithParam<int> {};

TEST_P(Shared, SeesTheServerInTheLeader) {
  fixtures::do_deed("Shared" + std::to_string(GetParam()));
  const std::string payload = fixtures::base.payload();
  EXPECT_EQ(fixtures::ask(fixtures::port_in(payload)), "base");
  EXPECT_EQ(fixtures::pid_in(payload) != getpid(), cleave::this_shard().sharded);
  const std::string expected = "on " + payload + '\0' + "and more";
  EXPECT_EQ(fixtures::top.payload(), expected);
  RecordProperty("payload", payload);
}

INSTANTIATE_TEST_SUITE_P(All, Shared, testing::Range(0, 12));

class Own : public testing::TestWithParam<int> {};
CLEAVE_TAG(Own, "needs:base");

TEST_P(Own, SeesTheInstanceOfItsShard) {
  fixtures::do_deed("Own" + std::to_string(GetParam()));
  const std::string payload = fixtures::instance.payload();
  EXPECT_EQ(fixtures::ask(fixtures::port_in(payload)), cleave::data_prefix());
  EXPECT_EQ(fixtures::port_in(payload), cleave::port("instance"));
  RecordProperty("instance", payload);
  RecordProperty("prefix", cleave::data_prefix());
  usleep(20000);  // So that every shard gets some.
}

INSTANTIATE_TEST_SUITE_P(All, Own, testing::Range(0, 12));

CLEAVE_TAG(Alone, "needs:none");

TEST(Alone, NeedsNothing) { fixtures::do_deed("Alone"); }

TEST(Alone, CleansUpAfterItself) {
  cleave::on_cleanup([] { fixtures::tell("cleanup first"); });
  cleave::on_cleanup([] { fixtures::tell("cleanup second"); });
  fixtures::tell("body");
}

TEST(Alone, FailsWhenItsCleanupDoes) {
  cleave::on_cleanup([] {
    if (!fixtures::variable("FIXTURES_FAIL_CLEANUP").empty()) throw std::runtime_error("the table is in use");
  });
}

TEST(Alone, CleansUpAfterTheProcess) {
  cleave::on_cleanup(cleave::per_process, [] { fixtures::tell("process cleanup"); });
}

}  // namespace
