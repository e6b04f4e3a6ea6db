#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cleave::plan {

/// One test of one binary. Its index is its place in the registration order, the same in every process of the binary.
struct TestCase {
  std::string suite;  ///< GoogleTest suite, or the class of a TEST_CASE_METHOD; may be empty.
  std::string name;
  std::string file;
  std::int32_t line = 0;
  std::string type_param;
  std::string value_param;
  std::vector<std::string> tags;  ///< As the framework has them; Cleave's own meaning is read by parse_tags().
  std::uint32_t position = 0;     ///< Place in running order; differs from the index when shuffled.
  bool selected = false;          ///< Would run with the arguments given.
  bool disabled = false;          ///< Matches the arguments but is DISABLED_.
};

/// What the lister found: all tests, by index, and how the framework was told to run them.
struct TestList {
  std::string framework;          ///< "gtest" or "catch2".
  std::string framework_version;  ///< As the framework states it.
  std::string output;             ///< GoogleTest's --gtest_output in force, else empty.
  std::int32_t repeat = 1;
  std::uint32_t seed = 0;
  bool shuffled = false;
  bool pulls = false;          ///< A worker takes further batches in one process.
  bool groups_matter = false;  ///< Suites share a set-up.
  bool reruns = false;         ///< A test can run a second time in one process.
  /// So many at the head of `tests` were registered before main, in the same order.
  std::uint32_t before_main = 0;
  std::vector<TestCase> tests;
};

/// "Suite.Name" for GoogleTest; the name alone for Catch2, where a class says nothing to a reader.
std::string full_name(const TestCase& test, std::string_view framework);

/// 64-bit FNV-1a over suite, name, file and line, with separators that no field can imitate.
std::uint64_t identity_of(std::string_view suite, std::string_view name, std::string_view file, std::int32_t line);

/// FNV-1a over the identities of all tests in order: equal exactly when two processes see the same list.
std::uint64_t checksum_of(const TestList& list);

}  // namespace cleave::plan
