#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "plan/result.hpp"

namespace cleave::plan {

/// What a shard calls its own.
struct ShardIdentity {
  std::string run_id;
  std::uint32_t index = 0;
  std::uint32_t count = 1;
  std::string prefix;
  std::string temp_dir;
};

/// A name for data: `c`, ten base-36 digits of a hash of run and target, `_s`, the shard's index, `_`. Lower-case
/// letters, digits and `_`, starts with a letter, at most 19 characters, so that a user can append to it within 32.
/// Two runs share a hash with a probability of 1 in 3.6e15 a pair.
std::string data_prefix(std::string_view run_id, std::string_view target, std::uint32_t shard);
/// The prefix of what belongs to no shard of the run: the same with `_run_`.
std::string run_prefix(std::string_view run_id, std::string_view target);

/// Finds or makes the port with a name for the shard at hand.
using PortOf = std::function<Result<std::uint16_t>(std::string_view name)>;

/// Expands `{prefix}`, `{shard}`, `{shards}`, `{run}`, `{tmpdir}`, `{port}` and `{port:NAME}`; `{{` and `}}` stand for
/// braces. An error names the placeholder that is unknown or unclosed.
Result<std::string> expand_template(std::string_view text, const ShardIdentity& shard, const PortOf& port);

/// Checks "VAR=template" without making anything: the variable's name (letters, digits, `_`, not starting with a digit)
/// and every placeholder.
Result<void> check_environment(std::string_view assignment);

}  // namespace cleave::plan
