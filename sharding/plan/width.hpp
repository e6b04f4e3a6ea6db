#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cleave::plan {

/// As many as there are: nothing that could be seen sets a limit.
inline constexpr std::uint32_t kNoLimit = std::numeric_limits<std::uint32_t>::max();

/// How many entries at most a ctest with this command line (`arguments[0]` is its name) has running at once. `level` is
/// CTEST_PARALLEL_LEVEL as ctest had it. Where the number is in a place that cannot be seen from here (a script, a
/// preset), where CMake's versions differ (no number, 0), and for another program than ctest the answer is kNoLimit: a
/// share that is too small costs time, one that is too large makes N shards start N² threads.
std::uint32_t ctest_width(const std::vector<std::string>& arguments, std::optional<std::string_view> level);

/// The CPUs for each of `width` shards that run side by side: what all of them have, divided, at least 1.
unsigned share_of(unsigned cpus, std::uint32_t width);

}  // namespace cleave::plan
