// What a run shows on a real pseudo-terminal, and what it does not write to anything else.
#include <algorithm>
#include <csignal>
#include <filesystem>

#include "../support/pseudo_terminal.hpp"
#include "own_run.hpp"

namespace cleave::test {
namespace {

constexpr const char* kWide = "名前の長いテスト";

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

class Terminal : public testing::Test {
 protected:
  Terminal() {
    box_.set("TERMINAL_GATE", box_.path("gate"));
    box_.set("LC_ALL", "C.UTF-8");
    box_.set("TERM", "xterm-256color");
    box_.unset("NO_COLOR");
  }
  Sandbox::Arguments command(const Sandbox::Arguments& more = {}) const {
    Sandbox::Arguments all{program("gtest_terminal"), "--cleave-jobs=2", "--cleave-dir=" + box_.reports()};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  void open_gate() const { box_.write("gate", ""); }
  /// Both tests that wait are on the screen.
  static bool shows_both(const Screen& screen) {
    const std::string text = screen.text();
    return text.find("Waiting.HasAShortName") != std::string::npos && text.find(kWide) != std::string::npos &&
           text.find("2/5") != std::string::npos;
  }
  /// Failure and summary, and nothing of the status.
  static void expect_clean_end(const OnTerminal& terminal) {
    const std::string text = terminal.screen().text();
    EXPECT_EQ(text.find("FAILED  Early.Fails"), 0u) << text;
    EXPECT_EQ(text.find("━"), std::string::npos) << text;
    EXPECT_EQ(text.find(" left"), std::string::npos) << text;
    EXPECT_EQ(text.find("  shard-0  "), std::string::npos) << text;
    for (const std::string& line : terminal.screen().lines()) EXPECT_NE(line.find("/5"), 1u) << text;
    EXPECT_NE(text.find("\nred: 1 failed\n"), std::string::npos) << text;
    EXPECT_EQ(terminal.screen().unknown(), "");
    EXPECT_FALSE(terminal.screen().cursor_hidden());
  }

  Sandbox box_;
};

// R18
TEST_F(Terminal, ShowsWhatRunsBelowTheFailuresAndLeavesNothingOfIt) {
  OnTerminal terminal(box_, command(), 80, 24);
  ASSERT_TRUE(terminal.shows(shows_both)) << terminal.screen().text();
  const std::vector<std::string> lines = terminal.screen().lines();
  EXPECT_NE(lines[lines.size() - 3].find("2/5  ━"), std::string::npos) << terminal.screen().text();
  EXPECT_NE(lines[lines.size() - 3].find("1 failed"), std::string::npos) << terminal.screen().text();
  EXPECT_EQ(lines[lines.size() - 2].rfind("  shard-0  ", 0), 0u) << terminal.screen().text();
  EXPECT_EQ(lines[lines.size() - 1].rfind("  shard-1  ", 0), 0u) << terminal.screen().text();
  EXPECT_EQ(lines[0].rfind("FAILED  Early.Fails", 0), 0u) << "above the status";
  // It lives: the time of what waits goes on.
  EXPECT_TRUE(terminal.shows_text("  1 s")) << terminal.screen().text();
  open_gate();
  EXPECT_EQ(terminal.wait(), 1);
  expect_clean_end(terminal);
}

TEST_F(Terminal, StaysWithinFortyColumns) {
  OnTerminal terminal(box_, command({"--gtest_filter=-Early.Fails"}), 40, 24);
  ASSERT_TRUE(terminal.shows_text("Waiting.HasAShortName")) << terminal.screen().text();
  ASSERT_TRUE(terminal.shows_text(kWide)) << terminal.screen().text();
  EXPECT_TRUE(terminal.shows_text("  1 s")) << terminal.screen().text();
  EXPECT_EQ(terminal.screen().wrapped(), 0u) << terminal.screen().text();
  EXPECT_EQ(terminal.screen().lines().size(), 3u) << "drawn over and over in one place: " << terminal.screen().text();
  open_gate();
  EXPECT_EQ(terminal.wait(), 0);
  EXPECT_EQ(terminal.screen().text().rfind("4 tests: 4 passed", 0), 0u) << terminal.screen().text();
}

TEST_F(Terminal, FollowsTheWindowsSize) {
  OnTerminal terminal(box_, command(), 80, 24);
  ASSERT_TRUE(terminal.shows(shows_both)) << terminal.screen().text();
  for (const std::uint16_t columns : {std::uint16_t{40}, std::uint16_t{100}, std::uint16_t{30}, std::uint16_t{80}}) {
    terminal.resize(columns, 24);
    const auto redrawn = [&](const Screen& screen) {
      const std::string text = screen.text();
      const std::string label = columns > 50 ? "\n  shard-0  " : "\n  0  ";
      return count_of(text, label) == 1 && count_of(text, "2/5") == 1;
    };
    EXPECT_TRUE(terminal.shows(redrawn)) << columns << ":\n" << terminal.screen().text();
  }
  terminal.resize(80, 3);
  const auto is_short = [](const Screen& screen) { return screen.lines().back().find("2/5  ") == 0; };
  EXPECT_TRUE(terminal.shows(is_short)) << terminal.screen().text();
  open_gate();
  EXPECT_EQ(terminal.wait(), 1);
  expect_clean_end(terminal);
}

TEST_F(Terminal, CtrlCLeavesTheTerminalAsItWas) {
  OnTerminal terminal(box_, command(), 80, 24);
  ASSERT_TRUE(terminal.shows(shows_both)) << terminal.screen().text();
  terminal.type("\x03");
  open_gate();
  EXPECT_EQ(terminal.wait(), 1);
  const std::string text = terminal.screen().text();
  EXPECT_NE(text.find("red: interrupted by SIGINT"), std::string::npos) << text;
  EXPECT_EQ(text.find(" left\n"), std::string::npos) << text;
  EXPECT_FALSE(terminal.screen().cursor_hidden());
  EXPECT_EQ(terminal.screen().unknown(), "");
}

// R18: what the run waits for, and what a second one does.
TEST_F(Terminal, AfterCtrlCItSaysWhatIsWaitedForAndASecondOneEndsIt) {
  OnTerminal terminal(box_, command(), 80, 24);
  ASSERT_TRUE(terminal.shows(shows_both)) << terminal.screen().text();
  terminal.type("\x03");
  ASSERT_TRUE(terminal.shows_text("stopping (SIGINT): 2 tests may run on for ")) << terminal.screen().text();
  EXPECT_TRUE(terminal.shows_text("; Ctrl-C again ends them now\n")) << terminal.screen().text();
  EXPECT_TRUE(terminal.shows_text("  Waiting.HasAShortName")) << "by name: " << terminal.screen().text();
  terminal.type("\x03");
  EXPECT_EQ(terminal.wait(), 1) << "though the gate is shut";
  const std::string text = terminal.screen().text();
  EXPECT_NE(text.find("interrupted by SIGINT while it ran"), std::string::npos) << text;
  EXPECT_EQ(text.find("\nstopping ("), std::string::npos) << text;
  EXPECT_EQ(terminal.screen().unknown(), "");
}

TEST_F(Terminal, WithoutALiveStatusALineSaysThatItStops) {
  box_.set("TERM", "dumb");
  OnTerminal terminal(box_, command({"--cleave-heartbeat=0", "--cleave-log=verbose"}), 120, 24);
  ASSERT_TRUE(terminal.shows_text("passed     Early.Passes")) << terminal.bytes();
  ::kill(terminal.pid(), SIGTERM);
  ASSERT_TRUE(
      terminal.shows_text("cleave: stopping after SIGTERM; what runs may end within 10 s, a second signal ends "
                          "it now: 2 of 5 done, 1 failed, "))
      << terminal.bytes();
  EXPECT_TRUE(terminal.shows_text("  Waiting.HasAShortName  ")) << terminal.bytes();
  open_gate();
  EXPECT_EQ(terminal.wait(), 1);
  EXPECT_EQ(count_of(terminal.bytes(), "cleave: stopping"), 1U) << terminal.bytes();
}

// R18: before the first test and behind the last one somebody waits too.
TEST_F(Terminal, FixturesThatComeUpAndGoDownAreNamedWithTheirTime) {
  box_.set("FIXTURES_GATE", box_.path("gate"));
  box_.set("FIXTURES_WAIT", "base");
  box_.set("FIXTURES_WAIT_TEAR_DOWN", "top");
  const Sandbox::Arguments run{program("gtest_fixtures"), "--cleave-jobs=2", "--cleave-dir=" + box_.reports()};
  OnTerminal terminal(box_, run, 80, 24);
  ASSERT_TRUE(terminal.shows_text("\n  fixtures  sets up 'base'")) << terminal.screen().text();
  EXPECT_TRUE(terminal.shows_text("  1 s\n")) << "for how long: " << terminal.screen().text();
  open_gate();
  ASSERT_TRUE(terminal.shows_text("\n  fixtures  tears down 'top'")) << terminal.screen().text();
  EXPECT_NE(terminal.screen().text().find("? left"), std::string::npos) << "nobody knows: " << terminal.screen().text();
  box_.write("gate.down", "");
  EXPECT_EQ(terminal.wait(), 0);
  EXPECT_EQ(terminal.screen().text().find("fixtures  "), std::string::npos) << terminal.screen().text();
}

TEST_F(Terminal, ASilenceBeforeTheFirstTestNamesTheFixture) {
  box_.set("TERM", "dumb");
  box_.set("FIXTURES_GATE", box_.path("gate"));
  box_.set("FIXTURES_WAIT", "base");
  box_.set("CLEAVE_STACKS", "off");
  OnTerminal terminal(
      box_,
      {program("gtest_fixtures"), "--cleave-jobs=2", "--cleave-heartbeat=300ms", "--cleave-dir=" + box_.reports()}, 100,
      24);
  ASSERT_TRUE(terminal.shows_text("cleave: no test ended for ")) << terminal.bytes();
  EXPECT_TRUE(terminal.shows_text("\n  fixtures  sets up 'base'  ")) << terminal.bytes();
  open_gate();
  EXPECT_EQ(terminal.wait(), 0);
}

TEST_F(Terminal, HasNoColourWhereNoneIsWished) {
  box_.set("NO_COLOR", "1");
  OnTerminal terminal(box_, command(), 80, 24);
  ASSERT_TRUE(terminal.shows(shows_both)) << "there is a status all the same";
  open_gate();
  EXPECT_EQ(terminal.wait(), 1);
  expect_clean_end(terminal);
  EXPECT_EQ(terminal.bytes().find("m━"), std::string::npos);
  for (std::size_t at = terminal.bytes().find("\x1b["); at != std::string::npos;
       at = terminal.bytes().find("\x1b[", at + 1)) {
    EXPECT_NE(terminal.bytes()[terminal.bytes().find_first_not_of("0123456789;", at + 2)], 'm') << at;
  }
}

TEST_F(Terminal, ADumbOneGetsPlainLines) {
  box_.set("TERM", "dumb");
  open_gate();
  OnTerminal terminal(box_, command(), 80, 24);
  EXPECT_EQ(terminal.wait(), 1);
  EXPECT_EQ(terminal.bytes().find('\x1b'), std::string::npos) << terminal.bytes();
  expect_clean_end(terminal);
}

TEST_F(Terminal, WhatIsNoneGetsNoEscapeAndNoStatus) {
  open_gate();
  const Finished run = box_.run(command());
  EXPECT_EQ(run.code, 1) << run.told();
  EXPECT_EQ((run.out + run.err).find('\x1b'), std::string::npos) << run.told();
  EXPECT_EQ(run.out.find("shard-0  "), std::string::npos) << run.told();
  EXPECT_EQ(run.out.rfind("FAILED  Early.Fails", 0), 0u) << run.told();
}

TEST_F(Terminal, QuietShowsNoStatus) {
  OnTerminal terminal(box_, command({"--cleave-log=quiet"}), 80, 24);
  ASSERT_TRUE(terminal.shows_text("reproduce:"));
  open_gate();
  EXPECT_EQ(terminal.wait(), 1);
  EXPECT_EQ(terminal.bytes().find("━"), std::string::npos) << terminal.bytes();
}

TEST_F(Terminal, VerboseNamesEachTestThatEnded) {
  open_gate();
  const Finished run = box_.run(command({"--cleave-log=verbose"}));
  EXPECT_NE(run.out.find("passed     Waiting.HasAShortName  ("), std::string::npos) << run.told();
  EXPECT_NE(run.out.find("passed     SERIAL_Late.Passes  ("), std::string::npos) << run.told();
}

// R15: predicted and actual, in a run that is worth it.
TEST_F(Terminal, TheEndComparesTheTimeWithWhatWasExpected) {
  open_gate();
  const Finished first = box_.run(command());
  EXPECT_EQ(first.out.find("  time  "), std::string::npos) << "a short run: " << first.told();
  std::filesystem::remove(box_.path("gate"));
  OnTerminal terminal(box_, command({"--gtest_filter=Waiting*:*.Passes"}), 120, 24);
  ASSERT_TRUE(terminal.shows_text("  1 s, "));
  open_gate();
  EXPECT_EQ(terminal.wait(), 0);
  const std::string text = terminal.screen().text();
  EXPECT_NE(text.find("\n  slowest    Waiting.HasAShortName  "), std::string::npos) << text;
  EXPECT_NE(text.find("\n  time       predicted "), std::string::npos) << text;
  EXPECT_NE(text.find(" that no schedule beats (Waiting.HasAShortName)\n"), std::string::npos) << text;
  const Sandbox::Json report = box_.report(program("gtest_terminal"));
  EXPECT_EQ(report["efficiency"]["bound_by"], "Waiting.HasAShortName");
  EXPECT_GE(report["efficiency"]["bound_seconds"], 1.0);
}

// What a test printed without a newline is not the beginning of another shard's line.
TEST_F(Terminal, StreamedLinesAreWhole) {
  open_gate();
  const Finished run = box_.run(command({"--cleave-output=stream", "--gtest_brief=1"}));
  EXPECT_NE(run.out.find("] half a line"), std::string::npos) << run.told();
  EXPECT_EQ(run.out.find("half a line["), std::string::npos) << run.told();
}

// R18: the run goes on.
TEST_F(Terminal, AQuestionIsAnsweredAndEndsNothing) {
  box_.set("TERM", "dumb");
  OnTerminal terminal(box_, command({"--cleave-heartbeat=0", "--cleave-log=verbose"}), 100, 24);
  ASSERT_TRUE(terminal.shows_text("passed     Early.Passes")) << terminal.bytes();
  ::kill(terminal.pid(), SIGUSR1);
  ASSERT_TRUE(terminal.shows_text("cleave: asked by SIGUSR1: 2 of 5 done, 1 failed, ")) << terminal.bytes();
  ::kill(terminal.pid(), SIGUSR1);
  const auto twice = [](const Screen& screen) { return count_of(screen.text(), "cleave: asked by SIGUSR1: ") == 2; };
  EXPECT_TRUE(terminal.shows(twice)) << terminal.bytes();
  EXPECT_TRUE(terminal.shows_text("  Waiting.HasAShortName  ")) << terminal.bytes();
  open_gate();
  EXPECT_EQ(terminal.wait(), 1);
  EXPECT_NE(terminal.bytes().find("5 tests: 4 passed, 1 failed"), std::string::npos) << terminal.bytes();
}

TEST_F(Terminal, ALongSilenceIsBrokenByWhatRuns) {
  box_.set("TERM", "dumb");
  OnTerminal terminal(box_, command({"--cleave-heartbeat=300ms"}), 100, 24);
  ASSERT_TRUE(terminal.shows_text("cleave: no test ended for ")) << terminal.bytes();
  EXPECT_TRUE(terminal.shows_text("2 of 5 done, 1 failed")) << terminal.bytes();
  EXPECT_TRUE(terminal.shows_text("  Waiting.HasAShortName  ")) << terminal.bytes();
  open_gate();
  EXPECT_EQ(terminal.wait(), 1);
}

// Where each test is, of all its threads; and that the look lets it go on.
TEST_F(Terminal, WhatRunsIsShownWithItsStack) {
  box_.set("TERM", "dumb");
  if (const std::string reader = CLEAVE_STACKS_PROGRAM; !reader.empty()) box_.set("CLEAVE_STACKS", reader);
  OnTerminal terminal(box_, command({"--cleave-heartbeat=0", "--cleave-log=verbose"}), 200, 200);
  ASSERT_TRUE(terminal.shows_text("passed     Early.Passes")) << terminal.bytes();
  ::kill(terminal.pid(), SIGUSR1);
  EXPECT_TRUE(terminal.shows_text("wait_for_gate")) << terminal.bytes();
  open_gate();
  EXPECT_EQ(terminal.wait(), 1);
  EXPECT_NE(terminal.bytes().find("5 tests: 4 passed, 1 failed"), std::string::npos) << terminal.bytes();
}

// A shard of CTest is asked too; it knows of its own tests only.
TEST_F(Terminal, AShardAnswersToo) {
  box_.set("TERM", "dumb");
  box_.set("CLEAVE_LOG", "verbose");
  OnTerminal terminal(box_, {program("gtest_terminal"), "--cleave-entry=shard:0/1", "--cleave-dir=" + box_.reports()},
                      100, 24);
  ASSERT_TRUE(terminal.shows_text("passed     Early.Passes")) << terminal.bytes();
  ::kill(terminal.pid(), SIGUSR1);
  EXPECT_TRUE(terminal.shows_text("cleave: asked by SIGUSR1: 2 done, 1 failed")) << terminal.bytes();
  open_gate();
  EXPECT_EQ(terminal.wait(), 1);
  EXPECT_TRUE(terminal.shows_text(": 4 tests: 3 passed, 1 failed; red\n")) << terminal.screen().text();
}

/// Of a program in `cleave run`, which prints into a pipe of the tool.
class ToolOnTerminal : public Terminal {
 protected:
  void SetUp() override {
    if (std::string_view(CLEAVE_TOOL).empty()) GTEST_SKIP() << "the tool is not built";
    open_gate();
  }
  Sandbox::Arguments tool(const Sandbox::Arguments& more = {}) const {
    Sandbox::Arguments all{CLEAVE_TOOL, "run", "-j2", "--dir", box_.reports(), program("gtest_terminal")};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
};

// R18: on a terminal what a program tells has its colours, also through the tool, and what its tests print keeps
// theirs.
TEST_F(ToolOnTerminal, ShowsFailuresOfItsProgramsInColour) {
  OnTerminal terminal(box_, tool({"--output=stream", "--", "--gtest_color=yes"}), 100, 24);
  EXPECT_EQ(terminal.wait(), 1);
  EXPECT_NE(terminal.bytes().find("\x1b[31mFAILED\x1b[0m  Early.Fails"), std::string::npos) << terminal.bytes();
  EXPECT_NE(terminal.bytes().find("] \x1b[0;32m[ RUN      ] "), std::string::npos) << terminal.bytes();
}

TEST_F(ToolOnTerminal, ShowsNoneWhereNoneAreWished) {
  box_.set("NO_COLOR", "1");
  OnTerminal terminal(box_, tool(), 100, 24);
  EXPECT_EQ(terminal.wait(), 1);
  EXPECT_NE(terminal.bytes().find("FAILED  Early.Fails"), std::string::npos) << terminal.bytes();
  EXPECT_EQ(terminal.bytes().find("\x1b["), std::string::npos) << terminal.bytes();
}

// R18: a CI log that shows colours is no terminal, and a terminal may be one that a person wants plain.
TEST_F(Terminal, ColoursComeAndGoAsIsSaid) {
  open_gate();
  const Finished always = box_.run(command({"--cleave-colour=always"}));
  EXPECT_NE(always.out.find("\x1b[31mFAILED\x1b[0m  Early.Fails"), std::string::npos) << always.told();
  OnTerminal never(box_, command({"--cleave-colour=never"}), 100, 24);
  EXPECT_EQ(never.wait(), 1);
  EXPECT_EQ(never.bytes().find("\x1b[31m"), std::string::npos) << never.bytes();
}

}  // namespace
}  // namespace cleave::test
