// Histories of any content: their bytes, and what merging them may not do.
#include <gtest/gtest.h>

#include "../support/history_text.hpp"
#include "../support/property.hpp"
#include "plan/history.hpp"

namespace cleave::plan {
namespace {

using std::chrono::nanoseconds;
using test::Choices;

constexpr std::uint64_t kCases = 300;

nanoseconds duration(Choices& choices) {
  return nanoseconds(std::int64_t{choices.number(0, 1'000'000)} * choices.number(0, 1'000'000));
}

/// Few values, so that histories often know the same tests and agree in all but one figure.
History some_history(Choices& choices) {
  History history;
  const auto estimate = [&] { return Estimate{choices.number(0, 3), duration(choices), duration(choices)}; };
  for (std::uint32_t i = choices.number(0, 12); i > 0; --i) {
    TestHistory test;
    test.last_seen = static_cast<Day>(choices.number(20'000, 20'003));
    test.runs = choices.number(1, 3);
    test.passed = estimate();
    test.longest_red = duration(choices);
    test.flaky = choices.number(0, 2);
    test.red = choices.chance(30);
    for (std::uint32_t n = choices.number(0, 16); n > 0; --n) test.outcomes += "pfsct"[choices.number(0, 4)];
    TestKey key{choices.one_of(test::hostile_names()), choices.one_of(test::hostile_names()), ""};
    if (choices.chance(20)) key.file = choices.one_of(test::hostile_names());
    history.tests[key] = test;
  }
  for (std::uint32_t i = choices.number(0, 4); i > 0; --i) {
    history.suites[choices.one_of(test::hostile_names())] = {static_cast<Day>(choices.number(1, 3)), estimate()};
  }
  if (choices.chance(70)) history.process_start = {static_cast<Day>(choices.number(1, 3)), estimate()};
  return history;
}

// R23
TEST(HistoryProperty, EveryHistoryIsReadBackAndHasOneText) {
  for (const std::uint64_t seed : test::seeds({}, kCases)) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Choices choices(seed);
    const History history = some_history(choices);
    const std::string text = encode_history(history);
    const auto back = decode_history(text, "history");
    ASSERT_TRUE(back) << back.error().what;
    ASSERT_EQ(*back, history);
    ASSERT_EQ(encode_history(*back), text);
  }
}

TEST(HistoryProperty, ATextOfWhichAnyByteWasChangedIsRefused) {
  for (const std::uint64_t seed : test::seeds({}, kCases)) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Choices choices(seed);
    std::string text = encode_history(some_history(choices));
    char& byte = text[choices.number(0, static_cast<std::uint32_t>(text.size()) - 1)];
    byte = static_cast<char>(byte ^ static_cast<char>(choices.number(1, 255)));
    const auto back = decode_history(text, "history");
    ASSERT_FALSE(back) << text;
    ASSERT_EQ(back.error().kind, Errc::corrupt);
    ASSERT_NE(back.error().what.find("history:"), std::string::npos);
  }
}

TEST(HistoryProperty, ATextThatWasCutOrRunsOnIsRefused) {
  for (const std::uint64_t seed : test::seeds({}, kCases)) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Choices choices(seed);
    const std::string text = encode_history(some_history(choices));
    const auto cut = choices.number(0, static_cast<std::uint32_t>(text.size()) - 1);
    ASSERT_FALSE(decode_history(std::string_view(text).substr(0, cut), "history"));
    ASSERT_FALSE(decode_history(text + choices.one_of(test::hostile_names()) + "\n", "history"));
    ASSERT_FALSE(decode_history(text + text, "history"));
  }
}

// Whoever can write a right sum can write anything: what is read is then within its ranges, or refused with a place.
TEST(HistoryProperty, FieldsOfAnyBytesAreReadWithinTheirRangesOrRefused) {
  int read = 0;
  int refused = 0;
  for (const std::uint64_t seed : test::seeds({}, 3 * kCases)) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Choices choices(seed);
    std::string text = encode_history(some_history(choices));
    for (std::uint32_t i = choices.number(1, 4); i > 0; --i) {
      const auto at = choices.number(0, static_cast<std::uint32_t>(text.rfind("sum\t")));
      static const std::vector<std::string> bytes{"\t", "\n", "\\", "9", "-", "x", "", std::string(1, '\0')};
      if (at < text.rfind("sum\t")) text.replace(at, 1, choices.one_of(bytes));
    }
    const auto back = decode_history(test::with_sum(text.substr(0, text.rfind("sum\t"))), "history");
    back ? ++read : ++refused;
    if (!back) {
      ASSERT_EQ(back.error().what.rfind("read history: history:", 0), 0U) << back.error().what;
      continue;
    }
    for (const auto& [key, test] : back->tests) {
      ASSERT_LE(test.outcomes.size(), kOutcomesKept);
      ASSERT_LE(test.expected(), kLongestDuration);
      ASSERT_GE(test.expected(), nanoseconds(0));
      ASSERT_GE(test.last_seen, 0);
    }
    ASSERT_TRUE(decode_history(encode_history(*back), "history"));
  }
  EXPECT_GT(read, 20);
  EXPECT_GT(refused, 20);
}

TEST(HistoryProperty, MergingIsCommutativeAssociativeAndIdempotent) {
  for (const std::uint64_t seed : test::seeds({}, kCases)) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Choices choices(seed);
    const History a = some_history(choices);
    const History b = some_history(choices);
    const History c = some_history(choices);
    const History both = merge(a, b);
    ASSERT_EQ(both, merge(b, a));
    ASSERT_EQ(merge(both, c), merge(a, merge(b, c)));
    ASSERT_EQ(merge(a, a), a);
    ASSERT_EQ(merge(both, b), both);
    ASSERT_EQ(merge(a, History{}), a);
    for (const auto& [key, test] : both.tests) {
      const auto in_a = a.tests.find(key);
      const auto in_b = b.tests.find(key);
      ASSERT_TRUE((in_a != a.tests.end() && in_a->second == test) || (in_b != b.tests.end() && in_b->second == test));
    }
    for (const auto& [key, test] : a.tests) ASSERT_EQ(both.tests.count(key), 1U);
  }
}

TEST(HistoryProperty, TheExpectedDurationLiesBetweenTheSamplesAndCountsEachRunOnce) {
  for (const std::uint64_t seed : test::seeds({}, kCases)) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Choices choices(seed);
    TestList list;
    list.tests.resize(choices.number(1, 5));
    for (TestCase& test : list.tests) test.name = "t" + std::to_string(&test - list.tests.data());
    std::vector<std::vector<nanoseconds>> passed(list.tests.size());
    std::vector<nanoseconds> red(list.tests.size());
    std::vector<std::uint32_t> runs(list.tests.size());
    History history;
    for (std::uint32_t run = choices.number(1, 40); run > 0; --run) {
      Observations seen;
      for (std::uint32_t i = 0; i < list.tests.size(); ++i) {
        const auto outcome = static_cast<Outcome>(choices.number(0, 6));
        const nanoseconds took = duration(choices);
        seen.tests.push_back({i, {{outcome, took}}, !is_green(outcome), false});
        runs[i] += outcome != Outcome::not_run && outcome != Outcome::disabled ? 1 : 0;
        if (outcome == Outcome::passed) {
          passed[i].push_back(took);
          red[i] = {};
        } else if (!is_green(outcome) && outcome != Outcome::not_run) {
          red[i] = std::max(red[i], took);
        }
      }
      update(history, list, seen, 1);
    }
    const Costs costs = costs_of(list, history);
    for (std::uint32_t i = 0; i < list.tests.size(); ++i) {
      const auto entry = history.tests.find({"", list.tests[i].name, ""});
      ASSERT_EQ(entry == history.tests.end() ? 0 : entry->second.runs, runs[i]);
      ASSERT_EQ(costs.known[i], !passed[i].empty() || red[i].count() > 0);
      if (!costs.known[i]) continue;
      ASSERT_EQ(entry->second.passed.samples, passed[i].size());
      ASSERT_GE(costs.test[i], red[i]);
      if (passed[i].empty()) continue;
      const auto [low, high] = std::minmax_element(passed[i].begin(), passed[i].end());
      ASSERT_GE(costs.test[i], *low);
      ASSERT_LE(costs.test[i], std::max(*high, red[i]));
      ASSERT_LE(entry->second.passed.deviation, *high - *low + nanoseconds(1));
    }
  }
}

}  // namespace
}  // namespace cleave::plan
