#include "report/lanes.hpp"

#include <algorithm>
#include <tuple>
#include <unordered_map>

#include "plan/whole_number.hpp"

namespace cleave::report {
namespace {

constexpr std::string_view kShard = "shard-";

/// Numbered shards in the order of their numbers, then the others by name.
std::tuple<bool, std::uint32_t, std::string_view> order_of(std::string_view shard) {
  if (!shard.starts_with(kShard)) return {true, 0, shard};
  const auto number = plan::whole_number<std::uint32_t>(shard.substr(kShard.size()), 0, 0xFFFFFFFF);
  return {!number, number.value_or(0), shard};
}

bool took_time(const Attempt& attempt) {
  return !attempt.cached && !attempt.shard.empty() && attempt.start > UnixTime{} &&
         attempt.outcome != plan::Outcome::not_run && attempt.outcome != plan::Outcome::disabled;
}

/// By start; nothing begins before what came before it has ended.
void straighten(std::vector<Slice>& slices) {
  const auto earlier = [](const Slice& a, const Slice& b) { return a.start < b.start; };
  if (!std::is_sorted(slices.begin(), slices.end(), earlier)) {
    std::stable_sort(slices.begin(), slices.end(), earlier);
  }
  Nanoseconds free{};
  for (Slice& slice : slices) {
    const Nanoseconds end = slice.start + slice.duration;
    slice.start = std::max(slice.start, free);
    slice.duration = std::max(end - slice.start, Nanoseconds{});
    free = slice.start + slice.duration;
  }
}

}  // namespace

bool shard_less(std::string_view a, std::string_view b) { return order_of(a) < order_of(b); }

std::vector<Lane> lanes_of(const RunReport& report, const std::vector<RowView>& views) {
  std::vector<Lane> lanes;
  std::unordered_map<std::string_view, std::size_t> places;
  const auto slices_of = [&](const std::string& shard) -> std::vector<Slice>& {
    const auto [place, added] = places.try_emplace(shard, lanes.size());
    if (added) lanes.push_back({shard, {}});
    return lanes[place->second].slices;
  };
  for (const RowView& view : views) {
    for (const Attempt& attempt : view.row->attempts) {
      if (!took_time(attempt)) continue;
      slices_of(attempt.shard).push_back({attempt.start - report.start, attempt.duration, &view, &attempt});
    }
  }
  for (const SuiteCost& cost : report.costs) {
    // Of a suite the set-up and the tear-down are known together, and not when each of them was.
    if (!cost.suite.empty() || cost.shard.empty()) continue;
    slices_of(cost.shard).push_back({cost.when - cost.duration - report.start, cost.duration, nullptr, nullptr});
  }
  std::sort(lanes.begin(), lanes.end(), [](const Lane& a, const Lane& b) { return shard_less(a.shard, b.shard); });
  for (Lane& lane : lanes) straighten(lane.slices);
  return lanes;
}

Nanoseconds busy_of(const std::vector<Lane>& lanes) {
  Nanoseconds busy{};
  for (const Lane& lane : lanes) {
    for (const Slice& slice : lane.slices) {
      if (slice.attempt != nullptr) busy += slice.attempt->duration;
    }
  }
  return busy;
}

}  // namespace cleave::report
