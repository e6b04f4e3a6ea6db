#pragma once

#include <span>
#include <string>
#include <string_view>

namespace cleave::plan {

/// The candidate with the smallest edit distance to `word`, or an empty string when none is near (more than a third of
/// the word would have to change). Ties go to the first.
std::string nearest(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace cleave::plan
