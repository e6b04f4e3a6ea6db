#pragma once

#include <charconv>
#include <optional>
#include <string_view>
#include <system_error>

namespace cleave::plan {

/// The number that `text` is, when all of it is decimal digits (with a `-` before them for signed types) and the number
/// is from `low` to `high`; nothing otherwise.
template <class Number>
std::optional<Number> whole_number(std::string_view text, Number low, Number high) noexcept {
  Number number{};
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, number);
  if (error != std::errc() || end != last || number < low || number > high) return std::nullopt;
  return number;
}

}  // namespace cleave::plan
