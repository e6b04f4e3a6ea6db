#pragma once

#include <cstddef>
#include <functional>
#include <string_view>

namespace cleave::report {

/// Takes a text piece by piece, from front to back.
using Pieces = std::function<void(std::string_view)>;

/// So much is handed on at once: enough for few calls, little beside what a report takes.
inline constexpr std::size_t kPiece = std::size_t{1} << 16;

}  // namespace cleave::report
