// What tests of programs without Cleave need besides a job slot: locks, which all programs of the run share, more than
// one place, memory.
#include <algorithm>

#include "cli/pool.hpp"

namespace cleave::cli {

std::uint32_t Pool::weight_now() const {
  auto weight = static_cast<std::uint32_t>(sharded_.size());
  for (const Plain& each : plain_) weight += each.needs.weight;
  return weight;
}

/// All or nothing, so that no two wait for each other. Where nothing else runs, what is there is enough: nobody could
/// give back the rest, and a lock that is held then is held by something that a test left behind.
bool Pool::take(const plan::Constraints& wanted, Needs& needs) {
  const bool alone = !any_running();
  Needs taken;
  taken.weight = std::min(wanted.weight, lanes_);
  taken.memory = wanted.memory;
  if (!alone && weight_now() + taken.weight > lanes_) return false;
  if (wanted.memory > 0 && !alone) {
    std::uint64_t beside = 0;
    for (const Plain& each : plain_) beside += each.needs.memory;
    const plan::MemoryRoom room = memory_.read();
    if (wanted.memory > room.available || beside > room.total || wanted.memory > room.total - beside) return false;
  }
  for (const plan::LockUse& use : wanted.locks) {
    auto lock = os::FileLock::try_acquire(folder_ + "/locks/" + use.name, use.shared);
    const bool held = lock && lock->held();
    if (!held && !alone) return false;
    if (held) taken.locks.push_back(std::move(*lock));
  }
  // One slot is the batch's own.
  while (taken.slots + 1 < taken.weight && slots_.try_acquire()) ++taken.slots;
  if (!alone && taken.slots + 1 < taken.weight) {
    give_back(taken);
    return false;
  }
  needs = std::move(taken);
  return true;
}

void Pool::give_back(Needs& needs) {
  for (; needs.slots > 0; --needs.slots) slots_.release();
  needs = Needs{};
}

}  // namespace cleave::cli
