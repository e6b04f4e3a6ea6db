#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cleave::os {

/// Time that only moves forward; equal in all processes of the machine.
std::chrono::nanoseconds monotonic_now() noexcept;
/// Nanoseconds since 1970-01-01 00:00 UTC, by the clock of the day as it was when this process first asked (or another
/// one, see follow_clock()): who sets that clock during a run changes no duration and no order.
std::chrono::nanoseconds wall_now() noexcept;
/// What wall_now() adds to a clock that is equal in all processes of the machine, and takes over what it adds there.
std::chrono::nanoseconds clock_offset() noexcept;
void follow_clock(std::chrono::nanoseconds offset) noexcept;
/// Blocks this thread at least that long, also when signals come.
void sleep_for(std::chrono::nanoseconds duration) noexcept;

/// How many CPUs this process can really use: the affinity mask, and the quota of its cgroup (v2 `cpu.max`, v1
/// `cpu.cfs_quota_us`) rounded up. At least 1.
unsigned usable_cpus() noexcept;

std::string host_name();
/// $TMPDIR, or /tmp.
std::string scratch_directory();
/// 64 bits that no other call returns; for run ids.
std::uint64_t random_bits() noexcept;

/// @name The environment of this process.
/// @{
std::optional<std::string> environment(const char* name);
/// All of it, as "NAME=value".
std::vector<std::string> all_environment();
/// As main gets it for its third parameter.
char** raw_environment() noexcept;
/// Only while no other thread runs.
void set_environment(const std::string& name, const std::string& value) noexcept;
void unset_environment(const std::string& name) noexcept;
/// @}

/// True when a TCP server could listen on the port at this moment, on every address of the machine, IPv4 and IPv6.
bool port_is_free(std::uint16_t port) noexcept;

}  // namespace cleave::os
