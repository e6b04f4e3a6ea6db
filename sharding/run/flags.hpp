#pragma once

#include <span>
#include <string>
#include <string_view>

#include "plan/result.hpp"
#include "run/options.hpp"

namespace cleave::run {

/// How a flag takes a value.
enum class FlagValue : unsigned char { none, optional, needed };

/// A flag that people use, and its variable.
struct Flag {
  std::string_view group;     ///< Its heading in the help; empty: that of the flag before it.
  std::string_view name;      ///< What stands behind `--cleave-`.
  std::string_view variable;  ///< CLEAVE_…
  FlagValue value;
  std::string_view legal;  ///< The value in the help: "N|auto".
  std::string_view help;
  /// Puts the value into the options; an empty one for a flag without. An error says what is legal, after "'value' ".
  Result<void> (*read)(const std::string& value, Options& options);

  std::string spelled() const { return "--cleave-" + std::string(name); }
};

/// All of them, in the order of the help.
std::span<const Flag> all_flags() noexcept;

}  // namespace cleave::run
