// How a lane comes to its next worker: what a dead one left, a retry that is due, or work that nobody has.
#include <utility>

#include "plan/lane.hpp"

namespace cleave::plan {
namespace {

/// So many crashes and time-outs in a row, and a shard leaves the tests to others.
constexpr std::uint32_t kCrashesInARow = 5;

}  // namespace

Isolation Lane::isolation_of(std::uint32_t item) const { return plan_.groups[plan_.group_of(item)].isolation; }

/// As far as tags say: a group that is isolated shares a process with nothing else.
bool Lane::share_process(std::uint32_t one, std::uint32_t other) const {
  const bool isolated = isolation_of(one) != Isolation::shard || isolation_of(other) != Isolation::shard;
  return !isolated || plan_.group_of(one) == plan_.group_of(other);
}

std::vector<Command> Lane::next(WorkSource& source, Nanoseconds now) {
  if (const std::string why = source.stopped(); !why.empty() && !(pending_.empty() && retries_.empty())) {
    std::vector<Command> out;
    batch_.swap(pending_);
    record_rest(Outcome::not_run, why, out);
    give_up_retries(out);
    return out;
  }
  if (!pending_.empty()) return start_pending(source, now);
  if (auto started = start_retry(source, now); !started.empty()) return started;
  return start_claimed(source, now);
}

std::vector<Command> Lane::start(std::vector<std::uint32_t> items, std::uint32_t attempt, Nanoseconds now) {
  worker_ = Worker{};
  worker_.alive = true;
  worker_.since = now;
  worker_.only_batch = attempt > 1 || isolation_of(items.front()) != Isolation::shard;
  worker_.started = now;
  give(items, now);
  worker_.only = !may_get_more() && !gift(items).may_run_again;
  const bool one_suite = options_.isolation == Isolation::suite && !options_.one_at_a_time;
  return {command::Start{std::move(items), attempt, worker_.only, one_suite}};
}

/// What a dead worker left: in one process, of one repetition, in running order. What is exclusive takes its locks
/// anew.
std::vector<Command> Lane::start_pending(WorkSource& source, Nanoseconds now) {
  const std::uint32_t first = pending_.front();
  exclusive_ = source.is_exclusive(first);
  if (exclusive_ && !source.claim_again(first, false)) {
    exclusive_ = false;
    return {};
  }
  std::vector<std::uint32_t> items;
  const bool one = exclusive_ || options_.isolation == Isolation::test || isolation_of(first) == Isolation::test;
  while (
      !pending_.empty() && plan_.items[pending_.front()].repetition == plan_.items[first].repetition &&
      (items.empty() || (!one && !source.is_exclusive(pending_.front()) && share_process(first, pending_.front())))) {
    items.push_back(pending_.front());
    pending_.pop_front();
  }
  return start(std::move(items), retries_.attempt_of(first), now);
}

std::vector<Command> Lane::start_retry(WorkSource& source, Nanoseconds now) {
  const auto retry = retries_.next_due(now);
  if (!retry) return {};
  const bool alone = retry->rung == Rung::alone;
  if (!source.claim_again(retry->item, alone)) {
    retries_.put_back(*retry);
    return {};
  }
  exclusive_ = true;
  return start({retry->item}, retry->attempt, now);
}

std::vector<Command> Lane::start_claimed(WorkSource& source, Nanoseconds now) {
  if (retired_) return {};
  if (crashes_in_a_row_ >= kCrashesInARow && options_.lanes > 1 && source.others_work()) return retire();
  Claim claimed = source.claim(kFromStart, want(source), claim_isolation(), budget());
  done_ = claimed.items.empty() && !claimed.more;
  if (claimed.items.empty()) return {};
  exclusive_ = claimed.exclusive;
  // One process is one repetition: what lies in the next one waits for the next process.
  std::vector<std::uint32_t> items;
  const std::uint32_t repetition = plan_.items[claimed.items.front()].repetition;
  for (const std::uint32_t item : claimed.items) {
    if (plan_.items[item].repetition == repetition) {
      items.push_back(item);
    } else {
      pending_.push_back(item);
    }
  }
  return start(std::move(items), 1, now);
}

/// Whatever makes one test after the other crash here (a server of this shard that died, a full disk) does not do so in
/// other shards. The last shard at work never leaves: somebody has to tell what each test does.
std::vector<Command> Lane::retire() {
  retired_ = true;
  done_ = true;
  command::Trouble trouble;
  trouble.title = options_.shard + ": takes no more tests after " + std::to_string(crashes_in_a_row_) +
                  " crashes in a row; other shards go on";
  trouble.warning = true;
  return {std::move(trouble)};
}

void Lane::give_up_retries(std::vector<Command>& out) {
  for (const Retry& retry : retries_.take_all()) out.push_back(command::GiveUp{retry.item});
}

}  // namespace cleave::plan
