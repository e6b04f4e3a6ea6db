#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "plan/planner.hpp"

namespace cleave::plan {

inline constexpr std::uint32_t kNobody = 0;

/// What the processes of a run know together, as it lies in memory that all of them map: who took what, what came of
/// it, what waits for what. Holds no address. Whoever reads or changes it holds the run's lock.

struct BoardHeader {
  std::uint32_t items = 0;
  std::uint32_t groups = 0;
  std::uint32_t parts = 0;
  std::uint32_t barriers = 0;
  std::uint32_t lanes = 0;
  std::uint32_t red = 0;           ///< Items that ended red.
  std::uint32_t red_limit = 0;     ///< So many end the run; 0: any number is borne.
  std::uint32_t retries_left = 0;  ///< How many more attempts the run allows.
  std::uint32_t alone =
      kNobody;                 ///< Lane + 1 that wants to run beside nothing, or does: no other lane starts anything.
  std::uint32_t capacity = 1;  ///< Weight that may run at a time.
  std::uint64_t memory = 0;    ///< Bytes that tests with `memory:` may have together.
};
struct PartState {
  std::uint32_t free = 0;     ///< Items that nobody took.
  std::uint32_t running = 0;  ///< Items that were taken and did not end.
};
struct GroupState {
  std::uint32_t next = 0;         ///< Every item of the group before it is taken.
  std::uint32_t owner = kNobody;  ///< Lane + 1.
};
struct BarrierState {
  std::uint32_t open_items = 0;  ///< Members that did not end.
  std::uint32_t failed_by = 0;   ///< 0: not failed. Else the member + 1, or kTimedOut.
  std::int64_t began = 0;        ///< When its first member was taken, in ns of the monotonic clock; 0: not yet.
};
inline constexpr std::uint32_t kTimedOut = UINT32_MAX;
struct LaneState {
  std::uint64_t weight = 0;  ///< What it runs weighs; 0: it runs nothing.
  std::uint64_t memory = 0;  ///< What it runs may take.
};
/// How an item ended. What is not run fails the barriers that it belongs to, as a red one does, but is no failure of
/// its own.
enum class ItemEnd : std::uint8_t { open, green, red, not_run };

struct BoardOptions {
  std::uint32_t lanes = 1;
  std::uint32_t red_limit = 0;
  std::uint32_t retries = 0;
  std::uint32_t capacity = 1;
  std::uint64_t memory = UINT64_MAX;
};

/// A view of such memory for a plan. Copies see the same board.
class Board {
 public:
  static std::size_t size_for(const Plan& plan, std::uint32_t lanes);
  /// Makes the board anew in size_for() bytes at `memory`, aligned to 8.
  static Board make(void* memory, const Plan& plan, const BoardOptions& options);
  /// The board that make() left there.
  Board(void* memory, const Plan& plan);

  /// True when what lies at `memory` can be a board that make() left for this plan and so many lanes, whatever has
  /// been done with it since: every number that leads somewhere leads to something. Looks at size_for() bytes.
  static bool is_sound(const void* memory, const Plan& plan, std::uint32_t lanes);

  BoardHeader& header() const { return *header_; }
  PartState& part(std::uint32_t number) const { return parts_[number]; }
  GroupState& group(std::uint32_t number) const { return groups_[number]; }
  BarrierState& barrier(std::uint32_t number) const { return barriers_[number]; }
  std::span<LaneState> lanes() const { return lanes_; }
  /// By item: lane + 1, or kNobody.
  std::span<std::uint32_t> holders() const { return holders_; }
  std::span<ItemEnd> ends() const { return ends_; }
  const Plan& plan() const { return *plan_; }

  /// Closed: it waits at a barrier that is not open yet. Doomed: at one that failed, or it belongs to a phase whose
  /// time is over; `by` is then that barrier.
  enum class GateState : std::uint8_t { open, closed, doomed };
  GateState gate_of(std::uint32_t group, std::uint32_t& by) const;

  /// The lane runs the item; its barriers' clocks start.
  void take(std::uint32_t item, std::uint32_t lane, std::chrono::nanoseconds now) const;
  /// The item came to its end for good. Counts once.
  void finish(std::uint32_t item, ItemEnd end) const;
  /// What ended and is to run once more, by this lane: barriers that it is a member of are closed again until it ends,
  /// and have not failed unless another member did.
  void reopen(std::span<const std::uint32_t> items, std::uint32_t lane) const;
  /// The lane runs nothing at the moment.
  void rest(std::uint32_t lane) const;
  /// The lane is gone: what it took and did not finish ends red, so that nothing waits for it for ever.
  void lose(std::uint32_t lane) const;
  /// Barriers whose time is over by now fail.
  void expire(std::chrono::nanoseconds now) const;

  /// The place in the order, from `place` on, of the first group that nobody owned when it was last looked at.
  /// Remembers the way, so that owned groups cost nothing later.
  std::uint32_t first_unowned(std::uint32_t place, std::uint32_t end) const;

 private:
  const Plan* plan_;
  BoardHeader* header_;
  std::span<PartState> parts_;
  std::span<BarrierState> barriers_;
  std::span<LaneState> lanes_;
  std::span<GroupState> groups_;
  std::span<std::uint32_t> ahead_;  ///< By place in the order: where to look instead.
  std::span<std::uint32_t> holders_;
  std::span<ItemEnd> ends_;
};

/// "checkpoint build failed", "after Schema.Migrates, which failed", "checkpoint build: its 30 min were over": why what
/// waits there is not run.
std::string why_doomed(const Plan& plan, const Board& board, std::uint32_t barrier);

}  // namespace cleave::plan
