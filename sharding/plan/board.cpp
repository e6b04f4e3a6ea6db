#include "plan/board.hpp"

#include <algorithm>
#include <cstring>
#include <new>
#include <type_traits>

namespace cleave::plan {
namespace {

/// Hands out the stretches of the board one after the other; those of 8-byte members come first.
class Cursor {
 public:
  explicit Cursor(void* memory) : at_(static_cast<std::byte*>(memory)) {}
  template <class T>
  std::span<T> next(std::size_t count) {
    static_assert(std::is_trivially_copyable_v<T>);
    auto* const first = reinterpret_cast<T*>(at_);
    at_ += count * sizeof(T);
    return {first, count};
  }

 private:
  std::byte* at_;
};

}  // namespace

std::size_t Board::size_for(const Plan& plan, std::uint32_t lanes) {
  const std::size_t groups = plan.groups.size();
  const std::size_t items = plan.items.size();
  return sizeof(BoardHeader) + plan.barriers.size() * sizeof(BarrierState) + lanes * sizeof(LaneState) +
         plan.parts.size() * sizeof(PartState) + groups * (sizeof(GroupState) + 4) + items * 5;
}

Board::Board(void* memory, const Plan& plan) : plan_(&plan) {
  Cursor cursor(memory);
  header_ = cursor.next<BoardHeader>(1).data();
  barriers_ = cursor.next<BarrierState>(header_->barriers);
  lanes_ = cursor.next<LaneState>(header_->lanes);
  parts_ = cursor.next<PartState>(header_->parts);
  groups_ = cursor.next<GroupState>(header_->groups);
  ahead_ = cursor.next<std::uint32_t>(header_->groups);
  holders_ = cursor.next<std::uint32_t>(header_->items);
  ends_ = cursor.next<ItemEnd>(header_->items);
}

bool Board::is_sound(const void* memory, const Plan& plan, std::uint32_t lanes) {
  BoardHeader header;
  std::memcpy(&header, memory, sizeof header);
  if (header.items != plan.items.size() || header.groups != plan.groups.size() || header.parts != plan.parts.size() ||
      header.barriers != plan.barriers.size() || header.lanes != lanes || header.capacity == 0)
    return false;
  const Board board(const_cast<void*>(memory), plan);  // It is only read.
  for (std::uint32_t i = 0; i < header.groups; ++i) {
    const GroupState& group = board.groups_[i];
    if (group.next < plan.groups[i].begin || group.next > plan.groups[i].end || group.owner > lanes)
      return false;
    if (board.ahead_[i] < i || board.ahead_[i] > header.groups) return false;
  }
  return std::ranges::all_of(board.ends_, [](ItemEnd end) { return end <= ItemEnd::not_run; });
}

Board Board::make(void* memory, const Plan& plan, const BoardOptions& options) {
  std::memset(memory, 0, size_for(plan, options.lanes));
  auto* const header = static_cast<BoardHeader*>(memory);
  header->items = static_cast<std::uint32_t>(plan.items.size());
  header->groups = static_cast<std::uint32_t>(plan.groups.size());
  header->parts = static_cast<std::uint32_t>(plan.parts.size());
  header->barriers = static_cast<std::uint32_t>(plan.barriers.size());
  header->lanes = options.lanes;
  header->red_limit = options.red_limit;
  header->retries_left = options.retries;
  header->capacity = std::max(1U, options.capacity);
  header->memory = options.memory;
  Board board(memory, plan);
  for (std::uint32_t i = 0; i < header->parts; ++i) board.parts_[i].free = plan.items_of(plan.parts[i]);
  for (std::uint32_t i = 0; i < header->groups; ++i) {
    const Group& group = plan.groups[i];
    board.groups_[i].next = group.begin;
    board.ahead_[i] = i;
    for (const std::uint32_t barrier : plan.gates[group.gate].member_of) {
      board.barriers_[barrier].open_items += group.end - group.begin;
    }
  }
  return board;
}

Board::GateState Board::gate_of(std::uint32_t group, std::uint32_t& by) const {
  const Gate& gate = plan_->gates[plan_->groups[group].gate];
  for (const std::uint32_t barrier : gate.member_of) {
    by = barrier;
    if (barriers_[barrier].failed_by == kTimedOut) return GateState::doomed;
  }
  bool closed = false;
  for (const std::uint32_t barrier : gate.waits_for) {
    by = barrier;
    if (barriers_[barrier].failed_by != 0) return GateState::doomed;
    closed = closed || barriers_[barrier].open_items != 0;
  }
  return closed ? GateState::closed : GateState::open;
}

void Board::take(std::uint32_t item, std::uint32_t lane, std::chrono::nanoseconds now) const {
  const std::uint32_t group = plan_->group_of(item);
  PartState& part = parts_[plan_->part_of(group)];
  holders_[item] = lane + 1;
  --part.free;
  ++part.running;
  for (const std::uint32_t barrier : plan_->gates[plan_->groups[group].gate].member_of) {
    if (barriers_[barrier].began == 0) barriers_[barrier].began = std::max<std::int64_t>(1, now.count());
  }
}

void Board::finish(std::uint32_t item, ItemEnd end) const {
  if (ends_[item] != ItemEnd::open || holders_[item] == kNobody) return;
  ends_[item] = end;
  if (end == ItemEnd::red) ++header_->red;
  const std::uint32_t group = plan_->group_of(item);
  --parts_[plan_->part_of(group)].running;
  for (const std::uint32_t barrier : plan_->gates[plan_->groups[group].gate].member_of) {
    BarrierState& state = barriers_[barrier];
    --state.open_items;
    if (end != ItemEnd::green && state.failed_by == 0) state.failed_by = item + 1;
  }
}

void Board::reopen(std::span<const std::uint32_t> items, std::uint32_t lane) const {
  for (const std::uint32_t item : items) {
    if (ends_[item] == ItemEnd::open) continue;
    if (ends_[item] == ItemEnd::red) --header_->red;
    ends_[item] = ItemEnd::open;
    holders_[item] = lane + 1;
    ++parts_[plan_->part_of(plan_->group_of(item))].running;
  }
  for (BarrierState& state : barriers_) state = BarrierState{};
  for (std::uint32_t item = 0; item < ends_.size(); ++item) {
    for (const std::uint32_t barrier : plan_->gates[plan_->groups[plan_->group_of(item)].gate].member_of) {
      BarrierState& state = barriers_[barrier];
      if (ends_[item] == ItemEnd::open) {
        ++state.open_items;
      } else if (ends_[item] != ItemEnd::green && state.failed_by == 0) {
        state.failed_by = item + 1;
      }
    }
  }
}

void Board::rest(std::uint32_t lane) const {
  lanes_[lane] = LaneState{};
  if (header_->alone == lane + 1) header_->alone = kNobody;
}

void Board::lose(std::uint32_t lane) const {
  for (std::uint32_t item = 0; item < holders_.size(); ++item) {
    if (holders_[item] == lane + 1) finish(item, ItemEnd::not_run);
  }
  rest(lane);
}

void Board::expire(std::chrono::nanoseconds now) const {
  for (std::uint32_t i = 0; i < barriers_.size(); ++i) {
    BarrierState& state = barriers_[i];
    const std::chrono::nanoseconds timeout = plan_->barriers[i].timeout;
    if (timeout.count() == 0 || state.began == 0 || state.failed_by != 0 || state.open_items == 0) continue;
    if (now.count() - state.began > timeout.count()) state.failed_by = kTimedOut;
  }
}

/// Path halving, as in a disjoint-set forest.
std::uint32_t Board::first_unowned(std::uint32_t place, std::uint32_t end) const {
  while (place < end && (ahead_[place] != place || groups_[plan_->order[place]].owner != kNobody)) {
    if (ahead_[place] == place) ahead_[place] = place + 1;
    if (ahead_[place] < end) ahead_[place] = ahead_[ahead_[place]];
    place = ahead_[place];
  }
  return std::min(place, end);
}

std::string why_doomed(const Plan& plan, const Board& board, std::uint32_t barrier) {
  const Barrier& it = plan.barriers[barrier];
  if (board.barrier(barrier).failed_by == kTimedOut) {
    const auto seconds = std::chrono::duration<double>(it.timeout).count();
    std::string text = std::to_string(seconds);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
    return it.name + " was not reached within " + text + " s";
  }
  return it.checkpoint ? it.name + " failed" : "it comes after " + it.name + ", which did not pass";
}

}  // namespace cleave::plan
