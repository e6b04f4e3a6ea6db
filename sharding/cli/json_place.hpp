#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace cleave::cli {

/// The line, from 1, in which the byte stands.
std::size_t line_of(std::string_view text, std::size_t byte);
/// The column, from 1, counted in characters.
std::size_t column_of(std::string_view text, std::size_t byte);

/// The line in which the value that a JSON pointer ("/tasks/3/after/0") names begins; of the part of it that leads
/// somewhere, when not all of it does. nlohmann/json forgets where values stood.
/// @pre `text` is valid JSON.
std::size_t line_of_value(std::string_view text, std::string_view pointer);

}  // namespace cleave::cli
