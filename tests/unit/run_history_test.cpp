// The file of a history, and what of a run's report goes into it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "../support/history_text.hpp"
#include "../support/report_builder.hpp"
#include "report/observations.hpp"
#include "report/record.hpp"
#include "run/history_store.hpp"

namespace cleave::run {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using plan::Outcome;
using report::Attempt;
using report::UnixTime;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr plan::Day kToday = 20'000;

Attempt attempt(Outcome outcome, const std::string& shard, UnixTime start, std::uint32_t number = 1) {
  Attempt made = test::attempt(outcome);
  made.shard = shard;
  made.start = start;
  made.attempt = number;
  return made;
}

class HistoryFile : public testing::Test {
 protected:
  HistoryFile() {
    std::string folder = (fs::temp_directory_path() / "cleave-history-XXXXXX").string();
    folder_ = os::make_private_folder(folder.substr(0, folder.size() - 6)).value();
    run_ = folder_ + "/runs/1";
    fs::create_directories(run_);
  }
  HistoryFile(const HistoryFile&) = delete;
  HistoryFile& operator=(const HistoryFile&) = delete;
  ~HistoryFile() override { os::remove_tree(folder_); }

  HistoryStore store() const { return HistoryStore(folder_); }
  std::string file() const { return folder_ + "/history"; }
  /// Records it, and returns the warning.
  std::string record(const report::RunReport& report) {
    auto told = store().record(report, run_, kToday);
    EXPECT_TRUE(told) << told.error().what;
    return told ? *told : "";
  }
  plan::TestHistory of(const std::string& name) const { return store().load().history.tests.at({"Store", name, ""}); }

  std::string folder_;
  std::string run_;
};

TEST_F(HistoryFile, IsEmptyWithoutAWarningBeforeTheFirstRun) {
  const LoadedHistory loaded = store().load();
  EXPECT_EQ(loaded.history, plan::History());
  EXPECT_EQ(loaded.warning, "");
  EXPECT_EQ(HistoryStore(folder_ + "/not/there").load().warning, "");
  EXPECT_FALSE(fs::exists(folder_ + "/not"));
}

TEST_F(HistoryFile, HasWhatARunShowed) {
  test::ReportBuilder builder;
  builder.test("Store", "keeps", {attempt(Outcome::passed, "shard-0", 10s)});
  builder
      .test("Store", "loses", {attempt(Outcome::failed, "shard-1", 10s), attempt(Outcome::passed, "shard-1", 11s, 2)})
      .flaky = true;
  builder.test("Store", "stopped", {attempt(Outcome::not_run, "shard-1", 12s)});
  builder.disabled("Store", "DISABLED_x");
  builder.unselected("Store", "other");
  builder.report().costs = {{"Store", "shard-0", 9s, 30ms}, {"", "shard-0", 8s, 4ms}};
  EXPECT_EQ(record(builder.report()), "");
  const plan::History history = store().load().history;
  EXPECT_EQ(history.tests.size(), 2U);
  EXPECT_EQ(of("keeps").passed.mean, 12ms);
  EXPECT_EQ(of("keeps").last_seen, kToday);
  EXPECT_EQ(of("loses").outcomes, "fp");
  EXPECT_EQ(of("loses").flaky, 1U);
  EXPECT_FALSE(of("loses").red);
  EXPECT_EQ(history.suites.at("Store").cost.mean, 30ms);
  EXPECT_EQ(history.process_start.cost.mean, 4ms);
}

// Entries of CTest report the same run again and again, each time with more in it.
TEST_F(HistoryFile, CountsWhatARunDidOnceHoweverOftenItIsReported) {
  test::ReportBuilder builder;
  builder.test("Store", "keeps", {attempt(Outcome::passed, "shard-0", 13s)});
  builder.test("Store", "waits", {attempt(Outcome::not_run, "shard-1", 5s)});
  builder.test("Store", "loses", {attempt(Outcome::failed, "shard-0", 11s)});
  builder.report().costs = {{"Store", "shard-0", 12s, 30ms}, {"", "shard-0", 9s, 4ms}};
  record(builder.report());
  EXPECT_TRUE(of("loses").red);
  const std::string first = os::read_file(file()).value();
  record(builder.report());
  EXPECT_EQ(os::read_file(file()).value(), first);

  builder.report().rows[1].attempts = {attempt(Outcome::passed, "shard-1", 7s)};
  builder.report().rows[2].attempts.push_back(attempt(Outcome::passed, "shard-0", 20s, 2));
  builder.report().rows[2].outcome = Outcome::passed;
  builder.report().rows[2].flaky = true;
  builder.report().costs.push_back({"Store", "shard-0", 21s, 50ms});
  record(builder.report());
  EXPECT_EQ(of("keeps").runs, 1U);
  EXPECT_EQ(of("waits").runs, 1U);
  EXPECT_EQ(of("loses").outcomes, "fp");
  EXPECT_EQ(of("loses").flaky, 1U);
  EXPECT_EQ(store().load().history.suites.at("Store").cost.samples, 2U);
  EXPECT_EQ(store().load().history.process_start.cost.samples, 1U);
  forget_taken(run_);
  EXPECT_TRUE(fs::is_empty(run_));
}

TEST_F(HistoryFile, CountsTwoRunsThatWereAtWorkAtTheSameTime) {
  test::ReportBuilder builder;
  builder.test("Store", "keeps", {attempt(Outcome::passed, "shard-0", 10s)});
  record(builder.report());
  run_ = folder_ + "/runs/2";
  record(builder.report());
  EXPECT_EQ(of("keeps").runs, 2U);
}

TEST_F(HistoryFile, ForgetsATestThatWasRemovedLongAgo) {
  test::ReportBuilder old;
  old.test("Store", "old", {attempt(Outcome::passed, "shard-0", 10s)});
  record(old.report());
  test::ReportBuilder now;
  now.test("Store", "new", {attempt(Outcome::passed, "shard-0", 20s)});
  ASSERT_TRUE(store().record(now.report(), run_, kToday + plan::kDaysKept + 1));
  EXPECT_EQ(store().load().history.tests.size(), 1U);
}

TEST_F(HistoryFile, ThatIsNoneIsPutAsideWithAWarningInOneLine) {
  for (const std::string& text : {std::string("{}"), std::string("cleave-history 99\nfuture\n"), std::string()}) {
    ASSERT_TRUE(os::write_file(file(), text));
    const LoadedHistory loaded = store().load();
    EXPECT_EQ(loaded.history, plan::History());
    EXPECT_THAT(loaded.warning, HasSubstr(file() + ":1: "));
    EXPECT_THAT(loaded.warning,
                HasSubstr("; the run goes on without a history; the file is kept as " + file() + ".bad"));
    EXPECT_EQ(loaded.warning.find('\n'), std::string::npos);
    EXPECT_EQ(os::read_file(file() + ".bad").value(), text);
    EXPECT_FALSE(fs::exists(file()));
    EXPECT_EQ(store().load().warning, "");
  }
}

TEST_F(HistoryFile, BeginsAnewBehindOneThatIsNone) {
  ASSERT_TRUE(os::write_file(file(), "what is this"));
  test::ReportBuilder builder;
  builder.test("Store", "keeps", {attempt(Outcome::passed, "shard-0", 10s)});
  EXPECT_THAT(record(builder.report()), HasSubstr("history.bad"));
  EXPECT_EQ(of("keeps").runs, 1U);
  EXPECT_EQ(os::read_file(file() + ".bad").value(), "what is this");
}

TEST_F(HistoryFile, ThatCannotBeReadIsAWarningAndStaysAsItIs) {
  fs::create_directories(file() + "/folder");
  EXPECT_THAT(store().load().warning, HasSubstr("the run goes on without a history"));
  test::ReportBuilder builder;
  builder.test("Store", "keeps", {attempt(Outcome::passed, "shard-0", 10s)});
  const auto told = store().record(builder.report(), run_, kToday);
  ASSERT_FALSE(told);
  EXPECT_THAT(told.error().what, HasSubstr(file()));
  EXPECT_TRUE(fs::exists(file() + "/folder"));
}

// R13: a history that somebody sorted in another way counts as much as one that Cleave wrote.
TEST_F(HistoryFile, IsKnownAndKeptInAnyOrderOfItsLines) {
  const std::string lines =
      "cleave-history 1\n"
      "test\t19999\t4\t4\t5000\t0\t0\t0\tgreen\tpppp\tStore\tkeeps\t\n"
      "test\t19999\t7\t7\t9000\t0\t0\t0\tgreen\tppppppp\tStore\tadds\t\n";
  ASSERT_TRUE(os::write_file(file(), test::with_sum(lines)));
  test::ReportBuilder builder;
  builder.test("Store", "keeps", {attempt(Outcome::passed, "shard-0", 10s)});
  const LoadedCosts before = store().load_costs(builder.report().list);
  EXPECT_EQ(before.warning, "");
  EXPECT_EQ(before.costs.test.front(), 5us);
  EXPECT_EQ(record(builder.report()), "");
  EXPECT_EQ(of("keeps").runs, 5U);
  EXPECT_EQ(of("adds").runs, 7U);
}

TEST(HistoryTaken, IsReadBackAndEmptyWhenItIsNone) {
  const report::Taken taken{{"shard-0", 12s}, {"lock-a b\t", 1ns}};
  const std::string bytes = report::encode_taken(taken);
  EXPECT_EQ(report::decode_taken(bytes), taken);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_THAT(report::decode_taken(std::string_view(bytes).substr(0, size)), IsEmpty()) << size;
  }
  EXPECT_THAT(report::decode_taken(bytes + "x"), IsEmpty());
  EXPECT_THAT(report::decode_taken(std::string(400, '\xFF')), IsEmpty());
}

TEST(JournalCost, IsReadBackAsItWasWritten) {
  std::string bytes;
  report::ExecutionBegin begin;
  report::encode(begin, bytes);
  report::encode(report::CostRecord{{"Suite\n", "shard-3", 17s, 5ms}}, bytes);
  const auto records = report::decode_journal(bytes);
  ASSERT_TRUE(records);
  ASSERT_EQ(records->size(), 2U);
  const report::SuiteCost& cost = std::get<report::CostRecord>((*records)[1]).cost;
  EXPECT_EQ(cost.suite, "Suite\n");
  EXPECT_EQ(cost.shard, "shard-3");
  EXPECT_EQ(cost.when, 17s);
  EXPECT_EQ(cost.duration, 5ms);
}

// R12: who passes attempts over hears of the same other records and of the same errors as who reads them.
TEST(JournalAttempts, ArePassedOverAsTheyAreRead) {
  std::string bytes;
  report::encode(report::ExecutionBegin{}, bytes);
  Attempt full = attempt(Outcome::failed, "shard-1", 10s);
  full.reason = "why";
  full.messages = {{plan::MessageKind::failure, "a.cpp", 3, "text"}, {plan::MessageKind::note, "", 0, ""}};
  full.properties = {{"key", "value"}};
  full.output = {"head", "tail", 99};
  full.files = "tmp/s1";
  full.stacks = "#0 main";
  report::encode(report::AttemptRecord{4, full}, bytes);
  report::encode(report::AttemptRecord{5, attempt(Outcome::passed, "shard-1", 11s)}, bytes);
  report::encode(report::StopRecord{"enough"}, bytes);

  const auto told = [](std::string_view journal, report::Attempts attempts) {
    std::string all;
    const auto look = [&](report::Record& record) {
      if (!std::holds_alternative<report::AttemptRecord>(record)) report::encode(record, all);
    };
    const auto read = report::visit_journal(journal, look, attempts);
    return all + (read ? "" : " " + read.error().what);
  };
  const auto expect_same = [&](const std::string& journal, std::size_t at) {
    EXPECT_EQ(told(journal, report::Attempts::passed_over), told(journal, report::Attempts::wanted)) << at;
  };
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    expect_same(bytes.substr(0, at), at);
    std::string wrong = bytes;
    for (const char byte : {'\0', '\x01', '\x7F', '\xFF'}) {
      wrong[at] = byte;
      expect_same(wrong, at);
    }
  }
  int attempts = 0;
  const auto count = [&](report::Record& record) { attempts += std::holds_alternative<report::AttemptRecord>(record); };
  EXPECT_TRUE(report::visit_journal(bytes, count, report::Attempts::passed_over));
  EXPECT_EQ(attempts, 0);
}

}  // namespace
}  // namespace cleave::run
