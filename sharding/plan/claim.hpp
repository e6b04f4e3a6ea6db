#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace cleave::plan {

inline constexpr std::uint32_t kNobody = 0;
inline constexpr std::int64_t kFromStart = -1;

/// The shared state of one group: who took it first, and where its first item that may be free lies.
struct GroupState {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  std::uint32_t next = 0;         ///< Every item of the group before it is claimed.
  std::uint32_t owner = kNobody;  ///< Lane + 1.
};

/// The shared state of one part, over memory that several processes map. Whoever calls claim() or release() holds the
/// queue's lock.
struct PartState {
  std::uint32_t first_group = 0;  ///< Into `groups`.
  std::uint32_t end_group = 0;
  std::uint32_t first_unowned = 0;  ///< Every group of the part before it has an owner.
  std::uint32_t free = 0;           ///< Items of the part that nobody claimed.
};

struct QueueView {
  PartState& part;
  std::span<GroupState> groups;
  std::span<std::uint32_t> holders;  ///< One for each item: lane + 1, or kNobody.
};

/// What came of asking for work.
struct Claim {
  std::vector<std::uint32_t> items;  ///< Ascending; now held by the lane.
  bool exclusive = false;            ///< It is one item whose locks were taken through `take_locks`.
  bool more = false;  ///< Nothing could be taken, but items are free: they wait for a lock, or lie behind `after`.
};

struct ClaimRequest {
  std::uint32_t lane = 0;
  /// Only items behind this one can be taken (a worker moves forward); kFromStart: any.
  std::int64_t after = kFromStart;
  std::uint32_t want = 1;           ///< At most so many items.
  std::uint32_t current_group = 0;  ///< The group the lane took from last: looked at first.
  bool one_group = false;           ///< Take from a single group (isolation by suite).
};

/// True when the item holds locks. `take_locks` below is only asked for such.
using NeedsLocks = std::function<bool(std::uint32_t item)>;
/// Takes all locks of the item or none; false when one of them is held elsewhere.
using TakeLocks = std::function<bool(std::uint32_t item)>;

/// Takes items for a lane: first from the group it is at, then from groups that nobody owns, in order; when every group
/// has an owner, from the one with the most free items. An item that needs locks is handed out alone; one that would
/// have to wait is passed over.
Claim claim(QueueView view, const ClaimRequest& request, const NeedsLocks& needs_locks, const TakeLocks& take_locks);

/// Gives an item back that was claimed but not run.
void release(QueueView view, std::uint32_t item);

}  // namespace cleave::plan
