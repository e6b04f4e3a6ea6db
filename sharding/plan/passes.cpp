#include "plan/passes.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstring>

namespace cleave::plan {
namespace {

constexpr std::string_view kHead = "cleave-passes 1";
constexpr std::uint64_t kFnvPrime = 0x100000001B3ULL;

std::string hex(std::uint64_t value) {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(value));
  return text;
}

std::string_view next_line(std::string_view& text) {
  const auto end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

}  // namespace

void Digest::add(std::string_view bytes) noexcept {
  // Preceded by their number, so that no two sequences of pieces are the same bytes.
  const std::string size = std::to_string(bytes.size()) + ":";
  mix(size);
  mix(bytes);
}

/// Eight bytes at a time: programs are large.
void Digest::mix(std::string_view bytes) noexcept {
  while (!bytes.empty()) {
    std::uint64_t word = 0;
    const std::size_t count = std::min<std::size_t>(bytes.size(), sizeof word);
    std::memcpy(&word, bytes.data(), count);
    one_ = (one_ ^ word) * kFnvPrime;
    two_ = ((two_ << 7U | two_ >> 57U) ^ word) * kFnvPrime;
    one_ ^= one_ >> 32U;
    two_ ^= two_ >> 29U;
    bytes.remove_prefix(count);
  }
}

std::string Digest::text() const { return hex(one_) + hex(two_); }

std::string encode_passes(const Passes& passes) {
  std::string text = std::string(kHead) + "\n" + passes.key + "\n";
  for (const std::uint64_t test : passes.tests) text += hex(test) + "\n";
  return text;
}

Passes decode_passes(std::string_view text) {
  Passes passes;
  if (!text.ends_with('\n') || next_line(text) != kHead) return {};
  passes.key = next_line(text);
  while (!text.empty()) {
    const std::string_view line = next_line(text);
    std::uint64_t test = 0;
    const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), test, 16);
    if (line.size() != 16 || error != std::errc() || end != line.data() + line.size()) return {};
    passes.tests.insert(test);
  }
  return passes;
}

}  // namespace cleave::plan
