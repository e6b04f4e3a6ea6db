#pragma once

#include <string_view>

#include "report/json_writer.hpp"

namespace cleave::report {

/// @file
/// What several documents of ours say in the same words.

/// Outcomes as one word each, so that a reader need not quote them: "timed_out".
std::string_view outcome_word(plan::Outcome outcome);

/// The object of totals, as the value that is written next.
void write_totals(JsonWriter& json, const Totals& totals);

}  // namespace cleave::report
