#include "plan/tag_values.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>

#include "plan/quoted.hpp"
#include "plan/settings.hpp"
#include "plan/whole_number.hpp"

namespace cleave::plan {
namespace {

/// Each is 1024 times the one before it.
constexpr std::string_view kUnits = "KMGT";
constexpr double kMostMemory = 1024.0 * 1024 * 1024 * 1024 * 1024;

Error usage(std::string what) { return Error{Errc::usage, std::move(what), 0}; }

/// The factor of "", "K", "Ki", "KiB" and so on; 0 for what is no unit.
double factor_of(std::string_view unit) noexcept {
  if (unit.empty()) return 1;
  const auto power = kUnits.find(static_cast<char>(std::toupper(static_cast<unsigned char>(unit[0]))));
  if (power == std::string_view::npos) return 0;
  unit.remove_prefix(1);
  const bool binary = unit.empty() || ((unit[0] == 'i' || unit[0] == 'I') &&
                                       (unit.size() == 1 || (unit.size() == 2 && (unit[1] == 'B' || unit[1] == 'b'))));
  return binary ? std::pow(1024.0, static_cast<double>(power + 1)) : 0;
}

}  // namespace

Result<std::uint32_t> parse_weight(std::string_view text) {
  if (const auto weight = whole_number<std::uint32_t>(text, 1, 1024)) return *weight;
  return usage("weight " + quoted(text) + " is not a number from 1 to 1024");
}

Result<std::uint64_t> parse_memory(std::string_view text) {
  double number = 0;
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, number, std::chars_format::fixed);
  const bool starts_well = !text.empty() && std::isdigit(static_cast<unsigned char>(text[0])) != 0;
  if (starts_well && error == std::errc()) {
    const double bytes = std::ceil(number * factor_of({end, static_cast<std::size_t>(last - end)}));
    if (bytes >= 1 && bytes <= kMostMemory) return static_cast<std::uint64_t>(bytes);
  }
  return usage("memory " + quoted(text) + " is not 1 byte to 1024T, written for example 500000, 64K, 512M or 1.5G");
}

Result<std::int32_t> parse_priority(std::string_view text) {
  constexpr std::int32_t kNamed = 100;
  if (text == "high") return kNamed;
  if (text == "normal") return 0;
  if (text == "low") return -kNamed;
  if (const auto priority = whole_number<std::int32_t>(text, -1000, 1000)) return *priority;
  return usage("priority " + quoted(text) + " is not a number from -1000 to 1000, high, normal or low");
}

Result<void> check_phase_name(std::string_view name) {
  if (check_lock_name(name)) return {};
  return usage("phase name " + quoted(name) +
               " is not 1 to 64 letters, digits, '_', '-' or '.', with no '.' at the beginning");
}

Result<void> check_after(std::string_view name) {
  const bool has_control = std::any_of(name.begin(), name.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7F;
  });
  if (!name.empty() && name.size() <= 1024 && !has_control) return {};
  return usage("name " + quoted(name) +
               " is not a suite, or Suite.Name, of 1 to 1024 bytes without control characters");
}

std::string memory_text(std::uint64_t bytes) {
  std::size_t power = 0;
  while (power < kUnits.size() && bytes >= 1024 && bytes % 1024 == 0) {
    bytes /= 1024;
    ++power;
  }
  return std::to_string(bytes) + (power == 0 ? std::string() : std::string(1, kUnits[power - 1]));
}

}  // namespace cleave::plan
