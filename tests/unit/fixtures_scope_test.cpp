// Names of a shard's own, and transactions that are rolled back.

#include <cleave/cleanup.hpp>
#include <cleave/shard.hpp>
#include <gtest/gtest.h>

#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace cleave {
namespace {

using Statements = std::vector<std::string>;

// R37
TEST(UniqueName, IsNeverTheSameAndFitForADatabase) {
  std::set<std::string> names;
  for (int i = 0; i < 10'000; ++i) names.insert(unique_name("Order #1 of a customer with a very long name"));
  EXPECT_EQ(names.size(), 10'000U);
  for (const std::string& name : names) {
    EXPECT_EQ(name.rfind(data_prefix() + "order__1_of_a_custom", 0), 0U) << name;
    EXPECT_LE(name.size(), 63U) << name;
    EXPECT_EQ(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_"), std::string::npos) << name;
  }
}

TEST(DataPrefix, IsFitToBeginANameWithoutCleaveToo) {
  EXPECT_FALSE(this_shard().sharded);
  EXPECT_LE(data_prefix().size(), 32U);
  EXPECT_EQ(data_prefix().find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_"), std::string::npos);
  EXPECT_EQ(data_prefix().front(), 'c');
  EXPECT_EQ(data_prefix().back(), '_');
}

// R11
TEST(RollbackScope, RollsBackAtItsEndInnerScopesFirst) {
  Statements said;
  const auto execute = [&](const std::string& sql) { said.push_back(sql); };
  {
    RollbackScope outer(execute);
    const RollbackScope inner(outer);
    const RollbackScope second(outer);
  }
  EXPECT_EQ(said, (Statements{"BEGIN", "SAVEPOINT cleave_1", "SAVEPOINT cleave_1", "ROLLBACK TO SAVEPOINT cleave_1",
                              "RELEASE SAVEPOINT cleave_1", "ROLLBACK TO SAVEPOINT cleave_1",
                              "RELEASE SAVEPOINT cleave_1", "ROLLBACK"}));
}

TEST(RollbackScope, CommittedScopeIsNotRolledBack) {
  Statements said;
  const auto execute = [&](const std::string& sql) { said.push_back(sql); };
  {
    RollbackScope outer(execute);
    {
      RollbackScope inner(outer);
      inner.commit();
    }
    outer.commit();
  }
  EXPECT_EQ(said, (Statements{"BEGIN", "SAVEPOINT cleave_1", "RELEASE SAVEPOINT cleave_1", "COMMIT"}));
}

TEST(RollbackScope, FailureToRollBackIsToldAndNotThrown) {
  testing::internal::CaptureStderr();
  {
    const RollbackScope scope([](const std::string& sql) {
      if (sql == "ROLLBACK") throw std::runtime_error("the connection is gone");
    });
  }
  const std::string told = testing::internal::GetCapturedStderr();
  EXPECT_NE(told.find("the connection is gone"), std::string::npos) << told;
}

}  // namespace
}  // namespace cleave
