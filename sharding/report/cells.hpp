#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace cleave::report {

/// How many columns of a terminal the character takes: 0 for what joins the one before it, 2 for the wide ones of East
/// Asia and emoji, 1 for all others.
unsigned cells_of(char32_t code) noexcept;

/// How many columns the text takes, which is valid UTF-8 on one line without control characters (see one_line()).
std::size_t cells_of(std::string_view text) noexcept;

/// The text cut to at most `cells` columns, with "…" where something was left out: at the end, or (`keep_end`) in the
/// middle, since names of tests often differ at their end. A wide character is never cut in half.
std::string fitted(std::string_view text, std::size_t cells, bool keep_end = false);

/// fitted(), then filled up with spaces to exactly `cells` columns.
std::string in_column(std::string_view text, std::size_t cells, bool keep_end = false);

}  // namespace cleave::report
