// What a run says where a CI system reads its log.
#include "own_run.hpp"

namespace cleave::test {
namespace {

class Ci : public testing::Test {
 protected:
  Ci() { box_.write("gate", ""), box_.set("TERMINAL_GATE", box_.path("gate")); }
  Finished run() const {
    const Finished run = box_.run({program("gtest_terminal"), "--cleave-jobs=2", "--cleave-dir=" + box_.reports()});
    EXPECT_EQ(run.code, 1) << run.told();
    return run;
  }
  Sandbox box_;
};

bool has(const Finished& run, const std::string& part) { return run.out.find(part) != std::string::npos; }

// R18
TEST_F(Ci, GithubGetsAnAnnotationAndASummary) {
  box_.set("GITHUB_ACTIONS", "true");
  box_.set("GITHUB_WORKSPACE", CLEAVE_SOURCE_DIR);
  box_.set("GITHUB_STEP_SUMMARY", box_.path("summary.md"));
  box_.write("summary.md", "before\n");
  const Finished run = this->run();
  EXPECT_TRUE(has(run, "\n::error file=tests/programs/gtest/terminal.cpp,line=")) << run.told();
  EXPECT_TRUE(has(run, ",title=Early.Fails failed::")) << run.told();
  const std::string summary = box_.read("summary.md");
  EXPECT_EQ(summary.rfind("before\n### ❌ <code>gtest_terminal</code>: red\n", 0), 0u) << summary;
  EXPECT_NE(summary.find("| failed | <code>Early.Fails</code> |"), std::string::npos) << summary;
}

TEST_F(Ci, ASummaryThatCannotBeWrittenIsAWarning) {
  box_.set("GITHUB_ACTIONS", "true");
  box_.set("GITHUB_STEP_SUMMARY", box_.path("no/such/folder"));
  const Finished run = this->run();
  EXPECT_NE(run.err.find("warning: the summary of the job was not written"), std::string::npos) << run.told();
}

TEST_F(Ci, TeamcityHearsOfEveryTestOnce) {
  box_.set("TEAMCITY_VERSION", "2026.1");
  const Finished run = this->run();
  std::size_t finished = 0;
  for (auto at = run.out.find("##teamcity[testFinished "); at != std::string::npos;
       at = run.out.find("##teamcity[testFinished ", at + 1)) {
    ++finished;
  }
  EXPECT_EQ(finished, 5u) << run.told();
  EXPECT_TRUE(has(run, "##teamcity[testFailed name='gtest_terminal: Early.Fails' message='")) << run.told();
}

TEST_F(Ci, LongOutputIsFoldedAndCommandsNothing) {
  box_.set("TERMINAL_LINES", "40");
  box_.set("GITHUB_ACTIONS", "true");
  const Finished github = run();
  EXPECT_TRUE(has(github, "::group::FAILED  Early.Fails  (")) << github.told();
  EXPECT_TRUE(has(github, "\n    | # #[group]line 39\n")) << github.told();
  EXPECT_TRUE(has(github, "\n::endgroup::\n::error ")) << github.told();
  EXPECT_FALSE(has(github, "##[")) << github.told();
  box_.unset("GITHUB_ACTIONS");
  box_.set("GITLAB_CI", "true");
  const Finished gitlab = run();
  EXPECT_TRUE(has(gitlab, "[collapsed=true]\r\x1b[0KFAILED  Early.Fails  (")) << gitlab.told();
  EXPECT_TRUE(has(gitlab, "\x1b[0Ksection_end:")) << gitlab.told();
}

TEST_F(Ci, ElsewhereNobodyIsSpokenTo) {
  const Finished run = this->run();
  EXPECT_FALSE(has(run, "::error")) << run.told();
  EXPECT_FALSE(has(run, "##teamcity")) << run.told();
}

}  // namespace
}  // namespace cleave::test
