#pragma once

#include <cstdint>
#include <cstdio>
#include <string>

namespace cleave::test {

/// The lines of a history with the sum that belongs to them, as somebody would have them who writes one by hand.
inline std::string with_sum(const std::string& lines) {
  std::uint64_t hash = 14695981039346656037ULL;
  for (const char byte : lines) hash = (hash ^ static_cast<unsigned char>(byte)) * 1099511628211ULL;
  char text[32];
  std::snprintf(text, sizeof text, "sum\t%016llx\n", static_cast<unsigned long long>(hash));
  return lines + text;
}

}  // namespace cleave::test
