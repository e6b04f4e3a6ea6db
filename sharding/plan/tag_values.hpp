#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "plan/result.hpp"

namespace cleave::plan {

/// The values of tags that have one: what stands behind `weight:`, `memory:`, `priority:`, `phase:` and `after:`. Each
/// error gives the value and what is legal.
/// @{

/// 1 to 1024.
Result<std::uint32_t> parse_weight(std::string_view text);
/// Bytes: a number, with K, M, G or T behind it for powers of 1024 (also Ki or KiB, in either case); "1.5G" rounds up
/// to whole bytes. 1 to 1024T.
Result<std::uint64_t> parse_memory(std::string_view text);
/// -1000 to 1000, or `high` (100), `normal` (0), `low` (-100).
Result<std::int32_t> parse_priority(std::string_view text);
/// A phase's name: 1 to 64 of letters, digits, `_`, `-`, `.`; not starting with a dot.
Result<void> check_phase_name(std::string_view name);
/// What `after:` names, a suite or a test: 1 to 1024 bytes without control characters. That there is such a test is for
/// those to check who know all tests.
Result<void> check_after(std::string_view name);
/// @}

/// Bytes as parse_memory() reads them, with the largest unit that divides them: "512M", "1000".
std::string memory_text(std::uint64_t bytes);

}  // namespace cleave::plan
