#include "run/work_source.hpp"

#include <algorithm>

#include "os/machine.hpp"

namespace cleave::run {

ShardSource::ShardSource(Setup setup) : setup_(std::move(setup)), left_(setup_.only) {
  if (setup_.fixed) setup_.queue->reopen(setup_.only, setup_.lane);
  const auto& groups = setup_.context->plan.groups;
  const bool counts = std::any_of(groups.begin(), groups.end(), [](const auto& group) { return group.memory > 0; });
  if (counts) memory_ = os::MemoryGauge::of_this_process();
}

plan::Claim ShardSource::claim(std::int64_t after, std::uint32_t want, plan::Isolation isolation,
                               plan::Nanoseconds budget) {
  setup_.fixtures->refresh();
  while (true) {
    plan::ClaimRequest wish = request();
    wish.after = after;
    wish.want = want;
    wish.isolation = isolation;
    wish.budget = budget;
    plan::Claim claimed = setup_.fixed ? claim_fixed(after) : claim_from_queue(wish);
    for (const plan::Doomed& doomed : claimed.doomed) {
      setup_.on_not_run(doomed.item, setup_.queue->why_doomed(doomed.barrier));
    }
    if (claimed.items.empty()) return claimed;
    drop_those_without_fixture(claimed);
    if (!claimed.items.empty()) return claimed;
    release();
  }
}

/// Tests whose fixture is not up come to their outcome here.
void ShardSource::drop_those_without_fixture(plan::Claim& claimed) {
  std::erase_if(claimed.items, [&](std::uint32_t item) {
    const std::string why = setup_.fixtures->why_not(item);
    if (why.empty()) return false;
    setup_.on_not_run(item, why);
    return true;
  });
}

plan::ClaimRequest ShardSource::request() {
  plan::ClaimRequest request;
  request.part = setup_.part;
  request.lane = setup_.lane;
  request.current_group = group_;
  request.now = os::monotonic_now();
  if (memory_) request.memory_now = memory_->read().available;
  return request;
}

plan::Claim ShardSource::claim_from_queue(plan::ClaimRequest request) {
  plan::Claim claimed = setup_.queue->claim(
      request, [this](std::uint32_t item) { return !locks_of(item).empty(); },
      [this](std::uint32_t item) { return take_locks(item); });
  if (!claimed.items.empty()) group_ = setup_.context->plan.group_of(claimed.items.back());
  return claimed;
}

/// One item at a time: the first whose turn it is. Those that wait for others of the list come behind them.
plan::Claim ShardSource::claim_fixed(std::int64_t after) {
  plan::Claim claimed;
  const plan::Plan& plan = setup_.context->plan;
  for (std::size_t i = 0; i < left_.size();) {
    const std::uint32_t item = left_[i];
    const auto place = left_.begin() + static_cast<std::ptrdiff_t>(i);
    const Queue::Turn turn = setup_.queue->turn_of(item, setup_.lane);
    if (!turn.why_not.empty()) {
      left_.erase(place);
      setup_.on_not_run(item, turn.why_not);
      i = 0;  // Its end may be what others of the list waited for.
      continue;
    }
    claimed.more = true;
    const bool isolated = plan.groups[plan.group_of(item)].isolation != plan::Isolation::shard;
    const bool fits = static_cast<std::int64_t>(item) > after && !(isolated && after != plan::kFromStart);
    if (!turn.waits && fits && (locks_of(item).empty() || take_locks(item))) {
      claimed.exclusive = !locks_of(item).empty();
      claimed.items.push_back(item);
      left_.erase(place);
      return claimed;
    }
    ++i;
  }
  return claimed;
}

bool ShardSource::is_exclusive(std::uint32_t item) {
  const plan::Group& group = setup_.context->plan.groups[setup_.context->plan.group_of(item)];
  return group.weight > 1 || group.memory > 0 || !locks_of(item).empty();
}

bool ShardSource::claim_again(std::uint32_t item, bool alone) {
  return setup_.queue->claim_again(
      request(), item, alone, [this](std::uint32_t each) { return !locks_of(each).empty(); },
      [this](std::uint32_t each) { return take_locks(each); });
}

std::uint32_t ShardSource::free_items() {
  return setup_.fixed ? static_cast<std::uint32_t>(left_.size()) : setup_.queue->free_items(setup_.part);
}

const std::vector<plan::LockUse>& ShardSource::locks_of(std::uint32_t item) const {
  return setup_.context->constraints[setup_.context->plan.items[item].index].locks;
}

/// All of them or none; a test never waits for one lock while it holds another.
bool ShardSource::take_locks(std::uint32_t item) {
  std::vector<os::FileLock> taken;
  for (const plan::LockUse& use : locks_of(item)) {
    auto lock = os::FileLock::try_acquire(setup_.context->shared + "/locks/" + use.name, use.shared);
    if (!lock || !lock->held()) return false;
    taken.push_back(std::move(*lock));
  }
  locks_ = std::move(taken);
  return true;
}

void ShardSource::release() {
  locks_.clear();
  if (!setup_.keeps_room) setup_.queue->rest(setup_.lane);
}

void ShardSource::worker_ended() {
  if (setup_.keeps_room) setup_.queue->rest(setup_.lane);
}

}  // namespace cleave::run
