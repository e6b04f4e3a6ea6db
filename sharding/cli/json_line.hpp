#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>

namespace cleave::cli {

/// The field "line" of what GoogleTest tells of a test; 0 for what is no line.
inline std::int32_t line_of(const nlohmann::json& test) {
  const auto line = test.find("line");
  if (line == test.end() || !line->is_number_integer()) return 0;
  return static_cast<std::int32_t>(line->get<std::int64_t>());
}

}  // namespace cleave::cli
