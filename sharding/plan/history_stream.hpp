#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "plan/history.hpp"

namespace cleave::plan {

/// @file
/// What is done with a history in each run, done with its text: as a value, the history of 100,000 tests takes 25 MB
/// and longer than all else that a run does with it. Both know only texts that encode_history() wrote, in whose order
/// they rely; for all others the value is there.

/// costs_of(list, decode_history(text)), or nothing.
std::optional<Costs> costs_of_text(const TestList& list, std::string_view text);

/// Calls what it is given with a text, piece by piece.
using WriteText = std::function<void(const std::function<void(std::string_view)>& take)>;

/// What writes encode_history() of the text's history after update() and prune(), once and while all the arguments
/// live; or nothing. An empty text stands for no history.
/// @pre no test is twice in `seen`, and all are in the order of the list.
std::optional<WriteText> updated_text(std::string_view text, const TestList& list, const Observations& seen, Day today);

}  // namespace cleave::plan
