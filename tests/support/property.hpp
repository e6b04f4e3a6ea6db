#pragma once

#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

namespace cleave::test {

/// Seeds of the cases of one property: those that failed once, and then `count` new ones from CLEAVE_PROPERTY_SEED on
/// (the variable; 1 when it is not set). A failing case prints its seed; with the variable set to it, it is the first.
inline std::vector<std::uint64_t> seeds(const std::vector<std::uint64_t>& kept, std::uint64_t count) {
  const char* const text = std::getenv("CLEAVE_PROPERTY_SEED");
  const std::uint64_t first = text == nullptr ? 1 : std::strtoull(text, nullptr, 10);
  std::vector<std::uint64_t> all = kept;
  for (std::uint64_t i = 0; i < count; ++i) all.push_back(first + i);
  return all;
}

/// A source of choices that a seed determines on every platform.
class Choices {
 public:
  explicit Choices(std::uint64_t seed) : engine_(seed * 0x9E3779B97F4A7C15U + 1) {}
  /// From `low` to `high`, both included.
  std::uint32_t number(std::uint32_t low, std::uint32_t high) {
    return low + static_cast<std::uint32_t>(engine_() % (std::uint64_t{high} - low + 1));
  }
  /// True in `percent` of 100 cases.
  bool chance(std::uint32_t percent) { return number(1, 100) <= percent; }
  template <class T>
  const T& one_of(const std::vector<T>& from) {
    return from[number(0, static_cast<std::uint32_t>(from.size()) - 1)];
  }

 private:
  std::mt19937_64 engine_;
};

/// Names that break tools which pass them through a shell, a listing or a pattern.
inline const std::vector<std::string>& hostile_names() {
  static const std::vector<std::string> names{"plain",
                                              "[",
                                              "]",
                                              "a[b",
                                              "*",
                                              "?",
                                              ",",
                                              "~x",
                                              "\\",
                                              "\"",
                                              ";",
                                              "$HOME",
                                              "${x}",
                                              "{}",
                                              "<x>",
                                              "@file",
                                              "#1",
                                              "a b",
                                              " lead",
                                              "trail ",
                                              "",
                                              "\xE2\x80\x94",
                                              "\xE6\xB8\xAC\xE8\xA9\xA6",
                                              "\xF0\x9F\x98\x80",
                                              "A/B.C/0",
                                              "Suite/1.Test",
                                              "DISABLED_x",
                                              "$ENV{X};[weird]{},{ mix $<0:no> ${VAR} };,{ }},{{",
                                              "@Script[C:\\EPM1A]=x;\"SCALA_ZERO:\"",
                                              "\t\n",
                                              std::string("nul\0byte", 8),
                                              "\xFF\xFE"};
  return names;
}

}  // namespace cleave::test
