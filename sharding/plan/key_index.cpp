#include "plan/key_index.hpp"

#include <bit>
#include <functional>

namespace cleave::plan {

KeyIndex::KeyIndex(const TestList& list)
    : list_(list),
      slots_(std::bit_ceil(2 * list.tests.size() + 1), kNone),
      next_(list.tests.size(), kNone),
      shared_(list.tests.size(), false) {
  // From the last on, so that the first of several comes first.
  for (auto test = static_cast<std::uint32_t>(list.tests.size()); test-- > 0;) {
    std::uint32_t& first = slots_[slot_of(list.tests[test].suite, list.tests[test].name)];
    if (first != kNone) shared_[test] = shared_[first] = true;
    next_[test] = first;
    first = test;
  }
}

TestKey KeyIndex::key_of(std::uint32_t test) const {
  const TestCase& one = list_.tests[test];
  return {one.suite, one.name, shared_[test] ? one.file : std::string()};
}

std::size_t KeyIndex::slot_of(std::string_view suite, std::string_view name) const {
  const std::hash<std::string_view> hash;
  constexpr std::size_t kOdd = 31;
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = (hash(suite) * kOdd + hash(name)) & mask;; at = (at + 1) & mask) {
    if (slots_[at] == kNone) return at;
    const TestCase& test = list_.tests[slots_[at]];
    if (test.name == name && test.suite == suite) return at;
  }
}

bool KeyIndex::has_key(std::uint32_t test, const TestKey& key) const {
  return shared_[test] ? key.file == list_.tests[test].file : key.file.empty();
}

}  // namespace cleave::plan
