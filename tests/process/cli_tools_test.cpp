// The tool around runs: `cleave list`, `status`, `clean`, `completion` and `manual`.
#include <gmock/gmock.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "os/file.hpp"
#include "own_run.hpp"

namespace cleave::test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::UnorderedElementsAre;
using Json = nlohmann::json;
namespace fs = std::filesystem;

class CliTools : public testing::Test {
 protected:
  Finished cleave(std::vector<std::string> words) const {
    words.insert(words.begin(), CLEAVE_TOOL);
    return box_.run(words);
  }
  /// `waits` over two shards, from the moment when two of its twelve tests run.
  Running waiting() {
    box_.set("CLEAVE_TEST_LOG", box_.path("log"));
    box_.set("WAITS_GATE", box_.path("gate"));
    Running run = box_.start_sharded(program("gtest_waits"), 2);
    EXPECT_TRUE(soon([&] {
      std::ifstream log(box_.path("log"));
      int lines = 0;
      for (std::string line; std::getline(log, line);) ++lines;
      return lines == 2;
    }));
    return run;
  }
  std::vector<std::string> runs_of(const std::string& name) const {
    return os::list_directory(box_.home_of(program(name)) + "/runs");
  }
  /// What bash would offer behind these words, with the cursor behind the last.
  std::vector<std::string> completed(const std::string& words) const {
    const std::string script = "source <(\"$0\" completion bash); COMP_WORDS=(cleave " + words +
                               "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _cleave; printf '%s\\n' \"${COMPREPLY[@]}\"";
    const Finished finished = box_.run({"/bin/bash", "-c", script, CLEAVE_TOOL});
    EXPECT_EQ(finished.err, "");
    std::vector<std::string> lines;
    std::istringstream text(finished.out);
    for (std::string line; std::getline(text, line);) lines.push_back(line);
    return lines;
  }

  Sandbox box_;
};

// R12: both kinds of programs, and none of their tests runs.
TEST_F(CliTools, ListShowsTestsWithTheirTags) {
  box_.set("CLEAVE_TEST_LOG", box_.path("log"));
  const Finished with = cleave({"list", program("gtest_serial")});
  EXPECT_EQ(with.code, 0) << with.told();
  EXPECT_THAT(with.out, HasSubstr("[serial]\n"));
  const Finished json = cleave({"list", "--format=json", program("gtest_basics"), program("gtest_basics_plain"),
                                program("catch2_v2_basics_plain")});
  EXPECT_EQ(json.code, 0) << json.told();
  const Json programs = Json::parse(json.out)["programs"];
  ASSERT_EQ(programs.size(), 3U);
  EXPECT_EQ(programs[0]["sharded"], true);
  EXPECT_EQ(programs[1]["sharded"], false);
  EXPECT_EQ(programs[2]["framework"], "catch2");
  std::set<std::string> names;
  for (const Json& test : programs[0]["tests"]) names.insert(test["name"]);
  std::set<std::string> plain;
  for (const Json& test : programs[1]["tests"]) {
    if (!test.contains("disabled")) plain.insert(test["name"]);
  }
  EXPECT_EQ(names, plain);
  EXPECT_GT(names.size(), 30U);
  EXPECT_FALSE(fs::exists(box_.path("log"))) << "nothing was run";
}

// R20
TEST_F(CliTools, ListSaysWhatIsNoTestProgram) {
  EXPECT_EQ(cleave({"list", "gone"}).err, "cleave: 'gone' is not there\n");
  EXPECT_EQ(cleave({"list", "gone"}).code, 2);
  const Finished tool = cleave({"list", CLEAVE_TOOL});
  EXPECT_EQ(tool.code, 2) << tool.told();
}

// R13: what runs is seen from another terminal, and the run does not notice.
TEST_F(CliTools, StatusShowsWhatRunsAndDisturbsNothing) {
  Running run = waiting();
  const std::string home = box_.home_of(program("gtest_waits"));
  Finished status;
  // Of a test that has begun the run may hear a moment later.
  soon([&] {
    status = cleave({"status", home});
    return status.out.find("between two tests") == std::string::npos;
  });
  EXPECT_EQ(status.code, 0) << status.told();
  EXPECT_THAT(status.out, AllOf(HasSubstr("gtest_waits "), HasSubstr(" has been going on for "),
                                HasSubstr("\n0 of 12 tests done\n"), HasSubstr("  shard-0  All/Waits.ForTheGate/"),
                                HasSubstr("  shard-1  All/Waits.ForTheGate/"), HasSubstr("  (for ")));
  Running watch = box_.start({CLEAVE_TOOL, "status", "--watch", home});
  box_.write("gate", "");
  EXPECT_EQ(run.wait().code, 0);
  const Finished watched = watch.wait();
  EXPECT_EQ(watched.code, 0) << watched.told();
  EXPECT_THAT(watched.out, HasSubstr(" has ended: All 12 tests passed\n"));
  EXPECT_EQ(cleave({"status", home}).out.substr(0, 12), "gtest_waits ");
}

TEST_F(CliTools, StatusSaysThatARunWasKilled) {
  Running run = waiting();
  run.signal(SIGKILL);
  run.wait();
  ASSERT_TRUE(box_.all_processes_end());
  const Finished status = cleave({"status", box_.home_of(program("gtest_waits"))});
  EXPECT_EQ(status.code, 0) << status.told();
  EXPECT_THAT(status.out, HasSubstr(" was killed before it reported: see cleave report\n0 of 12 tests done\n"));
}

// R15: old runs go, what goes on stays, and nothing else is touched.
TEST_F(CliTools, CleanRemovesOldRunsAndNothingElse) {
  for (int i = 0; i < 3; ++i) ASSERT_EQ(box_.sharded(program("gtest_serial"), 2).code, 0);
  const std::string home = box_.home_of(program("gtest_serial"));
  const auto before = runs_of("gtest_serial");
  ASSERT_EQ(before.size(), 3U);
  fs::create_directories(home + "/runs/mine");
  box_.write(home + "/runs/mine/run.bin", "");
  fs::create_directories(home + "/runs/20200101-000000.000000-00000000");
  const Finished dry = cleave({"clean", "-n", "--keep=1", box_.reports()});
  EXPECT_EQ(dry.code, 0) << dry.told();
  EXPECT_THAT(dry.out, HasSubstr("would remove " + home + "/runs/" + before[0] + " ("));
  EXPECT_THAT(dry.out, Not(HasSubstr(before[2])));
  EXPECT_EQ(runs_of("gtest_serial").size(), 5U);
  const Finished done = cleave({"clean", "--keep=1", box_.reports()});
  EXPECT_EQ(done.code, 0) << done.told();
  EXPECT_THAT(done.out, HasSubstr("\nremoved 2 runs, "));
  EXPECT_THAT(runs_of("gtest_serial"), UnorderedElementsAre(before[2], "mine", "20200101-000000.000000-00000000"));
  EXPECT_TRUE(fs::exists(home + "/latest/report.json"));
  EXPECT_EQ(cleave({"clean", home}).code, 0);
  EXPECT_THAT(runs_of("gtest_serial"), UnorderedElementsAre("mine", "20200101-000000.000000-00000000"));
  EXPECT_FALSE(fs::is_symlink(home + "/latest"));
  EXPECT_TRUE(fs::exists(home + "/history"));
  EXPECT_EQ(box_.sharded(program("gtest_serial"), 2).code, 0) << "it can run on";
}

// R15, R16
TEST_F(CliTools, CleanKeepsARunThatGoesOn) {
  Running run = waiting();
  const Finished clean = cleave({"clean", box_.reports()});
  EXPECT_EQ(clean.code, 0) << clean.told();
  EXPECT_THAT(clean.out, AllOf(HasSubstr("kept "), HasSubstr("removed 0 runs, 0 B\n")));
  box_.write("gate", "");
  EXPECT_EQ(run.wait().code, 0);
  EXPECT_EQ(box_.report(program("gtest_waits"))["totals"]["passed"], 12);
}

// R20
TEST_F(CliTools, CleanRefusesWhatIsNoFolderOrNumber) {
  EXPECT_EQ(cleave({"clean", "gone"}).err, "cleave: 'gone' is not there\n");
  EXPECT_EQ(cleave({"clean", "--keep=-1", "."}).err, "cleave: --keep='-1' is not a number from 0 to 1000000\n");
  EXPECT_EQ(cleave({"clean", "--keep=x", "."}).code, 2);
  EXPECT_EQ(cleave({"clean", "."}).out, "removed 0 runs, 0 B\n");
}

// R19: as bash asks.
TEST_F(CliTools, BashCompletesCommandsOptionsValuesAndFiles) {
  box_.write("work/report.json", "");
  fs::create_directory(box_.path("work/rest of it"));
  EXPECT_THAT(completed("re"), ElementsAre("report", "replay"));
  EXPECT_THAT(completed("report --f"), ElementsAre("--format"));
  EXPECT_THAT(completed("report --format j"), ElementsAre("junit", "json"));
  EXPECT_THAT(completed("report --format = j"), ElementsAre("junit", "json"));
  EXPECT_THAT(completed("report re"), UnorderedElementsAre("report.json", "rest of it"));
  EXPECT_THAT(completed("clean re"), ElementsAre("rest of it"));
  EXPECT_THAT(completed("merge -o re"), UnorderedElementsAre("report.json", "rest of it"));
  EXPECT_THAT(completed("history m"), ElementsAre("merge"));
  EXPECT_THAT(completed("history show --sort f"), ElementsAre("flakiest"));
  EXPECT_THAT(completed("completion z"), ElementsAre("zsh"));
  EXPECT_EQ(cleave({"completion", "fish"}).err, "cleave: 'fish' is not bash or zsh\n");
}

/// An interactive zsh on a terminal of its own, in which somebody types the words and a tab; what is offered is printed
/// in brackets.
constexpr const char* kZsh = R"zsh(zmodload zsh/zpty || exit 9
cat > setup <<'END'
PROMPT=
autoload -Uz compinit && compinit -u -D
source <("$CLEAVE_TOOL" completion zsh)
bindkey '^I' complete-word
compadd() {
  builtin compadd "$@"
  local -i added=$?
  [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]] && return added
  local -a hits
  builtin compadd -A hits "$@"
  local hit
  for hit in $hits; do print -r -- "<$hit>"; done
  return added
}
comppostfuncs=(exit)
print READY
END
zpty it zsh -f -i
zpty -w it "source setup; cd offered"
zpty -r -m it out '*READY*' || exit 8
zpty -w -n it "cleave $1"$'\t'
while zpty -r it line; do print -r -- "$line"; done
)zsh";

// R19: as somebody types it.
TEST_F(CliTools, ZshCompletesCommandsOptionsValuesAndFiles) {
  if (!fs::exists("/usr/bin/zsh")) GTEST_SKIP() << "zsh is not installed";
  fs::create_directories(box_.path("work/offered/rest"));
  box_.write("work/offered/report.json", "");
  box_.write("work/complete.zsh", kZsh);
  box_.set("CLEAVE_TOOL", CLEAVE_TOOL);
  const auto offered = [&](const std::string& words) {
    const Finished finished = box_.run({"/usr/bin/zsh", "-f", "complete.zsh", words});
    EXPECT_EQ(finished.code, 0) << finished.told();
    std::set<std::string> all;
    for (std::size_t at = finished.out.find('<'); at != std::string::npos; at = finished.out.find('<', at + 1))
      all.insert(finished.out.substr(at + 1, finished.out.find('>', at) - at - 1));
    return all;
  };
  EXPECT_THAT(offered("re"), ElementsAre("replay", "report"));
  EXPECT_THAT(offered("report --f"), ElementsAre("--format"));
  EXPECT_THAT(offered("report --format=j"), ElementsAre("json", "junit"));
  EXPECT_THAT(offered("clean re"), ElementsAre("rest"));
  EXPECT_THAT(offered("history show --sort f"), ElementsAre("flakiest"));
}

// R19: no formatter finds anything wrong with the page.
TEST_F(CliTools, TheManualPageIsFaultless) {
  if (!fs::exists("/usr/bin/groff")) GTEST_SKIP() << "groff is not installed";
  box_.write("page.1", cleave({"manual"}).out);
  const Finished finished = box_.run({"/usr/bin/groff", "-ww", "-man", "-Tascii", "-P-c", box_.path("page.1")});
  EXPECT_EQ(finished.code, 0);
  EXPECT_EQ(finished.err, "");
  EXPECT_THAT(finished.out, HasSubstr("Only say what would be removed."));
}

}  // namespace
}  // namespace cleave::test
