#include "plan/history.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

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

bool is_old(Day last_seen, Day today) noexcept { return std::int64_t{today} - last_seen > kDaysKept; }

template <class Map>
bool any_old(const Map& entries, Day today) {
  return std::any_of(entries.begin(), entries.end(),
                     [&](const auto& entry) { return is_old(entry.second.last_seen, today); });
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

namespace {

using Names = std::pair<std::string_view, std::string_view>;

/// The names that several tests of the list have.
std::set<Names> shared_names(const TestList& list) {
  std::vector<Names> names;
  names.reserve(list.tests.size());
  for (const TestCase& test : list.tests) names.emplace_back(test.suite, test.name);
  std::sort(names.begin(), names.end());
  std::set<Names> shared;
  for (auto twin = names.begin(); (twin = std::adjacent_find(twin, names.end())) != names.end(); ++twin) {
    shared.insert(*twin);
  }
  return shared;
}

TestKey key_of(const TestCase& test, const std::set<Names>& shared) {
  const bool needs_file = !shared.empty() && shared.count({test.suite, test.name}) != 0;
  return {test.suite, test.name, needs_file ? test.file : std::string()};
}

}  // namespace

std::vector<TestKey> keys_of(const TestList& list) {
  const std::set<Names> shared = shared_names(list);
  std::vector<TestKey> keys;
  keys.reserve(list.tests.size());
  for (const TestCase& test : list.tests) keys.push_back(key_of(test, shared));
  return keys;
}

void update(History& history, const TestList& list, const Observations& seen, Day today) {
  const std::set<Names> shared = shared_names(list);
  for (const TestObservation& observed : seen.tests) {
    CLEAVE_ASSERT(observed.index < list.tests.size());
    const auto [place, is_new] = history.tests.try_emplace(key_of(list.tests[observed.index], shared));
    TestHistory& test = place->second;
    bool ran = false;
    for (const TestObservation::Attempt& attempt : observed.attempts) ran = take(test, attempt) || ran;
    if (ran) {
      test.last_seen = std::max(test.last_seen, today);
      test.red = observed.red;
      if (observed.flaky && test.flaky < UINT32_MAX) ++test.flaky;
    } else if (is_new) {
      history.tests.erase(place);
    }
  }
  for (const CostObservation& observed : seen.costs) {
    CostHistory& entry = observed.suite.empty() ? history.process_start : history.suites[observed.suite];
    entry.cost.add(observed.duration);
    entry.last_seen = std::max(entry.last_seen, today);
  }
}

void prune(History& history, const TestList& present, Day today) {
  if (any_old(history.tests, today)) {
    const std::vector<TestKey> keys = keys_of(present);
    const std::set<TestKey> listed(keys.begin(), keys.end());
    std::erase_if(history.tests, [&](const auto& entry) {
      return is_old(entry.second.last_seen, today) && listed.count(entry.first) == 0;
    });
  }
  if (any_old(history.suites, today)) {
    std::set<std::string_view> listed;
    for (const TestCase& test : present.tests) listed.insert(test.suite);
    std::erase_if(history.suites, [&](const auto& entry) {
      return is_old(entry.second.last_seen, today) && listed.count(entry.first) == 0;
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
  Costs costs;
  const std::size_t count = list.tests.size();
  costs.test.resize(count);
  costs.known.resize(count, false);
  costs.failed_last.resize(count, false);
  const std::vector<TestKey> keys = keys_of(list);
  std::vector<nanoseconds> durations;
  for (std::size_t i = 0; i < count; ++i) {
    const auto found = history.tests.find(keys[i]);
    if (found == history.tests.end()) continue;
    costs.failed_last[i] = found->second.red;
    costs.known[i] = found->second.has_duration();
    if (!costs.known[i]) continue;
    costs.test[i] = found->second.expected();
    durations.push_back(costs.test[i]);
  }
  const nanoseconds median = median_of(std::move(durations));
  for (std::size_t i = 0; i < count; ++i) {
    if (!costs.known[i]) costs.test[i] = median;
    const auto suite = history.suites.find(list.tests[i].suite);
    if (suite != history.suites.end()) costs.suite_set_up[suite->first] = suite->second.cost.mean;
  }
  costs.process_start = history.process_start.cost.mean;
  return costs;
}

}  // namespace cleave::plan
