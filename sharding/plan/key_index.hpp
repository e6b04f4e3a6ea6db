#pragma once

#include <cstdint>
#include <string_view>
#include <tuple>
#include <vector>

#include "plan/history.hpp"

namespace cleave::plan {

/// Finds the tests of a list by their keys. Refers to the list.
class KeyIndex {
 public:
  explicit KeyIndex(const TestList& list);

  TestKey key_of(std::uint32_t test) const;
  /// The members of the key, where they lie: they compare as keys do.
  std::tuple<std::string_view, std::string_view, std::string_view> key_in_place(std::uint32_t test) const {
    const TestCase& one = list_.tests[test];
    return {one.suite, one.name, shared_[test] ? std::string_view(one.file) : std::string_view()};
  }
  /// Calls `take` with each test that has the key, in their order.
  template <class Take>
  void each(const TestKey& key, const Take& take) const {
    each_from(first_of(key), key, take);
  }
  /// Where each() begins to look: to be kept by whoever asks for the same keys again.
  std::uint32_t first_of(const TestKey& key) const { return slots_[slot_of(key.suite, key.name)]; }
  template <class Take>
  void each_from(std::uint32_t first, const TestKey& key, const Take& take) const {
    for (std::uint32_t at = first; at != kNone; at = next_[at]) {
      if (has_key(at, key)) take(at);
    }
  }
  bool has(const TestKey& key) const {
    bool found = false;
    each(key, [&](std::uint32_t) { found = true; });
    return found;
  }

 private:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  /// Where the first test of that suite and name stands, or would stand.
  std::size_t slot_of(std::string_view suite, std::string_view name) const;
  bool has_key(std::uint32_t test, const TestKey& key) const;

  const TestList& list_;
  std::vector<std::uint32_t> slots_;  ///< A hash table, at most half full.
  std::vector<std::uint32_t> next_;   ///< By test, the next one of the same suite and name.
  std::vector<bool> shared_;          ///< By test: another one has its suite and name.
};

}  // namespace cleave::plan
