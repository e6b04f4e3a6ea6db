#include "plan/test_case.hpp"

#include <cstring>

namespace cleave::plan {
namespace {

constexpr std::uint64_t kBegin = 14695981039346656037ULL;
/// An odd factor, so that both steps of mix() can be undone: two numbers never make one of two.
constexpr std::uint64_t kFactor = 0x9E3779B97F4A7C15ULL;

std::uint64_t mix(std::uint64_t hash, std::uint64_t number) {
  hash = (hash ^ number) * kFactor;
  return hash ^ (hash >> 32);
}

/// Eight bytes at a time; those missing from the last eight are zero.
std::uint64_t mix(std::uint64_t hash, std::string_view bytes) {
  for (; bytes.size() >= sizeof hash; bytes.remove_prefix(sizeof hash)) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), sizeof word);
    hash = mix(hash, word);
  }
  std::uint64_t rest = 0;
  std::memcpy(&rest, bytes.data(), bytes.size());
  return mix(hash, rest);
}

}  // namespace

std::string full_name(const TestCase& test, std::string_view framework) {
  if (framework == "catch2") return test.name;
  return test.suite + "." + test.name;
}

std::uint64_t identity_of(std::string_view suite, std::string_view name, std::string_view file, std::int32_t line) {
  // Each field is preceded by its length, so that no two different tuples feed the same bytes.
  std::uint64_t hash = kBegin;
  for (const std::string_view field : {suite, name, file}) {
    hash = mix(mix(hash, field.size()), field);
  }
  return mix(hash, static_cast<std::uint64_t>(static_cast<std::uint32_t>(line)));
}

std::uint64_t checksum_of(const TestList& list) {
  std::uint64_t hash = mix(kBegin, list.tests.size());
  for (const TestCase& test : list.tests) {
    hash = mix(hash, identity_of(test.suite, test.name, test.file, test.line));
  }
  return hash;
}

}  // namespace cleave::plan
