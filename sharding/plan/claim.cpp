#include "plan/claim.hpp"

#include <algorithm>

namespace cleave::plan {
namespace {

class Claimer {
 public:
  Claimer(QueueView view, const ClaimRequest& request, const NeedsLocks& needs, const TakeLocks& take)
      : view_(view), request_(request), needs_(needs), take_(take) {}

  Claim run() {
    PartState& part = view_.part;
    if (part.free == 0 || part.first_group == part.end_group) return {};
    const std::uint32_t current = std::clamp(request_.current_group, part.first_group, part.end_group - 1);
    if (view_.groups[current].owner == request_.lane + 1) take_from(current, request_.want);
    take_unowned();
    if (claim_.items.empty()) take_from_fullest();
    claim_.more = claim_.items.empty() && part.free > 0;
    return std::move(claim_);
  }

 private:
  bool full() const { return done_ || claim_.items.size() >= request_.want; }

  void take_unowned() {
    PartState& part = view_.part;
    std::uint32_t& first = part.first_unowned;
    while (first < part.end_group && view_.groups[first].owner != kNobody) ++first;
    for (std::uint32_t g = first; g < part.end_group && !full(); ++g) {
      if (view_.groups[g].owner != kNobody) continue;
      if (request_.one_group && !claim_.items.empty()) return;
      const std::size_t before = claim_.items.size();
      // A group is opened when the batch has room for a good part of it: an open suite costs a set-up.
      take_from(g, request_.want - static_cast<std::uint32_t>(before));
      if (claim_.items.size() > before) view_.groups[g].owner = request_.lane + 1;
    }
  }

  void take_from_fullest() {
    const PartState& part = view_.part;
    std::uint32_t best = part.end_group;
    std::uint32_t best_free = 0;
    for (std::uint32_t g = part.first_group; g < part.end_group; ++g) {
      const GroupState& group = view_.groups[g];
      const std::uint32_t free = group.end - group.next;
      if (free > best_free && static_cast<std::int64_t>(group.end) - 1 > request_.after) {
        best = g;
        best_free = free;
      }
    }
    if (best < part.end_group) take_from(best, std::min(request_.want, (best_free + 1) / 2));
    if (!claim_.items.empty()) return;
    for (std::uint32_t g = part.first_group; g < part.end_group && claim_.items.empty(); ++g) {
      if (g != best) take_from(g, request_.want);
    }
  }

  void take_from(std::uint32_t g, std::uint32_t want) {
    GroupState& group = view_.groups[g];
    const auto from = static_cast<std::uint32_t>(std::max<std::int64_t>(group.next, request_.after + 1));
    for (std::uint32_t item = from; item < group.end && want > 0 && !full(); ++item) {
      if (view_.holders[item] != kNobody) continue;
      if (needs_(item)) {
        if (!claim_.items.empty()) {
          done_ = true;  // It comes first in the next batch: passing over it would leave it behind.
          return;
        }
        if (!take_(item)) continue;
        claim_.exclusive = true;
        done_ = true;
      }
      view_.holders[item] = request_.lane + 1;
      --view_.part.free;
      --want;
      claim_.items.push_back(item);
    }
    while (group.next < group.end && view_.holders[group.next] != kNobody) ++group.next;
  }

  QueueView view_;
  const ClaimRequest& request_;
  const NeedsLocks& needs_;
  const TakeLocks& take_;
  Claim claim_;
  bool done_ = false;
};

}  // namespace

Claim claim(QueueView view, const ClaimRequest& request, const NeedsLocks& needs_locks, const TakeLocks& take_locks) {
  return Claimer(view, request, needs_locks, take_locks).run();
}

void release(QueueView view, std::uint32_t item) {
  if (view.holders[item] == kNobody) return;
  view.holders[item] = kNobody;
  ++view.part.free;
  for (std::uint32_t g = view.part.first_group; g < view.part.end_group; ++g) {
    GroupState& group = view.groups[g];
    if (item >= group.begin && item < group.end) {
      group.next = std::min(group.next, item);
      return;
    }
  }
}

}  // namespace cleave::plan
