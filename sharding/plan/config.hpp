#pragma once

#include <string>
#include <string_view>

#include "plan/settings.hpp"

namespace cleave::plan {

/// Adds what the text of a CONFIG file says to the settings of its call of cleave_add_shards(). Tags, patterns, inputs
/// and quarantine add up; of what has one value, that of the call wins, as do its variables of the environment. Phases
/// that the call names too get the time-out of the file, and must come in the same order; others come behind those of
/// the call. `path`, absolute, begins every error, with line, column and the pointer to the value; relative inputs are
/// taken from its folder. cmake/cleave.schema.json describes the text.
Result<void> apply_config(std::string_view text, const std::string& path, Settings& settings);

}  // namespace cleave::plan
