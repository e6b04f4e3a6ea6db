#pragma once

#include <string_view>

namespace cleave::plan {

/// True when `pattern` covers the whole of `text`: `*` stands for any bytes, `?` for one byte, all else for itself.
/// Brackets and backslashes are ordinary, because test names are full of them. Linear space, no recursion.
bool glob_match(std::string_view pattern, std::string_view text) noexcept;

}  // namespace cleave::plan
