// Which tests of a program without Cleave go into the next process.
#include <algorithm>
#include <map>
#include <utility>

#include "cli/plain_run.hpp"

namespace cleave::cli {
namespace {

/// One argument of exec is at most 128 KiB long.
constexpr std::size_t kLongestFilter = 100000;
constexpr std::chrono::milliseconds kShortestBatch{50};

}  // namespace

std::chrono::nanoseconds PlainRun::cost_of(std::size_t unit) const {
  std::chrono::nanoseconds sum{};
  for (const std::uint32_t test : units_[unit].tests) {
    if (test < costs_.test.size()) sum += costs_.test[test];
  }
  return sum;
}

/// What takes longest first; the tests of a suite stay together, because they share a set-up.
void PlainRun::sort_by_cost() {
  if (std::ranges::find(costs_.known, true) == costs_.known.end()) return;
  const auto group_of = [&](std::size_t unit) {
    const plan::TestCase& test = report_.list.tests[units_[unit].tests.front()];
    return framework_ == Framework::gtest ? test.suite : std::to_string(unit);
  };
  std::map<std::string, std::chrono::nanoseconds> sums;
  for (const std::size_t unit : parallel_) sums[group_of(unit)] += cost_of(unit);
  std::ranges::stable_sort(parallel_,
                           [&](std::size_t a, std::size_t b) { return sums[group_of(a)] > sums[group_of(b)]; });
}

/// What wants more than one place comes early, when all of them are free.
void PlainRun::sort_by_priority() {
  const auto before = [&](std::size_t a, std::size_t b) {
    const plan::Constraints& first = units_[a].needs;
    const plan::Constraints& second = units_[b].needs;
    return std::pair(-first.priority, -std::int64_t{first.weight}) <
           std::pair(-second.priority, -std::int64_t{second.weight});
  };
  for (auto* waiting : {&parallel_, &serial_}) std::ranges::stable_sort(*waiting, before);
}

bool PlainRun::is_bound(std::size_t unit) const noexcept {
  const plan::Constraints& needs = units_[unit].needs;
  return !needs.locks.empty() || needs.weight > 1 || needs.memory > 0;
}

Batch PlainRun::alone(std::size_t unit, std::uint32_t attempt) const {
  return Batch{{unit}, attempt, units_[unit].needs.serial, units_[unit].needs};
}

std::int32_t PlainRun::priority(bool serial) const {
  const auto& again = retries_of(serial);
  const auto& waiting = serial ? serial_ : parallel_;
  return units_[again.empty() ? waiting.front() : again.front().units.front()].needs.priority;
}

std::optional<Batch> PlainRun::next(bool serial, std::uint32_t lanes, const Take& take) {
  auto& again = serial ? serial_retries_ : retries_;
  auto& waiting = serial ? serial_ : parallel_;
  const auto may = [&](std::size_t unit) { return !is_bound(unit) || take(units_[unit].needs); };
  const auto retry = std::ranges::find_if(again, [&](const Batch& batch) { return may(batch.units.front()); });
  if (retry != again.end()) {
    Batch batch = std::move(*retry);
    again.erase(retry);
    return batch;
  }
  const auto first = std::ranges::find_if(waiting, may);
  if (first == waiting.end()) return std::nullopt;
  if (!is_bound(*first)) return collect(waiting, static_cast<std::size_t>(first - waiting.begin()), serial, lanes);
  Batch batch = alone(*first, 1);
  waiting.erase(first);
  return batch;
}

/// From that place on what needs nothing but a job slot, as much of it as one process should run.
Batch PlainRun::collect(std::deque<std::size_t>& waiting, std::size_t from, bool serial, std::uint32_t lanes) {
  Batch batch;
  batch.serial = serial;
  std::chrono::nanoseconds all{};
  for (const std::size_t unit : waiting) all += cost_of(unit);
  const std::size_t share = serial ? 1 : 3 * std::size_t{lanes};
  const std::size_t most = one_at_a_time_ ? 1 : std::max<std::size_t>(1, (waiting.size() + share - 1) / share);
  const auto target = std::max<std::chrono::nanoseconds>(all / static_cast<std::int64_t>(share), kShortestBatch);
  const bool timed = all.count() > 0;
  std::chrono::nanoseconds taken{};
  std::size_t bytes = 0;
  const auto suite_of = [&](std::size_t unit) -> const std::string& {
    return report_.list.tests[units_[unit].tests.front()].suite;
  };
  std::deque<std::size_t> left(waiting.begin(), waiting.begin() + static_cast<std::ptrdiff_t>(from));
  std::size_t at = from;
  for (; at < waiting.size(); ++at) {
    const std::size_t unit = waiting[at];
    if (is_bound(unit)) {
      left.push_back(unit);
      continue;
    }
    const std::size_t count = batch.units.size();
    if (count > 0) {
      const bool full = timed ? taken + cost_of(unit) > target : count >= most;
      // A little more saves a set-up.
      const bool same_suite = framework_ == Framework::gtest && suite_of(unit) == suite_of(batch.units.back());
      if (one_at_a_time_ || (full && !(same_suite && !timed && count < most + most / 2))) break;
    }
    std::size_t length = 0;
    for (const std::string& pattern : units_[unit].patterns) length += pattern.size() + 1;
    if (count > 0 && bytes + length > kLongestFilter) break;
    bytes += length;
    taken += cost_of(unit);
    batch.units.push_back(unit);
  }
  left.insert(left.end(), waiting.begin() + static_cast<std::ptrdiff_t>(at), waiting.end());
  waiting = std::move(left);
  return batch;
}

}  // namespace cleave::cli
