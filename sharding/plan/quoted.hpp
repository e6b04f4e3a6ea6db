#pragma once

#include <string>
#include <string_view>

namespace cleave::plan {

/// Text of a user for an error of one line: control characters as `\x0a`, and cut after 200 bytes.
std::string shown(std::string_view text);

/// The same between single quotes.
std::string quoted(std::string_view text);

}  // namespace cleave::plan
