#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

namespace cleave::plan {

/// Which tests of a program passed under one state of everything that decides it. Text: a line `cleave-passes 1`, the
/// key, then an identity a line (plan::identity_of, 16 hexadecimal digits).
struct Passes {
  std::string key;  ///< Digest of that state.
  std::set<std::uint64_t> tests;
};

std::string encode_passes(const Passes& passes);
/// Empty for any other text: what cannot be read was not passed.
Passes decode_passes(std::string_view text);

/// Grows a digest of 128 bits over bytes: two FNV-1a of 64 bits with different beginnings. For equality, against
/// chance, not against an enemy.
class Digest {
 public:
  void add(std::string_view bytes) noexcept;
  std::string text() const;  ///< 32 hexadecimal digits.

 private:
  void mix(std::string_view bytes) noexcept;
  std::uint64_t one_ = 0xCBF29CE484222325ULL;
  std::uint64_t two_ = 0x9E3779B97F4A7C15ULL;
};

}  // namespace cleave::plan
