#include "plan/retry.hpp"

#include <algorithm>

#include "plan/test_case.hpp"

namespace cleave::plan {
namespace {

using std::chrono::nanoseconds;

constexpr nanoseconds kLongestPause = std::chrono::minutes(1);

bool may_be_tried_again(Outcome outcome) {
  return outcome == Outcome::failed || outcome == Outcome::crashed || outcome == Outcome::timed_out;
}

/// From 0.5 to 1.5; the same for the same item and attempt, so that a run can be told from its journal.
double spread(std::uint32_t item, std::uint32_t attempt) {
  const std::uint64_t hash = identity_of("retry", std::to_string(item), "", static_cast<std::int32_t>(attempt));
  return 0.5 + static_cast<double>(hash >> 11) * 0x1p-53;
}

}  // namespace

std::string name_of(Rung rung) {
  switch (rung) {
    case Rung::first: return "as planned";
    case Rung::same_process: return "in the same process";
    case Rung::fresh_process: return "in a fresh process";
    case Rung::alone: return "alone";
  }
  return "unknown";
}

std::string cause_of(Rung rung, bool failed_in_same_process) {
  switch (rung) {
    case Rung::first: return "";
    case Rung::same_process: return "it failed by chance: it passed when run again in the same process";
    case Rung::fresh_process:
      return failed_in_same_process
                 ? "earlier tests left something behind: it passed in a fresh process"
                 : "it failed by chance, or earlier tests left something behind: it passed in a fresh process";
    case Rung::alone: return "other shards interfere: it passed when nothing ran beside it";
  }
  return "";
}

std::uint32_t RetryBook::attempt_of(std::uint32_t item) const {
  const auto found = states_.find(item);
  return found == states_.end() ? 1 : found->second.attempt;
}

Rung RetryBook::rung_of(std::uint32_t item) const {
  const auto found = states_.find(item);
  return found == states_.end() ? Rung::first : found->second.rung;
}

Rung RetryBook::rung_after(const State& state, Outcome outcome) const {
  if (state.rung == Rung::first && policy_.same_process && outcome == Outcome::failed) return Rung::same_process;
  if (state.rung == Rung::first || state.rung == Rung::same_process) return Rung::fresh_process;
  return Rung::alone;
}

bool RetryBook::next_is_in_same_process(std::uint32_t item) const {
  return policy_.retries > 0 && policy_.same_process && states_.count(item) == 0;
}

bool RetryBook::wants_again(std::uint32_t item, Outcome outcome) const {
  return may_be_tried_again(outcome) && attempt_of(item) <= policy_.retries;
}

void RetryBook::plan_again(std::uint32_t item, Outcome outcome, nanoseconds now) {
  State& state = states_[item];
  state.rung = rung_after(state, outcome);
  ++state.attempt;
  if (state.rung != Rung::same_process) wait(item, state, now);
}

void RetryBook::leave_process(std::uint32_t item, nanoseconds now) {
  State& state = states_[item];
  state.rung = Rung::fresh_process;
  wait(item, state, now);
}

void RetryBook::wait(std::uint32_t item, const State& state, nanoseconds now) {
  const std::uint32_t ended = state.attempt - 1;
  const double doubled = static_cast<double>(1ULL << std::min(ended - 1, 40U));
  const double pause = static_cast<double>(policy_.backoff.count()) * doubled * spread(item, ended);
  const auto capped = static_cast<std::int64_t>(std::min(pause, static_cast<double>(kLongestPause.count())));
  waiting_.push_back(Retry{item, state.attempt, state.rung, now + nanoseconds(capped)});
}

std::optional<Retry> RetryBook::next_due(nanoseconds now) {
  for (const bool alone : {false, true}) {
    const auto due = std::find_if(waiting_.begin(), waiting_.end(), [&](const Retry& retry) {
      return (retry.rung == Rung::alone) == alone && retry.not_before <= now;
    });
    if (due == waiting_.end()) continue;
    const Retry retry = *due;
    waiting_.erase(due);
    return retry;
  }
  return std::nullopt;
}

nanoseconds RetryBook::due() const {
  nanoseconds next = nanoseconds::max();
  for (const Retry& retry : waiting_) next = std::min(next, retry.not_before);
  return next;
}

}  // namespace cleave::plan
