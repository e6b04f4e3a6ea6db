#include "report/lanes.hpp"

#include <algorithm>
#include <map>
#include <tuple>

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
  std::stable_sort(slices.begin(), slices.end(), [](const Slice& a, const Slice& b) { return a.start < b.start; });
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
  std::map<std::string, std::vector<Slice>, bool (*)(std::string_view, std::string_view)> by_shard(shard_less);
  for (const RowView& view : views) {
    for (const Attempt& attempt : view.row->attempts) {
      if (!took_time(attempt)) continue;
      by_shard[attempt.shard].push_back({attempt.start - report.start, attempt.duration, &view, &attempt});
    }
  }
  for (const SuiteCost& cost : report.costs) {
    // Of a suite the set-up and the tear-down are known together, and not when each of them was.
    if (!cost.suite.empty() || cost.shard.empty()) continue;
    by_shard[cost.shard].push_back({cost.when - cost.duration - report.start, cost.duration, nullptr, nullptr});
  }
  std::vector<Lane> lanes;
  for (auto& [shard, slices] : by_shard) {
    straighten(slices);
    lanes.push_back({shard, std::move(slices)});
  }
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
