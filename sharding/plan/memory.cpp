#include "plan/memory.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>

namespace cleave::plan {
namespace {

constexpr std::uint64_t kKilo = 1024;
constexpr std::uint64_t kLargestSize = kKilo * kKilo * kKilo * kKilo * kKilo;  // 1024T

constexpr std::uint64_t plus(std::uint64_t one, std::uint64_t other) noexcept {
  return one > kUnlimitedMemory - other ? kUnlimitedMemory : one + other;
}

constexpr std::uint64_t minus(std::uint64_t from, std::uint64_t part) noexcept { return part > from ? 0 : from - part; }

/// 0 for what is no unit.
std::uint64_t bytes_of_unit(std::string_view unit) {
  if (unit.empty()) return 1;
  if (unit.size() > 1) return 0;
  switch (unit[0]) {
    case 'K':
    case 'k': return kKilo;
    case 'M':
    case 'm': return kKilo * kKilo;
    case 'G':
    case 'g': return kKilo * kKilo * kKilo;
    case 'T':
    case 't': return kKilo * kKilo * kKilo * kKilo;
    default: return 0;
  }
}

/// The number at the beginning of the text. "max", as version 2 writes it, is no number and no limit.
std::optional<std::uint64_t> number_in(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end == text.data()) return std::nullopt;
  return number;
}

/// The number behind `key`, which begins a line and ends at a blank or a colon.
std::optional<std::uint64_t> field(std::string_view text, std::string_view key) {
  while (!text.empty()) {
    const auto end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (!line.starts_with(key)) continue;
    line.remove_prefix(key.size());
    if (line.starts_with(' ') || line.starts_with(':')) return number_in(line.substr(1));
  }
  return std::nullopt;
}

/// /proc/meminfo counts in kB.
std::optional<std::uint64_t> bytes_of_field(std::string_view meminfo, std::string_view key) {
  const auto kilobytes = field(meminfo, key);
  if (!kilobytes) return std::nullopt;
  return *kilobytes > kUnlimitedMemory / kKilo ? kUnlimitedMemory : *kilobytes * kKilo;
}

}  // namespace

Result<std::uint64_t> parse_memory_size(std::string_view text) {
  const auto bad = [&] {
    return Error{Errc::usage,
                 "memory size '" + std::string(text) +
                     "' is not a number of bytes or a number with K, M, G or T, from 1 to 1024T, for example 512M or "
                     "1.5G",
                 0};
  };
  const auto end_of_number = std::min(text.find_first_not_of("0123456789."), text.size());
  const std::string_view number = text.substr(0, end_of_number);
  const std::uint64_t unit = bytes_of_unit(text.substr(end_of_number));
  if (number.empty() || unit == 0) return bad();
  const char* const last = number.data() + number.size();

  if (number.find('.') == std::string_view::npos) {
    std::uint64_t whole = 0;
    const auto [end, error] = std::from_chars(number.data(), last, whole);
    if (error != std::errc() || end != last || whole < 1 || whole > kLargestSize / unit) return bad();
    return whole * unit;
  }
  double fraction = 0;
  const auto [end, error] = std::from_chars(number.data(), last, fraction, std::chars_format::fixed);
  if (error != std::errc() || end != last || unit == 1 || number.front() == '.' || number.back() == '.') return bad();
  const double bytes = std::ceil(fraction * static_cast<double>(unit));
  if (!(bytes >= 1) || bytes > static_cast<double>(kLargestSize)) return bad();
  return static_cast<std::uint64_t>(bytes);
}

MemoryRoom narrower(const MemoryRoom& one, const MemoryRoom& other) noexcept {
  return MemoryRoom{std::min(one.available, other.available), std::min(one.total, other.total)};
}

MemoryRoom memory_of_machine(std::string_view meminfo) {
  MemoryRoom room;
  if (const auto total = bytes_of_field(meminfo, "MemTotal")) room.total = *total;
  if (const auto available = bytes_of_field(meminfo, "MemAvailable")) {
    room.available = *available;
  } else if (const auto unused = bytes_of_field(meminfo, "MemFree")) {
    room.available = plus(
        *unused, plus(bytes_of_field(meminfo, "Buffers").value_or(0), bytes_of_field(meminfo, "Cached").value_or(0)));
  }
  room.available = std::min(room.available, room.total);
  return room;
}

MemoryRoom memory_of_group(const MemoryGroupTexts& texts) {
  const auto limit = texts.limit ? number_in(*texts.limit) : std::nullopt;
  const auto soft_limit = texts.soft_limit ? number_in(*texts.soft_limit) : std::nullopt;
  const auto usage = texts.usage ? number_in(*texts.usage) : std::nullopt;
  if (!limit && !soft_limit) return {};

  MemoryRoom room;
  room.total = std::min(limit.value_or(kUnlimitedMemory), soft_limit.value_or(kUnlimitedMemory));
  if (!usage) return MemoryRoom{room.total, room.total};
  const std::string_view statistics = texts.statistics.value_or("");
  auto reclaimable = field(statistics, "total_inactive_file");
  if (!reclaimable) reclaimable = field(statistics, "inactive_file");
  room.available = minus(room.total, minus(*usage, reclaimable.value_or(0)));
  return room;
}

bool memory_allows(const MemoryRoom& room, std::uint64_t wanted, std::span<const MemoryClaim> running) noexcept {
  if (running.empty()) return true;
  std::uint64_t promised = wanted;
  std::uint64_t needed = wanted;
  for (const MemoryClaim& claim : running) {
    promised = plus(promised, claim.promised);
    needed = plus(needed, minus(claim.promised, claim.held));
  }
  return promised <= room.total && needed <= room.available;
}

}  // namespace cleave::plan
