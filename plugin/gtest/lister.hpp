// Tells which tests there are. Part of adapter.cpp.

#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "internals.hpp"

namespace cleave::detail {
namespace {

class Lister final : public testing::EmptyTestEventListener {
 public:
  // Before main.
  Lister() : before_main_(registered_tests(*testing::UnitTest::GetInstance())) {}

  void OnTestProgramStart(const testing::UnitTest& unit_test) override { all_ = registered_tests(unit_test); }

  // By now the tests are filtered and shuffled, and no environment is set up.
  void OnTestIterationStart(const testing::UnitTest& unit_test, int /*iteration*/) override { list(unit_test); }

  // --gtest_repeat=0 has no iteration, but is no reason to know no tests.
  void OnTestProgramEnd(const testing::UnitTest& unit_test) override { list(unit_test); }

 private:
  [[noreturn]] void list(const testing::UnitTest& unit_test) {
    std::unordered_map<const testing::TestInfo*, std::uint32_t> positions;
    positions.reserve(all_.size());
    for (int i = 0; i < unit_test.total_test_suite_count(); ++i) {
      testing::TestSuite& suite = suite_at(i);
      order_as_they_run(tests_of(suite));
      for (int j = 0; j < suite.total_test_count(); ++j) {
        positions.emplace(suite.GetTestInfo(j), static_cast<std::uint32_t>(positions.size()));
      }
    }
    for (const Registered& entry : all_) {
      const testing::TestInfo& test = *entry.test;
      ListedTest listed{};
      listed.suite = text_of(test.test_suite_name());
      listed.name = text_of(test.name());
      listed.file = text_of(test.file());
      listed.type_param = text_of(test.type_param());
      listed.value_param = text_of(test.value_param());
      listed.tags = kNothing;
      listed.line = test.line();
      listed.position = positions[&test];
      listed.selected = test.should_run();
      // What matches the filter and belongs to this GTEST_SHARD_INDEX, yet would not run, can only be disabled.
      listed.disabled = test.is_reportable() && !test.should_run();
      list_test(listed);
    }
    const std::string output = CLEAVE_GTEST_GET(output);
    ListFacts facts{};
    facts.framework_version = text_of(kVersion);
    facts.output = text_of(output);
    facts.repeat = CLEAVE_GTEST_GET(repeat);
    facts.seed = static_cast<std::uint32_t>(unit_test.random_seed());
    facts.shuffled = CLEAVE_GTEST_GET(shuffle);
    facts.pulls = true;
    facts.groups_matter = true;
    facts.reruns = true;
    facts.before_main = head_from_before_main();
    facts.recreates_environments = recreates_environments() || facts.repeat < 0;
    list_done(facts);
  }

  std::uint32_t head_from_before_main() const {
    std::size_t i = 0;
    while (i != before_main_.size() && i != all_.size() && all_[i].test == before_main_[i].test) ++i;
    return static_cast<std::uint32_t>(i);
  }

  std::vector<Registered> before_main_;
  std::vector<Registered> all_;
};

}  // namespace
}  // namespace cleave::detail
