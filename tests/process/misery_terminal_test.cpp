// Tests that use the terminal of the run, which is not theirs: each worker leads a group of its own, in its background.

#include "../support/pseudo_terminal.hpp"
#include "mishap_runs.hpp"

namespace cleave::test {
namespace {

class MiseryTerminal : public MishapTest {};

// A prompt for a password works, and who waits for a key gets an error: neither is stopped until its limit.
TEST_P(MiseryTerminal, TestsThatUseItAreNotStopped) {
  const auto selection = run_.selecting({"Deed.UsesTheTerminal", "Deed.ReadsTheTerminal"});
  run_.box().set("CLEAVE_TIMEOUT", "30s");
  Sandbox::Arguments command{run_.of("mishaps"), "--cleave-jobs=2", "--cleave-dir=" + run_.box().reports()};
  command.insert(command.end(), selection.begin(), selection.end());
  if (run_.is_ctest()) {
    run_.box().put_into_any(run_.of("mishaps"), selection);
    command = {CLEAVE_CTEST_COMMAND, "--test-dir", run_.box().folder(), "-j2"};
  }
  OnTerminal terminal(run_.box(), command, 100, 30);
  EXPECT_EQ(terminal.wait(), 0) << terminal.screen().text();
  const Told told = run_.told("mishaps", {});
  ASSERT_TRUE(told.report.is_object());
  EXPECT_EQ(told.report["totals"]["passed"], 2) << all_words_of(told.report);
}

INSTANTIATE_TEST_SUITE_P(Of, MiseryTerminal, every_mode(), mishap_name);

}  // namespace
}  // namespace cleave::test
