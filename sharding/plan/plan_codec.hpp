#pragma once

#include <string>
#include <string_view>

#include "plan/planner.hpp"
#include "plan/result.hpp"

namespace cleave::plan {

/// The version of the bytes that encode_plan() writes.
inline constexpr std::uint32_t kPlanFormat = 1;

/// A plan as bytes: for those who read what a run left and cannot make its plan again, because they do not have the
/// program's tags.
std::string encode_plan(const Plan& plan);

/// Reads it back. An Error of kind `corrupt` when the bytes are no plan of this version, or one whose numbers lead
/// nowhere.
Result<Plan> decode_plan(std::string_view bytes);

}  // namespace cleave::plan
