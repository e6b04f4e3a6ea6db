#include "plan/history.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "plan/cost_table.hpp"
#include "plan/key_index.hpp"

namespace cleave::plan {
namespace {

using std::chrono::nanoseconds;

nanoseconds within_limits(nanoseconds duration) noexcept {
  return std::clamp(duration, nanoseconds(0), kLongestDuration);
}

char letter_of(Outcome outcome) noexcept {
  switch (outcome) {
    case Outcome::passed: return 'p';
    case Outcome::failed: return 'f';
    case Outcome::skipped: return 's';
    case Outcome::crashed: return 'c';
    case Outcome::timed_out: return 't';
    case Outcome::disabled:
    case Outcome::not_run: return 0;
  }
  return 0;
}

/// False for an attempt that never started.
bool take(TestHistory& test, const TestObservation::Attempt& attempt) {
  const char letter = letter_of(attempt.outcome);
  if (letter == 0) return false;
  if (test.runs < UINT32_MAX) ++test.runs;
  test.outcomes.push_back(letter);
  if (test.outcomes.size() > kOutcomesKept) test.outcomes.erase(0, 1);
  if (attempt.outcome == Outcome::passed) {
    test.passed.add(attempt.duration);
    test.longest_red = {};
  } else if (!is_green(attempt.outcome)) {
    test.longest_red = std::max(test.longest_red, within_limits(attempt.duration));
  }
  return true;
}

template <class Map>
bool any_old(const Map& entries, Day today) {
  return std::any_of(entries.begin(), entries.end(),
                     [&](const auto& entry) { return is_long_gone(entry.second.last_seen, today); });
}

template <class Map>
void take_newer(Map& into, const Map& from) {
  for (const auto& [key, entry] : from) {
    const auto [place, is_new] = into.try_emplace(key, entry);
    if (!is_new && place->second < entry) place->second = entry;
  }
}

/// Zero when there are none.
nanoseconds median_of(std::vector<nanoseconds> durations) {
  if (durations.empty()) return {};
  const auto middle = durations.begin() + static_cast<std::ptrdiff_t>(durations.size() / 2);
  std::nth_element(durations.begin(), middle, durations.end());
  return *middle;
}

}  // namespace

Day day_of(nanoseconds since_1970) noexcept {
  const auto days = std::chrono::duration_cast<std::chrono::hours>(since_1970).count() / 24;
  return static_cast<Day>(std::max<std::int64_t>(days, 0));
}

/// Finch, "Incremental calculation of weighted mean and variance" (2009), section 9. The deviation is that of the
/// weighted samples themselves, so that one slow run is seen and forgotten at the pace of the mean.
void Estimate::add(nanoseconds sample) noexcept {
  if (samples < UINT32_MAX) ++samples;
  const double weight = std::max(kWeightOfNewSample, 1.0 / samples);
  const double difference = static_cast<double>((within_limits(sample) - mean).count());
  const double spread = static_cast<double>(deviation.count());
  const double variance = (1 - weight) * (spread * spread + weight * difference * difference);
  mean = within_limits(mean + nanoseconds(std::llround(weight * difference)));
  deviation = within_limits(nanoseconds(std::llround(std::sqrt(variance))));
}

std::vector<TestKey> keys_of(const TestList& list) {
  const KeyIndex index(list);
  std::vector<TestKey> keys;
  keys.reserve(list.tests.size());
  for (std::uint32_t test = 0; test < list.tests.size(); ++test) keys.push_back(index.key_of(test));
  return keys;
}

bool is_long_gone(Day last_seen, Day today) noexcept { return std::int64_t{today} - last_seen > kDaysKept; }

bool take_in(TestHistory& test, const TestObservation& seen, Day today) {
  bool ran = false;
  for (const TestObservation::Attempt& attempt : seen.attempts) ran = take(test, attempt) || ran;
  if (!ran) return false;
  test.last_seen = std::max(test.last_seen, today);
  test.red = seen.red;
  if (seen.flaky && test.flaky < UINT32_MAX) ++test.flaky;
  return true;
}

void take_in(CostHistory& cost, const CostObservation& seen, Day today) {
  cost.cost.add(seen.duration);
  cost.last_seen = std::max(cost.last_seen, today);
}

void update(History& history, const TestList& list, const Observations& seen, Day today) {
  const KeyIndex index(list);
  for (const TestObservation& observed : seen.tests) {
    CLEAVE_ASSERT(observed.index < list.tests.size());
    const auto [place, is_new] = history.tests.try_emplace(index.key_of(observed.index));
    if (!take_in(place->second, observed, today) && is_new) history.tests.erase(place);
  }
  for (const CostObservation& observed : seen.costs) {
    take_in(observed.suite.empty() ? history.process_start : history.suites[observed.suite], observed, today);
  }
}

void prune(History& history, const TestList& present, Day today) {
  if (any_old(history.tests, today)) {
    const KeyIndex listed(present);
    std::erase_if(history.tests, [&](const auto& entry) {
      return is_long_gone(entry.second.last_seen, today) && !listed.has(entry.first);
    });
  }
  if (any_old(history.suites, today)) {
    std::set<std::string_view> listed;
    for (const TestCase& test : present.tests) listed.insert(test.suite);
    std::erase_if(history.suites, [&](const auto& entry) {
      return is_long_gone(entry.second.last_seen, today) && listed.count(entry.first) == 0;
    });
  }
}

History merge(History a, const History& b) {
  take_newer(a.tests, b.tests);
  take_newer(a.suites, b.suites);
  a.process_start = std::max(a.process_start, b.process_start);
  return a;
}

Costs costs_of(const TestList& list, const History& history) {
  CostTable table(list);
  const KeyIndex index(list);
  for (std::uint32_t test = 0; test < list.tests.size(); ++test) {
    const auto found = history.tests.find(index.key_of(test));
    if (found != history.tests.end()) table.set(test, found->second);
  }
  return std::move(table).finish(history);
}

CostTable::CostTable(const TestList& list) : list_(list) {
  costs_.test.resize(list.tests.size());
  costs_.known.resize(list.tests.size(), false);
  costs_.failed_last.resize(list.tests.size(), false);
}

void CostTable::set(std::uint32_t test, const TestHistory& known) {
  costs_.failed_last[test] = known.red;
  costs_.known[test] = known.has_duration();
  if (costs_.known[test]) costs_.test[test] = known.expected();
}

Costs CostTable::finish(const History& others) && {
  std::vector<nanoseconds> durations;
  for (std::size_t test = 0; test < costs_.test.size(); ++test) {
    if (costs_.known[test]) durations.push_back(costs_.test[test]);
  }
  const nanoseconds median = median_of(std::move(durations));
  const std::string* suite = nullptr;  // Of the test before: most have the same one.
  for (std::size_t test = 0; test < costs_.test.size(); ++test) {
    if (!costs_.known[test]) costs_.test[test] = median;
    if (suite != nullptr && *suite == list_.tests[test].suite) continue;
    suite = &list_.tests[test].suite;
    const auto found = others.suites.find(*suite);
    if (found != others.suites.end()) costs_.suite_set_up[*suite] = found->second.cost.mean;
  }
  costs_.process_start = others.process_start.cost.mean;
  return std::move(costs_);
}

}  // namespace cleave::plan
