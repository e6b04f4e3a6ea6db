#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace cleave::cli {

/// What fits beside a prompt, in a mail and in a commit.
inline constexpr std::size_t kLineWidth = 80;

/// A name as it is shown: one line of characters that are safe on a terminal.
std::string label(std::string_view name);

/// Its characters, each of which is a string; invalid bytes are U+FFFD.
std::vector<std::string> characters(std::string_view text);
/// How many columns the text takes when each character takes one.
std::size_t width_of(std::string_view text);
/// At most so many columns; what was cut ends with "…".
std::string cut_to(std::string_view text, std::size_t width);
/// Filled up with blanks to so many columns: behind the text, or before it.
std::string left(std::string_view text, std::size_t width);
std::string right(std::string_view text, std::size_t width);

/// Words with a blank between them, broken into lines of at most kLineWidth columns where they can be. The first line
/// begins with `first`, the others with `rest`; every line ends with a newline.
std::string wrapped(const std::vector<std::string>& words, const std::string& first, const std::string& rest);

}  // namespace cleave::cli
