#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "report/rows.hpp"

namespace cleave::report {

/// A piece of time that one lane spent on one thing.
struct Slice {
  Nanoseconds start{};  ///< Since the start of the run; never before the end of the slice before it.
  Nanoseconds duration{};
  const RowView* view = nullptr;     ///< Of an attempt; null for the start of a worker.
  const Attempt* attempt = nullptr;  ///< Null for the start of a worker.
};

/// What one shard did, in order. Slices do not overlap: where two clocks disagreed, the later slice begins later.
struct Lane {
  std::string shard;
  std::vector<Slice> slices;
};

/// Shard names as people count them: shard-2 before shard-10, and the shards before what is no shard ("serial").
bool shard_less(std::string_view a, std::string_view b);

/// Every lane that ran something, by shard_less(). The pointers are into `views` and the report.
std::vector<Lane> lanes_of(const RunReport& report, const std::vector<RowView>& views);

/// What all tests took, one after the other.
Nanoseconds busy_of(const std::vector<Lane>& lanes);

}  // namespace cleave::report
