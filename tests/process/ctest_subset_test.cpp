// Parts of a tree, chosen by the options of ctest or by hand: a test runs at most once, a green ctest means that all
// tests of the parts chosen ran, and the report says what was not chosen.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ctest_names.hpp"
#include "ctest_tree.hpp"

namespace cleave::test {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

struct Subset {
  std::string name;
  std::vector<std::string> arguments;
  Names ran;
};

std::ostream& operator<<(std::ostream& out, const Subset& subset) { return out << subset.name; }

class CTestSubset : public testing::TestWithParam<Subset> {};

// R26
TEST_P(CTestSubset, RunsItsTestsOnceAndIsGreen) {
  CTestTree tree({"mixed"});
  const Finished ended = tree.ctest(GetParam().arguments);
  EXPECT_EQ(ended.code, 0) << ended.out;
  EXPECT_EQ(starts(tree.log()), each(GetParam().ran));
  EXPECT_THAT(overlaps(tree.log(), conflict), IsEmpty());

  // Each binary that took part has a report, with exactly the tests that ran, and a note for every part that did not.
  std::size_t reported = 0;
  for (const auto& [name, all] : {std::pair{"mixed_gtest", gtest_all()}, std::pair{"mixed_catch2", catch2_all()}}) {
    const auto here = starts(tree.log());
    const auto count = std::count_if(all.begin(), all.end(), [&](const auto& test) { return here.count(test) != 0; });
    if (count == 0) {
      EXPECT_THAT(tree.all_reports(name), IsEmpty()) << name;
      continue;
    }
    const auto report = tree.report(name);
    ASSERT_TRUE(report.is_object()) << name;
    EXPECT_EQ(report["totals"]["passed"], count) << name;
    EXPECT_EQ(report["totals"]["selected"], count) << name;
    EXPECT_EQ(report["exit_code"], 0) << name;
    EXPECT_THAT(report["problems"], IsEmpty()) << name;
    if (count == static_cast<std::ptrdiff_t>(all.size())) {
      EXPECT_THAT(report["notes"], IsEmpty()) << name;
    } else {
      EXPECT_THAT(report["notes"], AllOf(Not(IsEmpty()), Each(HasSubstr("not selected")))) << name;
    }
    reported += report["tests"].size();
  }
  for (const std::string& plain : plain_tests()) reported += starts(tree.log()).count(plain);
  EXPECT_EQ(reported, GetParam().ran.size());
}

const std::string kParts = "mixed_gtest.(shard|serial|lock)";

INSTANTIATE_TEST_SUITE_P(
    CTest, CTestSubset,
    testing::Values(
        // The last shard alone takes all of the parallel part; begin and end come as its fixtures.
        Subset{"OneShard", {"-j2", "-R", "shard-3"}, gtest_parallel()},
        Subset{"SomeShards", {"-j2", "-R", "shard-[01]"}, gtest_parallel() + catch2_parallel()},
        Subset{"OnlySerial", {"-j2", "-R", "serial"}, gtest_serial() + catch2_serial()},
        Subset{"NoSerial",
               {"-j4", "-E", "serial"},
               gtest_parallel() + gtest_locked() + catch2_parallel() + Names{"database-migrates"} + plain_tests()},
        Subset{"OneLock", {"-R", "mixed_gtest.lock-db"}, {"Database.Migrates", "Database.BacksUp"}},
        // By number: 2 is the first shard of the first binary.
        Subset{"OneNumber", {"-I", "2,2"}, gtest_parallel()}, Subset{"SomeNumbers", {"-j4", "-I", "3,9"}, gtest_all()},
        Subset{"OneLabel", {"-j4", "-L", "ledger"}, catch2_all()},
        Subset{"NoBeginAndNoEnd", {"-j4", "-R", kParts, "-FA", ".*"}, gtest_all()},
        Subset{"NoBeginAndNoEndOneJob", {"-j1", "-R", kParts, "-FA", ".*"}, gtest_all()},
        Subset{"NoBegin", {"-j4", "-R", kParts, "-FS", ".*"}, gtest_all()},
        Subset{"NoEnd", {"-j4", "-R", kParts, "-FC", ".*"}, gtest_all()},
        Subset{"OneShardWithoutFixtures", {"-R", "mixed_gtest.shard-1", "-FA", ".*"}, gtest_parallel()}),
    [](const auto& made) { return made.param.name; });

TEST(CTestSubsetReport, NamesEachPartThatWasNotSelected) {
  CTestTree tree({"mixed"});
  EXPECT_EQ(tree.ctest({"-j2", "-R", "shard-3"}).code, 0);
  const auto notes = tree.report("mixed_gtest")["notes"];
  for (const char* part : {"3 tests of the part 'serial'", "2 tests of the part 'lock-db'",
                           "1 test of the part 'lock-queue'", "1 test of the part 'locks'"}) {
    EXPECT_THAT(notes, Contains(HasSubstr(part)));
  }
}

// A red subset is red without fixtures as well, and its report is right.
TEST(CTestSubsetReport, IsRedWithoutFixtures) {
  CTestTree tree({"frail"});
  tree.set("CLEAVE_TEST_FAIL", "Many/Store.Keeps/7");
  const Finished ended = tree.ctest({"-j2", "-R", "shard", "-FA", ".*"});
  EXPECT_EQ(ended.code, 8) << ended.out;
  EXPECT_EQ(entries_with(ended.out, "Failed"), 1) << ended.out;
  EXPECT_EQ(starts(tree.log()), each(store_tests()));
  EXPECT_EQ(tree.report("frail")["totals"]["failed"], 1);
  EXPECT_EQ(tree.report("frail")["exit_code"], 1);
}

// FEATURES §4: `ctest -R serial` over many binaries is not red because one of them has no serial test.
TEST(CTestSubsetReport, APartWithoutTestsIsGreen) {
  CTestTree tree({"few"});
  const Finished ended = tree.ctest({"-R", "serial"});
  EXPECT_EQ(ended.code, 0) << ended.out;
  EXPECT_THAT(starts(tree.log()), IsEmpty());
  EXPECT_THAT(tree.report("few")["notes"], Contains(HasSubstr("2 tests of the part 'parallel' were not selected")));
}

// But a run that no entry worked on shows nothing at all.
TEST(CTestSubsetReport, BeginAndEndWithoutAShardAreRed) {
  CTestTree tree({"few"});
  const Finished ended = tree.ctest({"-R", "begin|end"});
  EXPECT_EQ(ended.code, 8) << ended.out;
  EXPECT_EQ(entries_with(ended.out, "Failed", ".end "), 1) << ended.out;
}

// The end alone has nothing to end; that is no success.
TEST(CTestSubsetReport, EndAloneIsRed) {
  CTestTree tree({"frail"});
  const Finished ended = tree.ctest({"-R", "frail.end"});
  EXPECT_EQ(ended.code, 8) << ended.out;
  EXPECT_THAT(starts(tree.log()), IsEmpty());
}

// The command line that `ctest -N -V` shows, in a shell.
TEST(CTestShardByHand, RunsThePartOnceAndReports) {
  CTestTree tree({"frail"});
  std::string line;
  for (const std::string& word : tree.command_of("frail.shard-1")) line += " '" + word + "'";
  const Finished ended = tree.run({"/bin/sh", "-c", line + "; exit $?"});
  EXPECT_EQ(ended.code, 0) << ended.out;
  EXPECT_EQ(starts(tree.log()), each(store_tests()));
  EXPECT_EQ(tree.report("frail")["totals"]["passed"], 12);
  EXPECT_THAT(tree.report("frail")["notes"], Contains(HasSubstr("'serial'")));
  EXPECT_THAT(ended.out, HasSubstr("junit.xml"));
}

TEST(CTestShardByHand, SharesTheRunWithOthersOfTheSameShell) {
  CTestTree tree({"frail"});
  std::string line;
  for (const std::string entry : {"frail.shard-0", "frail.shard-2"}) {
    for (const std::string& word : tree.command_of(entry)) line += " '" + word + "'";
    line += " & ";
  }
  const Finished ended = tree.run({"/bin/sh", "-c", line + "wait; exit 0"});
  EXPECT_EQ(ended.code, 0) << ended.out;
  EXPECT_EQ(starts(tree.log()), each(store_tests()));
  EXPECT_EQ(tree.all_reports("frail").size(), 1U);
}

}  // namespace
}  // namespace cleave::test
