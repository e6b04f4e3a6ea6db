// What a history keeps of runs, what it expects from them, and its bytes.
#include "plan/history.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "../support/history_text.hpp"
#include "plan/history_stream.hpp"

namespace cleave::plan {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr Day kToday = 20'000;

TestList list_of(const std::vector<TestKey>& tests) {
  TestList list;
  for (const TestKey& key : tests) {
    TestCase test;
    test.suite = key.suite;
    test.name = key.name;
    test.file = key.file;
    list.tests.push_back(test);
  }
  return list;
}

/// One test "A.x" and runs of it.
class OneTest : public testing::Test {
 protected:
  void run(Outcome outcome, nanoseconds duration, Day day = kToday) { run({{outcome, duration}}, day); }
  void run(std::vector<TestObservation::Attempt> attempts, Day day = kToday) {
    TestObservation seen;
    seen.red = !is_green(attempts.back().outcome);
    seen.flaky = !seen.red && attempts.size() > 1;
    seen.attempts = std::move(attempts);
    update(history_, list_, {{seen}, {}}, day);
  }
  const TestHistory& test() { return history_.tests.at({"A", "x", ""}); }
  nanoseconds expected() { return costs_of(list_, history_).test[0]; }

  TestList list_ = list_of({{"A", "x", "a.cpp"}});
  History history_;
};

TEST_F(OneTest, TakesTheFirstSampleAsItIs) {
  run(Outcome::passed, 80ms);
  EXPECT_EQ(expected(), 80ms);
  EXPECT_EQ(test().passed.deviation, 0ns);
  EXPECT_EQ(test().passed.samples, 1U);
}

TEST_F(OneTest, AveragesTheFirstSamplesAndThenWeighsNewOnesMore) {
  run(Outcome::passed, 10ms);
  run(Outcome::passed, 20ms);
  EXPECT_EQ(expected(), 15ms);
  EXPECT_EQ(test().passed.deviation, 5ms);  // That of {10, 20}.
  run(Outcome::passed, 30ms);
  EXPECT_EQ(expected(), 20ms);
  run(Outcome::passed, 40ms);
  EXPECT_EQ(expected(), 26ms);  // 20 + 0.3 * 20.
}

TEST_F(OneTest, ForgetsAnOldSpeedWithinSixRuns) {
  for (int i = 0; i < 50; ++i) run(Outcome::passed, 1s);
  for (int i = 0; i < 6; ++i) run(Outcome::passed, 100ms);
  EXPECT_LT(expected(), 210ms);
  EXPECT_GT(expected(), 200ms);
}

TEST_F(OneTest, KnowsNoDeviationOfATestThatAlwaysTakesTheSame) {
  for (int i = 0; i < 20; ++i) run(Outcome::passed, 7ms);
  EXPECT_EQ(test().passed.deviation, 0ns);
  run(Outcome::passed, 17ms);
  EXPECT_EQ(test().passed.deviation, 4582576ns);  // sqrt(0.7 * 0.3) * 10 ms.
}

// A test that fails has often ended early: it must not look short for that.
TEST_F(OneTest, IsNotExpectedToBeShorterBecauseItFailedEarly) {
  run(Outcome::passed, 2s);
  for (const Outcome red : {Outcome::failed, Outcome::crashed}) {
    run(red, 1ms);
    EXPECT_EQ(expected(), 2s);
    EXPECT_EQ(test().passed.samples, 1U);
  }
}

TEST_F(OneTest, IsExpectedToHangAgainUntilItPasses) {
  run(Outcome::passed, 2ms);
  run(Outcome::timed_out, 10min);
  EXPECT_EQ(expected(), 10min);
  run(Outcome::failed, 1ms);
  EXPECT_EQ(expected(), 10min);
  run(Outcome::passed, 2ms);
  EXPECT_EQ(expected(), 2ms);
}

TEST_F(OneTest, IsKnownByItsFailureWhenItNeverPassed) {
  run(Outcome::failed, 30ms);
  EXPECT_TRUE(costs_of(list_, history_).known[0]);
  EXPECT_EQ(expected(), 30ms);
  run(Outcome::passed, 10ms);
  EXPECT_EQ(expected(), 10ms);
}

TEST_F(OneTest, HasNoDurationFromASkip) {
  run(Outcome::skipped, 5ms);
  EXPECT_FALSE(costs_of(list_, history_).known[0]);
  EXPECT_EQ(test().runs, 1U);
  EXPECT_EQ(test().outcomes, "s");
}

TEST_F(OneTest, LeavesNoTraceWhenItDidNotRun) {
  run(Outcome::not_run, 5ms);
  run(Outcome::disabled, 5ms);
  EXPECT_THAT(history_.tests, IsEmpty());
  run(Outcome::failed, 5ms);
  run(Outcome::not_run, 5ms, kToday + 1);
  EXPECT_EQ(test().outcomes, "f");
  EXPECT_EQ(test().last_seen, kToday);
  EXPECT_TRUE(test().red);
}

// R25
TEST_F(OneTest, IsRememberedAsRedUntilItIsGreen) {
  run(Outcome::crashed, 1ms);
  EXPECT_TRUE(costs_of(list_, history_).failed_last[0]);
  run(Outcome::passed, 1ms);
  EXPECT_FALSE(costs_of(list_, history_).failed_last[0]);
}

// R24
TEST_F(OneTest, CountsARunInWhichItFailedAndThenPassedAsFlaky) {
  run({{Outcome::failed, 1ms}, {Outcome::passed, 2ms}});
  EXPECT_EQ(test().flaky, 1U);
  EXPECT_EQ(test().runs, 2U);
  EXPECT_EQ(test().outcomes, "fp");
  EXPECT_FALSE(test().red);
}

TEST_F(OneTest, KeepsTheLastSixteenOutcomes) {
  run(Outcome::failed, 1ms);
  for (int i = 0; i < 13; ++i) run(Outcome::passed, 1ms);
  for (const Outcome last : {Outcome::crashed, Outcome::timed_out, Outcome::skipped}) run(last, 1ms);
  EXPECT_EQ(test().outcomes, "pppppppppppppcts");
  EXPECT_EQ(test().runs, 17U);
}

TEST_F(OneTest, KeepsSamplesWithinTheLegalRange) {
  run(Outcome::passed, -1s);
  EXPECT_EQ(expected(), 0ns);
  for (int i = 0; i < 40; ++i) run(Outcome::passed, nanoseconds::max());
  EXPECT_LE(expected(), kLongestDuration);
  EXPECT_TRUE(decode_history(encode_history(history_), "history"));
}

TEST(HistoryKeys, HaveAFileOnlyWhereSuiteAndNameAreNotEnough) {
  const TestList list = list_of({{"A", "x", "a.cpp"}, {"A", "y", "a.cpp"}, {"A", "x", "b.cpp"}, {"B", "x", "a.cpp"}});
  EXPECT_THAT(keys_of(list), ElementsAre(TestKey{"A", "x", "a.cpp"}, TestKey{"A", "y", ""}, TestKey{"A", "x", "b.cpp"},
                                         TestKey{"B", "x", ""}));
}

TEST(HistoryCosts, AreZeroAndUnknownWithoutAHistory) {
  const Costs costs = costs_of(list_of({{"A", "x", ""}, {"B", "y", ""}}), {});
  EXPECT_THAT(costs.test, ElementsAre(0ns, 0ns));
  EXPECT_THAT(costs.known, ElementsAre(false, false));
  EXPECT_THAT(costs.failed_last, ElementsAre(false, false));
  EXPECT_THAT(costs.suite_set_up, IsEmpty());
  EXPECT_EQ(costs.process_start, 0ns);
}

TEST(HistoryCosts, OfANewTestAreTheMedianOfThoseKnownInTheList) {
  const TestList list = list_of({{"A", "1", ""}, {"A", "2", ""}, {"A", "3", ""}, {"A", "new", ""}});
  History history;
  const TestList old = list_of({{"A", "1", ""}, {"A", "2", ""}, {"A", "3", ""}, {"A", "gone", ""}});
  Observations seen;
  const std::vector<nanoseconds> durations{9ms, 5ms, 100ms, 1ms};
  for (std::uint32_t i = 0; i < 4; ++i) seen.tests.push_back({i, {{Outcome::passed, durations[i]}}, false, false});
  update(history, old, seen, kToday);
  const Costs costs = costs_of(list, history);
  EXPECT_THAT(costs.test, ElementsAre(9ms, 5ms, 100ms, 9ms));
  EXPECT_THAT(costs.known, ElementsAre(true, true, true, false));
}

TEST(HistoryCosts, HaveTheSetUpsOfTheSuitesInTheListAndTheStartOfAWorker) {
  History history;
  update(history, {}, {{}, {{"A", 30ms}, {"", 8ms}, {"Gone", 1s}, {"A", 50ms}}}, kToday);
  const Costs costs = costs_of(list_of({{"A", "x", ""}, {"B", "x", ""}}), history);
  EXPECT_THAT(costs.suite_set_up, ElementsAre(testing::Pair("A", 40ms)));
  EXPECT_EQ(costs.process_start, 8ms);
}

TEST(HistoryPrune, ForgetsWhatIsGoneForNinetyDaysAndKeepsWhatIsListed) {
  const TestList old = list_of({{"Old", "gone", ""}, {"New", "listed", ""}});
  History history;
  update(history, old,
         {{{0, {{Outcome::passed, 1ms}}, false, false}, {1, {{Outcome::passed, 1ms}}, false, false}},
          {{"Old", 1ms}, {"New", 1ms}}},
         kToday);
  const TestList now = list_of({{"New", "listed", ""}});
  prune(history, now, kToday + kDaysKept);
  EXPECT_EQ(history.tests.size(), 2U);
  EXPECT_EQ(history.suites.size(), 2U);
  prune(history, now, kToday + kDaysKept + 1);
  EXPECT_EQ(history.tests.count({"New", "listed", ""}), 1U);
  EXPECT_EQ(history.tests.size(), 1U);
  EXPECT_THAT(history.suites, ElementsAre(testing::Pair("New", testing::_)));
}

TEST(HistoryMerge, KeepsTheEntryThatWasSeenLaterAndThenTheOneWithMoreRuns) {
  const TestKey key{"A", "x", ""};
  const auto with = [&](Day day, std::uint32_t runs) {
    History history;
    history.tests[key].last_seen = day;
    history.tests[key].runs = runs;
    return history;
  };
  EXPECT_EQ(merge(with(5, 1), with(4, 100)), with(5, 1));
  EXPECT_EQ(merge(with(5, 7), with(5, 8)), with(5, 8));
  EXPECT_EQ(merge(with(5, 8), with(5, 7)), with(5, 8));
}

TEST(HistoryText, IsWhatItsDescriptionSays) {
  History history;
  history.process_start = {kToday, {3, 8ms, 1ms}};
  history.suites["Store\tof tabs"] = {kToday, {2, 30ms, 5us}};
  TestHistory& test = history.tests[{"Store", std::string("keeps\\it\n\r\0", 11), ""}];
  test = {kToday, 4, {3, 120ms, 7ms}, 200ms, 1, true, "ppft"};
  const std::string lines =
      "cleave-history 1\n"
      "start\t20000\t3\t8000000\t1000000\n"
      "suite\t20000\t2\t30000000\t5000\tStore\\tof tabs\n"
      "test\t20000\t4\t3\t120000000\t7000000\t200000000\t1\tred\tppft\tStore\tkeeps\\\\it\\n\\r\\0\t\n";
  EXPECT_EQ(encode_history(history), lines + "sum\t14119a1130432769\n");
  const auto back = decode_history(encode_history(history), "history");
  ASSERT_TRUE(back) << back.error().what;
  EXPECT_EQ(*back, history);
}

TEST(HistoryText, RefusesWhatIsNotOneAndNamesFileLineAndValue) {
  const std::string first = "cleave-history 1\n";
  const std::string start = "start\t1\t2\t3\t4\n";
  const auto entry = [&](const std::string& fields) {
    return test::with_sum(first + start + "test\t" + fields + "\n");
  };
  const std::vector<std::pair<std::string, std::string>> cases{
      {"", "h:1: the text ends without its sum"},
      {"{\"json\": 1}\n", "h:1: '{\"json\": 1}', legal is 'cleave-history 1': not a history of Cleave"},
      {"cleave-history 2\nsum\n", "h:1: format '2', legal is 1: written by another version of Cleave"},
      {first, "h:2: the text ends without its sum"},
      {first + start, "h:3: the text ends without its sum"},
      {first + start + "sum\t0123456789abcdef\n", "h:3: the sum is not that of the lines above"},
      {test::with_sum(first) + "more", "h:2: the sum is not the last whole line"},
      {test::with_sum(first + start + start), "h:3: this entry stands here for the second time"},
      {test::with_sum(first + "suite\t1\t1\t1\t1\tA\nsuite\t1\t1\t1\t1\tA\n"),
       "h:3: this entry stands here for the second time"},
      {test::with_sum(first + "end\t1\n"), "h:2: entry 'end', legal are 'start', 'suite', 'test' and 'sum'"},
      {test::with_sum(first + "start\t1\t2\t3\n"), "h:2: the line ends before its last field"},
      {test::with_sum(first + "start\t1\t2\t3\t4\t5\n"), "h:2: the line goes on behind its last field"},
      {test::with_sum(first + "start\t-1\t2\t3\t4\n"), "h:2: day '-1', legal is 0 to 2932896"},
      {test::with_sum(first + "start\t1\t4294967296\t3\t4\n"), "h:2: samples '4294967296', legal is 0 to 4294967295"},
      {test::with_sum(first + "start\t1\t2\t31536000000000001\t4\n"),
       "h:2: mean '31536000000000001', legal is 0 to 315360"},
      {test::with_sum(first + "start\t1\t2\t3\t4x\n"), "h:2: deviation '4x', legal is 0 to 31536000000000000"},
      {entry("1\t1\t1\t1\t1\t1\t1\tblue\tp\tA\tx\t"), "h:3: verdict 'blue', legal are 'red' and 'green'"},
      {entry("1\t1\t1\t1\t1\t1\t1\tred\tpq\tA\tx\t"), "h:3: outcomes 'pq', legal are at most 16 of the letters"},
      {entry("1\t1\t1\t1\t1\t1\t1\tred\tppppppppppppppppp\tA\tx\t"), "h:3: outcomes 'ppppppppppppppppp', legal"},
      {entry("1\t1\t1\t1\t1\t1\t1\tred\tp\tA\\x\tx\t"), "h:3: name 'A\\x': legal behind a backslash"},
      {entry("1\t1\t1\t1\t1\t1\t1\tred\tp\tA\tx\\\t"), "h:3: name 'x\\': legal behind a backslash"},
  };
  for (const auto& [text, why] : cases) {
    const auto read = decode_history(text, "h");
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().kind, Errc::corrupt);
    EXPECT_THAT(read.error().what, HasSubstr(why)) << text;
  }
  EXPECT_TRUE(decode_history(entry("1\t1\t1\t1\t1\t1\t1\tred\tp\tA\\tx\tx\t"), "h"));
}

// What stands in a foreign file must not steer the terminal that the error is shown on.
TEST(HistoryText, ShowsForeignBytesShortAndWithoutControlCharacters) {
  const auto read = decode_history("\x1b[2J" + std::string(1000, 'x') + "\n", "h");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().what.find('\x1b'), std::string::npos);
  EXPECT_LT(read.error().what.size(), 150U);
}

/// The text after a run, as updated_text() writes it; empty when it does not know the text.
std::string after(const std::string& text, const TestList& list, const Observations& seen, Day today) {
  const auto write = updated_text(text, list, seen, today);
  std::string out;
  if (write) (*write)([&](std::string_view piece) { out += piece; });
  return out;
}

/// What one of many runs shows: some tests did not run, some are red, flaky or ran more than once.
Observations shown_by(const TestList& list, std::uint32_t run) {
  Observations seen;
  for (std::uint32_t test = 0; test < list.tests.size(); ++test) {
    const std::uint32_t kind = (test * 7 + run * 5) % 11;
    if (kind == 0) continue;
    TestObservation one;
    one.index = test;
    one.red = kind == 1;
    one.flaky = kind == 2;
    if (kind == 3) {
      one.attempts.push_back({Outcome::not_run, 0ns});
    } else {
      if (kind < 3) one.attempts.push_back({Outcome::failed, nanoseconds(1000 * test)});
      if (kind != 1) one.attempts.push_back({Outcome::passed, nanoseconds(kind * 100 + run)});
    }
    seen.tests.push_back(one);
  }
  seen.costs = {{"", 3ms}, {list.tests.front().suite, nanoseconds(run + 1)}};
  return seen;
}

// R13: the text that each run writes is what the value would have become, whatever comes and goes.
TEST(HistoryStream, WritesWhatTheValueBecomes) {
  History history;
  std::string text;
  for (std::uint32_t run = 0; run < 12; ++run) {
    std::vector<TestKey> keys;
    for (std::uint32_t test = run * 3; test < run * 3 + 40; ++test) {
      const std::string suite = "Suite" + std::to_string(test / 4 % 13);
      keys.push_back({suite, "Test\t" + std::to_string(test * 37 % 50), ""});
    }
    keys.push_back({"Twin", "same", "b.cpp"});
    if (run % 3 != 0) keys.push_back({"Twin", "same", "a.cpp"});
    if (run % 3 == 2) keys.push_back({"Twin", "same", "a.cpp"});
    const TestList list = list_of(keys);
    const Day today = kToday + static_cast<Day>(run) * 40;
    const Observations seen = shown_by(list, run);
    update(history, list, seen, today);
    prune(history, list, today);
    text = after(text, list, seen, today);
    ASSERT_EQ(text, encode_history(history)) << "run " << run;

    const auto costs = costs_of_text(list, text);
    const Costs expected = costs_of(list, history);
    ASSERT_TRUE(costs) << "run " << run;
    EXPECT_EQ(costs->test, expected.test) << "run " << run;
    EXPECT_EQ(costs->known, expected.known) << "run " << run;
    EXPECT_EQ(costs->failed_last, expected.failed_last) << "run " << run;
    EXPECT_EQ(costs->suite_set_up, expected.suite_set_up) << "run " << run;
    EXPECT_EQ(costs->process_start, expected.process_start) << "run " << run;
  }
}

// R13: whoever reads line by line relies on the order; all other texts are left to those who read the whole.
TEST(HistoryStream, KnowsNoTextButThoseThatAreWritten) {
  const TestList list = list_of({{"A", "x", ""}, {"A", "y", ""}, {"B", "z", ""}});
  const std::string text = after("", list, shown_by(list, 1), kToday);
  const std::string lines = text.substr(0, text.rfind("sum\t"));
  ASSERT_TRUE(costs_of_text(list, test::with_sum(lines)));
  const std::size_t last = lines.rfind("test\t");
  const std::size_t before = lines.rfind("test\t", last - 1);
  const std::string x = lines.substr(before, last - before);
  const std::string y = lines.substr(last);
  const std::string head = lines.substr(0, before);
  const std::string others[] = {
      text + "\n",
      text.substr(0, text.size() - 1),
      text.substr(1),
      lines,
      lines + "sum\t0123456789abcdef\n",
      test::with_sum(head + y + x),
      test::with_sum(head + x + x),
      test::with_sum(head + x + y + "suite\t1\t1\t1\t0\tLate\n"),
      test::with_sum(head + x + "test\t1\n"),
      test::with_sum(head + x + "nothing\n"),
      test::with_sum("cleave-history 2\n" + x),
  };
  for (const std::string& other : others) {
    EXPECT_FALSE(costs_of_text(list, other)) << other;
    EXPECT_FALSE(updated_text(other, list, {}, kToday)) << other;
  }
  EXPECT_FALSE(costs_of_text(list, ""));
}

}  // namespace
}  // namespace cleave::plan
