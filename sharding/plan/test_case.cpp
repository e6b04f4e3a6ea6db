#include "plan/test_case.hpp"

namespace cleave::plan {
namespace {

constexpr std::uint64_t kFnvOffset = 14695981039346656037ULL;
constexpr std::uint64_t kFnvPrime = 1099511628211ULL;

std::uint64_t mix(std::uint64_t hash, std::string_view bytes) {
  for (const char c : bytes) {
    hash = (hash ^ static_cast<unsigned char>(c)) * kFnvPrime;
  }
  return hash;
}

std::uint64_t mix(std::uint64_t hash, std::uint64_t number) {
  for (int shift = 0; shift < 64; shift += 8) {
    hash = (hash ^ ((number >> shift) & 0xFFU)) * kFnvPrime;
  }
  return hash;
}

}  // namespace

std::string full_name(const TestCase& test, std::string_view framework) {
  if (framework == "catch2") return test.name;
  return test.suite + "." + test.name;
}

std::uint64_t identity_of(std::string_view suite, std::string_view name, std::string_view file, std::int32_t line) {
  // Each field is preceded by its length, so that no two different tuples feed the same bytes.
  std::uint64_t hash = kFnvOffset;
  for (const std::string_view field : {suite, name, file}) {
    hash = mix(mix(hash, field.size()), field);
  }
  return mix(hash, static_cast<std::uint64_t>(static_cast<std::uint32_t>(line)));
}

std::uint64_t checksum_of(const TestList& list) {
  std::uint64_t hash = mix(kFnvOffset, list.tests.size());
  for (const TestCase& test : list.tests) {
    hash = mix(hash, identity_of(test.suite, test.name, test.file, test.line));
  }
  return hash;
}

}  // namespace cleave::plan
