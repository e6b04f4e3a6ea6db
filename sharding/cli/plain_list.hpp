#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "plan/result.hpp"
#include "plan/settings.hpp"
#include "plan/tags.hpp"
#include "plan/test_case.hpp"

namespace cleave::cli {

/// What lists, selects and tells of the tests of a program that has no Cleave in it.
enum class Framework : std::uint8_t { gtest, catch2_v2, catch2_v3 };

/// "gtest" or "catch2".
std::string name_of(Framework framework);

/// The version and kind that a Catch2 program states for `--libidentify`; an error when this is none.
Result<std::string> read_catch2_version(std::string_view text);

/// @name The lists of tests, in registration order where the framework has one.
/// Every listed test is `selected`, but for those of GoogleTest that are disabled. An Error of kind `corrupt` says what
/// is wrong with the text.
/// @{

/// What `--gtest_list_tests --gtest_output=json:FILE` wrote.
Result<plan::TestList> read_gtest_list(std::string_view json, bool also_run_disabled);
/// What Catch2 2 printed for `--list-test-names-only -v high`: names as they are, also with newlines in them.
Result<plan::TestList> read_catch2_v2_list(std::string_view text);
/// The tags, each once, of what Catch2 2 printed for `--list-tags`: without brackets, in its own spelling.
std::vector<std::string> read_catch2_v2_tags(std::string_view text);
/// What Catch2 3 printed for `--list-tests -r xml`. A name with "\x1B" written out in it cannot be told from one with
/// that byte, which is taken to be meant.
Result<plan::TestList> read_catch2_v3_list(std::string_view xml);
/// @}

/// Rules for programs without Cleave: those of a CONFIG file, as far as they mean something there.
struct PlainRules {
  std::vector<plan::TagPattern> tags;
  std::vector<std::string> ignored;  ///< What else stands in the file, each with its reason, for a warning.
};
/// Reads a file as CONFIG of cleave_add_shards() is (plan/config.hpp). An Error of kind `usage` has line and pointer.
Result<PlainRules> read_plain_rules(std::string_view text, const std::string& path);

/// True for `serial` and for what begins with lock:, weight:, memory: or priority:, which the tool heeds by itself.
bool counts_without_cleave(std::string_view tag);

/// For a warning: tags that look like those, and are not. They are taken for the user's own words and count for
/// nothing.
std::vector<std::string> odd_tags(const plan::TestList& list);

/// By test, what its name (SERIAL_…), its tags of Catch2 and the rules ask for. Tags that need Cleave in the program
/// are left out, as are rules that match none of these tests.
Result<std::vector<plan::Constraints>> plain_constraints(const plan::TestList& list, const PlainRules& rules);

/// Tests that the filters of a framework cannot tell apart, and so run in one process or not at all: most often one.
struct Unit {
  std::vector<std::uint32_t> tests;   ///< In list order.
  std::vector<std::string> patterns;  ///< That select them; each may stand in one filter with any others.
  plan::Constraints needs;            ///< Of all of them together.
};

/// All tests that are `selected`, each in one unit; with them those that would run along. In list order.
std::vector<Unit> units_of(const plan::TestList& list, Framework framework,
                           const std::vector<plan::Constraints>& constraints);

/// The arguments that select exactly the tests of these units of the list, behind all others. Suites of GoogleTest that
/// run whole are one pattern: it compares every test with every pattern.
std::vector<std::string> selecting_arguments(const plan::TestList& list, Framework framework,
                                             const std::vector<const Unit*>& units);

}  // namespace cleave::cli
