#include "plan/claim.hpp"

#include <algorithm>
#include <utility>

namespace cleave::plan {
namespace {

class Claimer {
 public:
  Claimer(const Board& board, const ClaimRequest& request, const NeedsLocks& needs, const TakeLocks& take)
      : board_(board),
        plan_(board.plan()),
        part_(board.plan().parts[request.part]),
        state_(board.part(request.part)),
        request_(request),
        needs_(needs),
        take_(take) {}

  Claim run() {
    begin();
    if (state_.free == 0 || part_.begin == part_.end) return {};
    board_.expire(request_.now);
    std::size_t doomed = 0;
    do {  // What is doomed may doom what was looked at before.
      doomed = claim_.doomed.size();
      if (board_.header().alone != kNobody) {
        held_back_ = waits_ = true;
        break;
      }
      take_current();
      if (stays()) break;
      take_unowned();
      if (claim_.items.empty() && !held_back_) take_from_fullest();
    } while (claim_.items.empty() && claim_.doomed.size() > doomed);
    claim_.more = claim_.items.empty() && state_.free > 0 && (waits_ || state_.running > 0);
    claim_.worth_waiting = claim_.more && comes_later_ && !needs_fresh_;
    std::sort(claim_.items.begin(), claim_.items.end());
    return std::move(claim_);
  }

  bool again(std::uint32_t item, bool alone) {
    const std::uint32_t wanted = board_.header().alone;
    if (alone ? wanted != kNobody && wanted != request_.lane + 1 : wanted != kNobody) return false;
    begin();
    if (alone) board_.header().alone = request_.lane + 1;
    if (alone && weight_beside_ > 0) return false;
    const Group& group = plan_.groups[plan_.group_of(item)];
    if (!fits(group) || (needs_(item) && !take_(item))) return false;
    occupy(group);
    return true;
  }

 private:
  bool full() const {
    const bool spent = request_.budget.count() > 0 && expected_ >= request_.budget;
    return done_ || spent || claim_.items.size() >= request_.want;
  }
  std::uint32_t room() const { return request_.want - static_cast<std::uint32_t>(claim_.items.size()); }

  /// A worker that runs one group only, and asks for the rest of it.
  bool stays() const { return request_.isolation == Isolation::suite && request_.after != kFromStart; }

  /// The group at hand, then those after it in its suite, which need no set-up any more.
  void take_current() {
    std::uint32_t g = std::clamp(request_.current_group, part_.begin, part_.end - 1);
    if (board_.group(g).owner != request_.lane + 1) return;
    if (passes(g)) take_from(g, room());
    const std::uint32_t suite = plan_.groups[g].suite;
    if (request_.isolation == Isolation::suite && !stays()) return;
    for (++g; g < part_.end && plan_.groups[g].suite == suite && !full(); ++g) {
      const std::uint32_t owner = board_.group(g).owner;
      const bool mine = stays() && owner == request_.lane + 1;
      if ((mine || (owner == kNobody && !plan_.groups[g].big)) && passes(g)) own(g);
    }
  }

  void take_unowned() {
    std::uint32_t place = board_.first_unowned(part_.begin, part_.end);
    for (; place < part_.end && !full() && !held_back_; place = board_.first_unowned(place + 1, part_.end)) {
      const std::uint32_t g = plan_.order[place];
      if (!passes(g)) continue;
      if (request_.isolation == Isolation::suite && !claim_.items.empty()) return;
      if (plan_.groups[g].big && plan_.groups[g].begin <= request_.after) {
        waits_ = needs_fresh_ = true;
        if (claim_.items.empty()) held_back_ = true;
        return;
      }
      own(g);
    }
  }

  void own(std::uint32_t g) {
    const std::size_t before = claim_.items.size();
    take_from(g, room());
    if (claim_.items.size() == before) return;
    board_.group(g).owner = request_.lane + 1;
    if (request_.isolation != Isolation::suite) return;
    // Nobody else begins with the rest of it.
    for (const std::uint32_t suite = plan_.groups[g].suite; ++g < part_.end && plan_.groups[g].suite == suite;) {
      if (board_.group(g).owner == kNobody) board_.group(g).owner = request_.lane + 1;
    }
  }

  /// Where a lane helps that has no group of its own left: it stays where it paid for the set-up, else it goes where
  /// most is left, by expected time where that is known.
  void take_from_fullest() {
    const std::uint32_t current = std::clamp(request_.current_group, part_.begin, part_.end - 1);
    if (free_of(current) > 0 && passes(current)) help(current);
    if (!claim_.items.empty() || held_back_) return;
    std::uint32_t best = part_.end;
    std::pair<std::int64_t, std::uint32_t> most{0, 0};
    for (std::uint32_t g = part_.begin; g < part_.end; ++g) {
      const std::uint32_t free = free_of(g);
      if (free == 0 || static_cast<std::int64_t>(plan_.groups[g].end) - 1 <= request_.after) continue;
      const std::pair amount{time_of(g, free).count(), free};
      if (amount > most && pays(g, free) && passes(g)) {
        best = g;
        most = amount;
      }
    }
    if (best < part_.end) help(best);
    for (std::uint32_t g = part_.begin; g < part_.end && claim_.items.empty() && !held_back_; ++g) {
      const std::uint32_t free = free_of(g);
      if (g != best && free > 0 && pays(g, free) && passes(g)) take_from(g, request_.want);
    }
  }
  std::uint32_t free_of(std::uint32_t g) const { return plan_.groups[g].end - board_.group(g).next; }
  std::chrono::nanoseconds time_of(std::uint32_t g, std::uint32_t free) const {
    const Group& group = plan_.groups[g];
    return group.expected / (group.end - group.begin) * free;
  }
  /// Helping a suite costs its set-up once more, and takes half of what is left away from its owner at best. An owner
  /// that runs nothing may never come back for it.
  bool pays(std::uint32_t g, std::uint32_t free) {
    const Group& group = plan_.groups[g];
    const std::uint32_t owner = board_.group(g).owner;
    const bool own = owner == kNobody || owner == request_.lane + 1 || board_.lanes()[owner - 1].weight == 0;
    const bool pays = group.set_up.count() == 0 || time_of(g, free) > 2 * group.set_up;
    const bool worth_it = own || (pays && request_.isolation != Isolation::suite);
    waits_ = waits_ || !worth_it;
    return worth_it;
  }
  void help(std::uint32_t g) { take_from(g, std::min(request_.want, (free_of(g) + 1) / 2)); }

  /// False for a group behind a barrier. One behind a failed barrier comes to its end here.
  bool passes(std::uint32_t g) {
    if (plan_.groups[g].gate == 0) return true;
    std::uint32_t barrier = 0;
    const Board::GateState gate = board_.gate_of(g, barrier);
    if (gate == Board::GateState::doomed) doom(g, barrier);
    const bool ahead = static_cast<std::int64_t>(plan_.groups[g].end) - 1 > request_.after;
    if (gate == Board::GateState::closed && ahead && plan_.groups[g].isolation == Isolation::shard) {
      comes_later_ = comes_later_ || free_of(g) > 0;
    }
    return gate == Board::GateState::open;
  }

  void doom(std::uint32_t g, std::uint32_t barrier) {
    GroupState& group = board_.group(g);
    for (std::uint32_t item = group.next; item < plan_.groups[g].end; ++item) {
      if (board_.holders()[item] != kNobody) continue;
      board_.take(item, request_.lane, request_.now);
      board_.finish(item, ItemEnd::not_run);
      claim_.doomed.push_back({item, barrier});
    }
    group.next = plan_.groups[g].end;
    if (group.owner == kNobody) group.owner = request_.lane + 1;
  }

  /// One that shares its process with no other group waits for a fresh worker that has nothing yet.
  bool is_kept_apart(const Group& group) const {
    return group.isolation != Isolation::shard && (request_.after != kFromStart || !claim_.items.empty());
  }

  void take_from(std::uint32_t g, std::uint32_t want) {
    GroupState& group = board_.group(g);
    const Group& of_plan = plan_.groups[g];
    if (is_kept_apart(of_plan)) {
      if (free_of(g) > 0) waits_ = needs_fresh_ = true;
      return;
    }
    const bool whole = of_plan.isolation == Isolation::suite && request_.isolation != Isolation::test;
    if (of_plan.isolation == Isolation::test) want = 1;
    const bool heavy = of_plan.weight > 1 || of_plan.memory > 0;
    const auto from = static_cast<std::uint32_t>(std::max<std::int64_t>(group.next, request_.after + 1));
    if (group.next < of_plan.end && group.next < from) waits_ = needs_fresh_ = true;
    for (std::uint32_t item = from; item < of_plan.end && (whole ? !done_ : want > 0 && !full()); ++item) {
      if (board_.holders()[item] != kNobody) continue;
      if (heavy || needs_(item)) {
        if (!claim_.items.empty()) {
          done_ = true;  // It comes first in the next batch: passing over it would leave it behind.
          break;
        }
        if (!fits(of_plan) || (needs_(item) && !take_(item))) {
          waits_ = true;
          comes_later_ = comes_later_ || stays();
          // What is passed over could not run in this process any more.
          if (held_back_ || request_.isolation == Isolation::suite) break;
          continue;
        }
        claim_.exclusive = true;
        done_ = true;
      } else if (!fits(of_plan)) {
        waits_ = true;
        comes_later_ = comes_later_ || stays();
        held_back_ = true;
        break;
      }
      give(item, of_plan);
      --want;
    }
    if (of_plan.isolation != Isolation::shard && !claim_.items.empty()) done_ = true;
    while (group.next < of_plan.end && board_.holders()[group.next] != kNobody) ++group.next;
  }

  void give(std::uint32_t item, const Group& group) {
    board_.take(item, request_.lane, request_.now);
    occupy(group);
    expected_ += plan_.expected[item];
    claim_.items.push_back(item);
  }
  void occupy(const Group& group) {
    board_.lanes()[request_.lane] = LaneState{std::min(group.weight, board_.header().capacity), group.memory};
  }

  /// Whatever the lane had is over; what the others have is added up.
  void begin() {
    board_.rest(request_.lane);
    for (const LaneState& lane : board_.lanes()) {
      weight_beside_ += lane.weight;
      memory_beside_ += lane.memory;
    }
  }

  /// Beside what the other lanes run.
  bool fits(const Group& group) {
    if (weight_beside_ == 0) return true;
    const std::uint32_t capacity = board_.header().capacity;
    if (weight_beside_ + std::min(group.weight, capacity) > capacity) {
      held_back_ = true;
      return false;
    }
    if (group.memory == 0) return true;
    const std::uint64_t all = board_.header().memory;
    return group.memory <= request_.memory_now && memory_beside_ <= all && group.memory <= all - memory_beside_;
  }

  const Board& board_;
  const Plan& plan_;
  const Part& part_;
  const PartState& state_;
  const ClaimRequest& request_;
  const NeedsLocks& needs_;
  const TakeLocks& take_;
  Claim claim_;
  std::chrono::nanoseconds expected_{};
  std::uint64_t weight_beside_ = 0;
  std::uint64_t memory_beside_ = 0;
  bool done_ = false;
  bool held_back_ = false;    ///< Something heavy waits for its turn: nothing may be started before it.
  bool comes_later_ = false;  ///< Something that is for this worker waits: at a barrier, or in its own group.
  bool needs_fresh_ = false;  ///< Something is free that only a fresh worker can run.
  bool waits_ = false;        ///< Something is free that waits for a lock, for memory, its turn, or a fresh worker.
};

}  // namespace

Claim claim(const Board& board, const ClaimRequest& request, const NeedsLocks& needs_locks,
            const TakeLocks& take_locks) {
  return Claimer(board, request, needs_locks, take_locks).run();
}

bool claim_again(const Board& board, const ClaimRequest& request, std::uint32_t item, bool alone,
                 const NeedsLocks& needs_locks, const TakeLocks& take_locks) {
  return Claimer(board, request, needs_locks, take_locks).again(item, alone);
}

}  // namespace cleave::plan
