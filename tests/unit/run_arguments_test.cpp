#include <gtest/gtest.h>

#include "run/arguments.hpp"
#include "run/ctest_attempt.hpp"

namespace cleave::run {
namespace {

using Words = std::vector<std::string>;

plan::TestList list_of(const char* framework) {
  plan::TestList list;
  list.framework = framework;
  return list;
}

TEST(Arguments, EveryWayToNameACatch2ReportFileIsFoundAndLedToAPart) {
  const std::vector<std::pair<Words, ReportFile>> table{
      {{"t", "-r", "junit", "-o", "F.xml"}, {"junit", "F.xml"}},
      {{"t", "-o=F.xml", "-r:xml"}, {"xml", "F.xml"}},
      {{"t", "--out", "F.xml", "--reporter", "junit"}, {"junit", "F.xml"}},
      {{"t", "--out=F.xml", "--reporter=junit"}, {"junit", "F.xml"}},
      {{"t", "-so", "F.xml"}, {"console", "F.xml"}},
      {{"t", "-r", "junit::out=F.xml"}, {"junit", "F.xml"}},
      {{"t", "--reporter=xml::out=F.xml::colour-mode=none", "-r", "console"}, {"xml", "F.xml"}},
  };
  for (const auto& [words, expected] : table) {
    const auto files = catch2_report_files(list_of("catch2"), words);
    ASSERT_EQ(files.size(), 1U) << words[1];
    EXPECT_EQ(files[0].reporter, expected.reporter) << words[1];
    EXPECT_EQ(files[0].path, expected.path) << words[1];
    std::string joined;
    for (const std::string& word : worker_arguments(list_of("catch2"), words, "D", "shard-1", 0)) joined += word + " ";
    EXPECT_EQ(joined.find("F.xml"), std::string::npos) << joined;
    EXPECT_NE(joined.find("D/shard-1."), std::string::npos) << joined;
    EXPECT_NE(joined.find(".part-0"), std::string::npos) << joined;
  }
}

TEST(Arguments, WithoutAFileNothingIsTouched) {
  for (const Words& words : {Words{"t", "-r", "junit"}, Words{"t", "[db]", "~x"}, Words{"t", "-w", "NoTests", "o"}}) {
    EXPECT_TRUE(catch2_report_files(list_of("catch2"), words).empty());
    EXPECT_EQ(worker_arguments(list_of("catch2"), words, "D", "shard-1", 5), words);
  }
}

TEST(Arguments, AStatedGoogleTestSeedBecomesThatOfTheRepetition) {
  plan::TestList list = list_of("gtest");
  list.seed = 99999;
  EXPECT_EQ(seed_of_repetition(list, 0), 99999U);
  EXPECT_EQ(seed_of_repetition(list, 1), 1U);
  EXPECT_EQ(worker_arguments(list, {"t", "--gtest_random_seed=7", "-o", "x"}, "D", "s", 8),
            (Words{"t", "--gtest_random_seed=8", "-o", "x"}));
}

report::AttemptRecord outcome(std::uint32_t item, plan::Outcome outcome) {
  report::AttemptRecord record;
  record.item = item;
  record.attempt.outcome = outcome;
  return record;
}

// R24: no two attempts of a run have one number, whichever execution of the entry was killed.
TEST(NextAttempt, TheOneThatWasLostIsNumberedWithinItsExecution) {
  report::Journal journal;
  report::ExecutionBegin begin;
  journal.records = {begin};
  EXPECT_EQ(lost_attempt(journal, 1, 3), 1U);
  report::AttemptRecord failed = outcome(1, plan::Outcome::failed);
  failed.attempt.attempt = 2;
  journal.records.emplace_back(failed);
  EXPECT_EQ(lost_attempt(journal, 1, 3), 3U) << "killed in the second retry";
  EXPECT_EQ(lost_attempt(journal, 2, 3), 1U);
  begin.execution = 3;
  journal.records.emplace_back(begin);
  EXPECT_EQ(lost_attempt(journal, 1, 3), 9U);
  EXPECT_EQ(lost_attempt(journal, 1, 0), 3U);
}

TEST(NextAttempt, FollowsFromHowTheLastExecutionEnded) {
  report::Journal journal;
  EXPECT_EQ(next_attempt(journal, {}).queue, 1U);
  report::ExecutionBegin begin;
  journal.records = {begin, outcome(1, plan::Outcome::passed), report::ExecutionEnd{0, "", {}}};
  Attempt again = next_attempt(journal, {1});
  EXPECT_FALSE(again.again);
  EXPECT_EQ(again.queue, 2U) << "green and asked again: everything once more";
  journal.records = {begin, outcome(1, plan::Outcome::passed), outcome(2, plan::Outcome::failed),
                     report::ExecutionEnd{1, "", {}}};
  again = next_attempt(journal, {1, 2});
  EXPECT_TRUE(again.again);
  EXPECT_EQ(again.items, (std::vector<std::uint32_t>{2}));
  journal.records = {begin, outcome(1, plan::Outcome::passed)};
  EXPECT_EQ(next_attempt(journal, {1, 4}).items, (std::vector<std::uint32_t>{4})) << "killed with item 4 in hand";
  EXPECT_FALSE(has_ended(journal));
}

}  // namespace
}  // namespace cleave::run
