#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "plan/outcome.hpp"

namespace cleave::plan {

/// Under which conditions an attempt runs. Each rung of the ladder takes one suspect away, so that the first one that
/// passes names what made the test fail. The values are stored in journals: never renumber.
enum class Rung : std::uint8_t {
  first = 0,          ///< As planned.
  same_process = 1,   ///< At once, in the process in which it failed: what passes now failed by chance.
  fresh_process = 2,  ///< In a process that ran nothing before: earlier tests left something behind.
  alone = 3,          ///< In such a process, while no other shard of the run runs a test: others interfere.
};

/// "in the same process" and so on, for reports.
std::string name_of(Rung rung);
/// What a pass on that rung says about the failures before it, of which one was in the same process as the first or
/// none was (it crashed, or the framework cannot). Empty for the first.
std::string cause_of(Rung rung, bool failed_in_same_process);

struct RetryPolicy {
  std::uint32_t retries = 0;  ///< Attempts after the first.
  /// Before the attempt k + 1 it waits backoff · 2^(k-1), times a factor from 0.5 to 1.5 that item and attempt
  /// determine, at most a minute.
  std::chrono::nanoseconds backoff{std::chrono::milliseconds(50)};
  bool same_process = false;  ///< A worker can run a test a second time; else the ladder begins with a fresh process.
};

/// Another attempt that is due.
struct Retry {
  std::uint32_t item = 0;
  std::uint32_t attempt = 2;
  Rung rung = Rung::fresh_process;
  std::chrono::nanoseconds not_before{};
};

/// Counts attempts and decides about further ones. Pure.
class RetryBook {
 public:
  explicit RetryBook(RetryPolicy policy) : policy_(policy) {}

  /// From 1.
  std::uint32_t attempt_of(std::uint32_t item) const;
  Rung rung_of(std::uint32_t item) const;
  /// True when an attempt that ended like this leaves room for another one.
  bool wants_again(std::uint32_t item, Outcome outcome) const;
  /// There is another one: it waits until it is due, or, on the rung same_process, is already on its way.
  /// @pre wants_again(item, outcome)
  void plan_again(std::uint32_t item, Outcome outcome, std::chrono::nanoseconds now);
  /// True when the next attempt after a failure runs in the same process.
  bool next_is_in_same_process(std::uint32_t item) const;
  /// The attempt that plan_again() put on the rung same_process cannot run there: it waits for a fresh process.
  /// @pre rung_of(item) == Rung::same_process, and that attempt has not started
  void leave_process(std::uint32_t item, std::chrono::nanoseconds now);

  /// What is due now, those that need not be alone first; it is taken out.
  std::optional<Retry> next_due(std::chrono::nanoseconds now);
  /// Put back what could not start.
  void put_back(const Retry& retry) { waiting_.push_front(retry); }
  bool empty() const noexcept { return waiting_.empty(); }
  /// When the next one is due; nanoseconds::max() for none.
  std::chrono::nanoseconds due() const;
  /// Gives all of them up.
  std::deque<Retry> take_all() { return std::exchange(waiting_, {}); }

 private:
  struct State {
    std::uint32_t attempt = 1;
    Rung rung = Rung::first;
  };
  Rung rung_after(const State& state, Outcome outcome) const;
  void wait(std::uint32_t item, const State& state, std::chrono::nanoseconds now);

  RetryPolicy policy_;
  std::map<std::uint32_t, State> states_;  ///< Of items with more than one attempt.
  std::deque<Retry> waiting_;
};

}  // namespace cleave::plan
