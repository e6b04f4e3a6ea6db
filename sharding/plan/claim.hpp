#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <vector>

#include "plan/board.hpp"

namespace cleave::plan {

inline constexpr std::int64_t kFromStart = -1;

/// An item that will not run, because a barrier failed.
struct Doomed {
  std::uint32_t item = 0;
  std::uint32_t barrier = 0;
};

/// What came of asking for work.
struct Claim {
  std::vector<std::uint32_t> items;  ///< Ascending; now held by the lane.
  bool exclusive = false;  ///< It is one item, which holds locks, or weight or memory of its own, until the next claim.
  /// Nothing could be taken, but there may be something later: what is free waits for a lock, for its turn, or at a
  /// barrier that another lane of the part works on, or lies behind `after`. False when the part has nothing more to
  /// give unless another part goes on.
  bool more = false;
  /// With `more`: what comes later may be for this very worker. Something that it can still run waits at a
  /// barrier, or in the only group that it runs, and nothing that is free now needs a fresh one.
  bool worth_waiting = false;
  /// Now held by the lane and ended on the board as not run. Their outcome is to be told.
  std::vector<Doomed> doomed;
};

struct ClaimRequest {
  std::uint32_t part = 0;
  std::uint32_t lane = 0;
  /// Only items behind this one can be taken (a worker moves forward); kFromStart: any.
  std::int64_t after = kFromStart;
  std::uint32_t want = 1;           ///< At most so many items.
  std::uint32_t current_group = 0;  ///< The group the lane took from last: looked at first.
  /// suite: take from a single group, a worker that goes on from the one it is at; test: one item, whatever a group
  /// says.
  Isolation isolation = Isolation::shard;
  std::chrono::nanoseconds now{};  ///< Of the monotonic clock.
  /// The batch ends when its items are expected to take so long; at least one is given. Zero: no such limit.
  std::chrono::nanoseconds budget{};
  std::uint64_t memory_now = UINT64_MAX;  ///< Bytes that are free on the machine.
};

/// True when the item holds locks. `take_locks` below is only asked for such.
using NeedsLocks = std::function<bool(std::uint32_t item)>;
/// Takes all locks of the item or none; false when one of them is held elsewhere.
using TakeLocks = std::function<bool(std::uint32_t item)>;

/// Takes items for a lane: first from the group it is at and what follows it in its suite, then from groups that nobody
/// owns, in the plan's order; when every group has an owner, from the one with the most free items. What the lane held
/// of weight and memory before is given back first.
///
/// - A group behind a barrier is passed over until the barrier is open; behind a failed one it is doomed.
/// - With isolation suite nobody helps a lane that is at work with its group.
/// - An item that holds locks is handed out alone; one that would have to wait for a lock is passed over.
/// - An item heavier than 1 is handed out alone. When it does not fit beside what runs, nothing behind it starts
/// either,
///   so that it is not put off for ever. One heavier than the capacity runs when nothing else does.
/// - A group of its own isolation is only handed out to a fresh worker, and alone: whole, or one item of it.
/// - An item with `memory:` is passed over while it does not fit, unless nothing runs at all.
/// - A big group that begins at or before `after` is not passed over for a smaller one: nothing is handed out, and
///   the lane comes back with a fresh worker.
Claim claim(const Board& board, const ClaimRequest& request, const NeedsLocks& needs_locks,
            const TakeLocks& take_locks);

/// True when the lane may run an item once more that it took before: its locks, weight and memory are taken then. With
/// `alone` it waits until no other lane runs anything, and none starts anything until the lane claims again.
/// `request.want` and the like do not matter.
bool claim_again(const Board& board, const ClaimRequest& request, std::uint32_t item, bool alone,
                 const NeedsLocks& needs_locks, const TakeLocks& take_locks);

}  // namespace cleave::plan
