#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string_view>

#include "plan/result.hpp"

namespace cleave::plan {

/// As much as there is: nothing that could be seen sets a limit.
inline constexpr std::uint64_t kUnlimitedMemory = std::numeric_limits<std::uint64_t>::max();

/// "1G", "512M", "100K", "2.5G", "2T", or a whole number of bytes; K is 1024 bytes, M is 1024 K, and so on. A fraction
/// of a byte is rounded up. The error gives the value and what is legal: 1 byte to 1024T.
Result<std::uint64_t> parse_memory_size(std::string_view text);

/// Bytes of memory: of a machine, or of a group of processes with a limit.
struct MemoryRoom {
  /// What can still be taken without pushing out what is in use: free memory, and the page cache that the kernel gives
  /// back when it is asked.
  std::uint64_t available = kUnlimitedMemory;
  /// What there is in all.
  std::uint64_t total = kUnlimitedMemory;
  friend bool operator==(const MemoryRoom&, const MemoryRoom&) = default;
};

/// The room in both: the smaller of each.
MemoryRoom narrower(const MemoryRoom& one, const MemoryRoom& other) noexcept;

/// Reads /proc/meminfo: MemAvailable, for kernels older than 3.14 MemFree + Buffers + Cached; and MemTotal. What is not
/// there is unlimited.
MemoryRoom memory_of_machine(std::string_view meminfo);

/// What the files of one group say; nullopt for a file that is not there. Of version 2 memory.max, memory.high,
/// memory.current, memory.stat; of version 1 memory.limit_in_bytes, none, memory.usage_in_bytes, memory.stat.
struct MemoryGroupTexts {
  std::optional<std::string_view> limit;
  std::optional<std::string_view> soft_limit;
  std::optional<std::string_view> usage;
  std::optional<std::string_view> statistics;
};

/// The room that a group leaves: the smaller of its limits (above memory.high the kernel slows a group down instead of
/// killing in it, which is no better for a test), less its usage, of which `inactive_file`, page cache that has not
/// been touched again, does not count; with version 1 `total_inactive_file`, which covers the groups below as the usage
/// does. Without a limit, or when it is no number: unlimited. Without a usage: all of the limit.
MemoryRoom memory_of_group(const MemoryGroupTexts& texts);

/// A test that runs: what it said it needs, and how much of that it holds already (0 when nobody knows).
struct MemoryClaim {
  std::uint64_t promised = 0;
  std::uint64_t held = 0;
};

/// True when a test that needs `wanted` bytes may start beside `running`: all promises fit in the total, and what is
/// available now is enough for it and for what the others have not yet taken of theirs. A claim whose `held` is not
/// known counts twice where its memory is in use already, so that the error is a test too few and never one too many.
/// True when nothing runs: a test that needs more than there is gets its chance alone.
bool memory_allows(const MemoryRoom& room, std::uint64_t wanted, std::span<const MemoryClaim> running) noexcept;

}  // namespace cleave::plan
