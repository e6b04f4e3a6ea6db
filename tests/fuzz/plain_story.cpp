#include "cli/plain_story.hpp"

#include "target.hpp"

namespace cleave::fuzz {
namespace {

void check(const cli::Story& story) {
  for (std::size_t i = 0; i < story.tests.size(); ++i) {
    const cli::ToldTest& told = story.tests[i];
    must(told.attempt.outcome != plan::Outcome::passed || told.ended, "a test that did not end did not pass");
    must(told.attempt.output.head.size() + told.attempt.output.tail.size() <= told.attempt.output.total,
         "no more output is kept than there was");
  }
}

void check(const Result<plan::TestList>& list) {
  if (!list) return;
  for (std::size_t i = 0; i < list->tests.size(); ++i)
    must(list->tests[i].position == i, "tests of a list are numbered in their order");
  const auto constraints = cli::plain_constraints(*list, {});
  if (!constraints) return;
  const cli::Framework framework = list->framework == "gtest" ? cli::Framework::gtest : cli::Framework::catch2_v2;
  std::vector<bool> seen(list->tests.size());
  for (const cli::Unit& unit : cli::units_of(*list, framework, *constraints)) {
    for (const std::uint32_t test : unit.tests) {
      must(!seen.at(test), "a test is in one unit");
      seen[test] = true;
    }
  }
  for (std::size_t i = 0; i < seen.size(); ++i)
    must(seen[i] == list->tests[i].selected, "exactly the tests that are selected are in a unit");
}

}  // namespace

/// What programs without Cleave write: GoogleTest's JSON and standard output, Catch2's XML, the lists of all of them.
void plain_story(std::string_view bytes) {
  const auto [results, output] = halves(bytes);
  check(cli::read_gtest_story(results, output));
  check(cli::read_gtest_story({}, bytes));
  check(cli::read_catch2_story(bytes));
  for (const cli::Framework framework : {cli::Framework::gtest, cli::Framework::catch2_v3}) {
    cli::StoryWatch watch(framework);
    must(watch.read(bytes) <= bytes.size(), "no more is taken in than there is");
  }
  (void)cli::read_catch2_version(bytes);
  check(cli::read_gtest_list(bytes, true));
  check(cli::read_catch2_v2_list(bytes));
  check(cli::read_catch2_v3_list(bytes));
}

}  // namespace cleave::fuzz
