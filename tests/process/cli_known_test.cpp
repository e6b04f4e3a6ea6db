// What the tool knows of tests and runs: `cleave explain`, `history show` and `replay`.
#include <gmock/gmock.h>

#include <filesystem>

#include "../support/history_text.hpp"
#include "os/file.hpp"
#include "own_run.hpp"

namespace cleave::test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using Json = nlohmann::json;
namespace fs = std::filesystem;

class CliKnown : public testing::Test {
 protected:
  Finished cleave(std::vector<std::string> words) const {
    words.insert(words.begin(), CLEAVE_TOOL);
    return box_.run(words);
  }
  std::vector<std::string> runs_of(const std::string& name) const {
    return os::list_directory(box_.home_of(program(name)) + "/runs");
  }

  Sandbox box_;
};

// R18: the same tests in the same processes, also when nobody kept the line.
TEST_F(CliKnown, ReplayPrintsTheLineAndRunsIt) {
  const std::string serial = program("gtest_serial");
  ASSERT_EQ(box_.sharded(serial, 2).code, 0);
  const std::string first = runs_of("gtest_serial")[0];
  const std::string order = box_.read(box_.home_of(serial) + "/runs/" + first + "/order.json");
  const Finished line = cleave({"replay", box_.home_of(serial)});
  EXPECT_EQ(line.code, 0) << line.told();
  EXPECT_EQ(line.out, serial + " --cleave-jobs=2 --cleave-replay=" + box_.home_of(serial) + "/runs/" + first +
                          "/order.json --cleave-dir=" + box_.reports() + "\n");
  EXPECT_EQ(runs_of("gtest_serial").size(), 1U) << "nothing was run";
  const Finished again = cleave({"replay", "--run", box_.home_of(serial)});
  EXPECT_EQ(again.code, 0) << again.told();
  const auto runs = runs_of("gtest_serial");
  ASSERT_EQ(runs.size(), 2U);
  const auto batches = [](const std::string& text) {
    std::set<std::string> all;
    const Json told = Json::parse(text);
    for (const Json& worker : told["workers"]) all.insert(worker["tests"].dump());
    return all;
  };
  EXPECT_EQ(batches(box_.read(box_.home_of(serial) + "/latest/order.json")), batches(order));
}

// R20
TEST_F(CliKnown, ReplaySaysWhyItCannot) {
  ASSERT_EQ(cleave({"run", "--dir=" + box_.reports(), program("gtest_basics_plain")}).code, 1);
  const Finished plain = cleave({"replay", box_.home_of(program("gtest_basics_plain"))});
  EXPECT_EQ(plain.code, 2) << plain.told();
  EXPECT_THAT(plain.err, HasSubstr("has no Cleave in it"));
  const std::string home = box_.home_of(program("gtest_basics_plain"));
  fs::remove(home + "/latest/order.json");
  EXPECT_EQ(cleave({"replay", home}).code, 3);
}

// R13, R18
TEST_F(CliKnown, ExplainTellsTagsLastRunAndHistory) {
  const std::string basics = program("gtest_basics");
  const Finished before = cleave({"explain", "--dir", box_.reports(), "Basics.Throws", basics});
  EXPECT_EQ(before.code, 0) << before.told();
  EXPECT_THAT(before.out, AllOf(HasSubstr("Last run: none in "), HasSubstr("History: nothing is known of it\n")));
  ASSERT_EQ(box_.sharded(basics, 2).code, 1);
  const Finished told = cleave({"explain", "--dir", box_.reports(), "Basics.Throws", basics});
  EXPECT_THAT(told.out, AllOf(HasSubstr("basics.cpp:57\n"), HasSubstr("  part        parallel\n"),
                              HasSubstr("  outcome     failed\n"), HasSubstr("failed on shard-"),
                              HasSubstr("  attempts    1, the last ones f "), HasSubstr("  flaky       never\n")));
  const Finished wrong = cleave({"explain", "Basics.Throw", basics});
  EXPECT_EQ(wrong.code, 2);
  EXPECT_EQ(wrong.err, "cleave: 'Basics.Throw' is no test of '" + basics + "'; did you mean 'Basics.Throws'?\n");
}

// R13: NAME of cleave_add_shards() is not the program's name, and each tag says who gave it.
TEST_F(CliKnown, ExplainSaysWhereEachTagIsWrittenAndFindsRunsByTheProgram) {
  const std::string path = program("ctest_gtest");
  const auto explain = [&](const std::string& test) {
    return cleave({"explain", "--dir", box_.reports(), test, path}).out;
  };
  EXPECT_THAT(explain("Shutdown.StopsTheServer"),
              AllOf(HasSubstr("  tags        serial\n"),
                    HasSubstr("  from        serial: SERIAL Shutdown.* of cleave_add_shards(), "),
                    HasSubstr("/ctest_tree/mixed/CMakeLists.txt\n"), HasSubstr("/cleave/mixed_gtest\n")));
  EXPECT_THAT(explain("CacheReader.Hits"),
              HasSubstr("  from        lock:cache:read: LOCK cache:read CacheReader.* of "));
  EXPECT_THAT(explain("SERIAL_Clock.IsSet"), HasSubstr("  from        serial: the name SERIAL_Clock, "));
  EXPECT_THAT(explain("Transfer.MovesRows"), HasSubstr("  from        lock:db: CLEAVE_TAG(Transfer, \"lock:db\"), "));
  EXPECT_THAT(explain("Transfer.MovesRows"), HasSubstr("/gtest_tests.cpp:51\n"));
  const Finished run = box_.run({path, "--cleave-jobs=2", "--cleave-dir=" + box_.reports(), "--gtest_filter=Few.*"});
  ASSERT_EQ(run.code, 0) << run.told();
  EXPECT_THAT(explain("Few.One"), AllOf(HasSubstr("\n  outcome     passed\n"), HasSubstr("passed on shard-")));
  // The folder may have any name: what ran in it is known by its path.
  fs::rename(box_.reports() + "/cleave/mixed_gtest", box_.reports() + "/cleave/renamed");
  EXPECT_THAT(explain("Few.One"), HasSubstr("\n  outcome     passed\n"));
}

// R13: a rule of CONFIG is told with its line and pointer.
TEST_F(CliKnown, ExplainNamesTheRuleOfTheConfigFile) {
  box_.write("work/c.json",
             "{\"rules\": [\n {\"tests\": [\"Basics.Pass*\"], \"tags\": [\"weight:2\", \"priority:high\"]}]}");
  box_.write("work/settings", "cleave-settings 1\nname\tother\nconfig\t" + box_.path("work/c.json") + "\n");
  // As the CTest entries of another call than the first one have it.
  const Finished run = box_.run({program("gtest_basics"), "--cleave-settings=settings", "--cleave-filter=Basics.Passes",
                                 "--cleave-dir=" + box_.reports()});
  ASSERT_EQ(run.code, 0) << run.told();
  const Finished told = cleave({"explain", "--dir", box_.reports(), "Basics.Passes", program("gtest_basics")});
  EXPECT_EQ(told.code, 0) << told.told();
  EXPECT_THAT(told.out,
              AllOf(HasSubstr("  from        weight:2: the pattern Basics.Pass* of CONFIG, "), HasSubstr("/c.json:2:"),
                    HasSubstr(": /rules/0/tests/0\n"), HasSubstr("\n              priority:high: the pattern "),
                    HasSubstr("takes the place of 2 tests\n")));
  const Finished wrong =
      cleave({"explain", "--dir", box_.reports(), "--name=mine", "Basics.Passes", program("gtest_basics")});
  EXPECT_EQ(wrong.code, 2);
  EXPECT_THAT(wrong.err, HasSubstr("--name='mine': '" + program("gtest_basics") + "' has no run in "));
}

// R08, R18
TEST_F(CliKnown, HistoryShowTellsWhatFormerRunsShowed) {
  const std::string basics = program("gtest_basics");
  ASSERT_EQ(box_.sharded(basics, 2).code, 1);
  ASSERT_EQ(box_.sharded(basics, 2).code, 1);
  const std::string home = box_.home_of(basics);
  const Finished json = cleave({"history", "show", "--json", home});
  EXPECT_EQ(json.code, 0) << json.told();
  const Json all = Json::parse(json.out);
  EXPECT_EQ(all["known_tests"], all["tests"].size());
  EXPECT_EQ(all["last_runs"].size(), 2U);
  double before = 1e9;
  std::map<std::string, std::string> outcomes;
  for (const Json& test : all["tests"]) {
    EXPECT_EQ(test["runs"], 2) << test;
    EXPECT_LE(test.value("expected_seconds", 0.0), before) << "the slowest comes first";
    before = test.value("expected_seconds", 0.0);
    outcomes[test["name"]] = test["outcomes"];
  }
  EXPECT_EQ(outcomes["Throws"], "ff");
  EXPECT_EQ(outcomes["Passes"], "pp");
  const Finished text = cleave({"history", "show", "--sort=name", home, "Basics.Thr*"});
  EXPECT_EQ(text.code, 0) << text.told();
  EXPECT_THAT(text.out, AllOf(HasSubstr("  ff                Basics.Throws\n"), Not(HasSubstr("Basics.Passes")),
                              HasSubstr("\nlast runs\n  20"), HasSubstr("to its first test\n")));
}

// R08: what changes its mind comes first, whether a retry showed it or not.
TEST_F(CliKnown, HistoryShowSortsByFlakiness) {
  const std::string line = "\t20000\t4\t2\t1000000\t0\t0\t";
  const auto test = [&](const std::string& flaky, const std::string& outcomes, const std::string& name) {
    return "test" + line + flaky + "\tgreen\t" + outcomes + "\tS\t" + name + "\t\n";
  };
  std::string text =
      "cleave-history 1\n" + test("0", "pppp", "calm") + test("0", "pfpp", "turns") + test("3", "fpfp", "wild");
  box_.write("work/history", text);
  const Finished bad = cleave({"history", "show", "history"});
  EXPECT_EQ(bad.code, 2) << "it has no sum";
  EXPECT_THAT(bad.err, HasSubstr("history:5: the text ends without its sum"));
  box_.write("work/history", with_sum(text));
  const Finished shown = cleave({"history", "show", "--json", "--sort", "flakiest", "history"});
  ASSERT_EQ(shown.code, 0) << shown.told();
  std::vector<std::string> names;
  std::vector<int> changes;
  const Json all = Json::parse(shown.out);
  for (const Json& one : all["tests"]) {
    names.push_back(one["name"]);
    changes.push_back(one["changes"]);
  }
  EXPECT_THAT(names, ElementsAre("wild", "turns", "calm"));
  EXPECT_THAT(changes, ElementsAre(3, 2, 0));
}

// R20
TEST_F(CliKnown, HistoryShowSaysWhatItCannotShow) {
  EXPECT_EQ(cleave({"history", "show", "gone"}).err, "cleave: 'gone' is not there\n");
  const Finished none = cleave({"history", "show", "."});
  EXPECT_EQ(none.code, 2);
  EXPECT_THAT(none.err, HasSubstr("'.' has no history (./history): name a folder cleave/<target>, "));
  EXPECT_EQ(cleave({"history", "show", "--limit=0", "."}).err,
            "cleave: --limit='0' is not a number from 1 to 1000000\n");
  ASSERT_EQ(box_.sharded(program("gtest_serial"), 2).code, 0);
  const Finished unmatched = cleave({"history", "show", box_.home_of(program("gtest_serial")), "No.*"});
  EXPECT_EQ(unmatched.code, 4);
  EXPECT_THAT(unmatched.err, HasSubstr(" matches 'No.*'\n"));
}

// R18: a run is called again as it was called.
TEST_F(CliKnown, ReplayCarriesTheArgumentsOfTheFrameworkAndNamesWhatItLeavesOut) {
  const std::string serial = program("gtest_serial");
  box_.set("GTEST_BRIEF", "1");
  const std::string file = box_.path("own.xml");
  const Finished first =
      box_.run({serial, "--cleave-jobs=2", "--cleave-dir=" + box_.reports(), "--gtest_filter=Locks.*",
                "--gtest_shuffle", "--gtest_random_seed=7", "--gtest_output=xml:" + file, "it's mine"});
  ASSERT_EQ(first.code, 0) << first.told();
  box_.set("GTEST_BRIEF", "0");
  const Finished line = cleave({"replay", box_.home_of(serial)});
  EXPECT_EQ(line.code, 0) << line.told();
  EXPECT_THAT(line.out, testing::StartsWith("GTEST_BRIEF=1 " + serial + " --cleave-jobs=2 --cleave-replay="));
  EXPECT_THAT(line.out, testing::EndsWith(" '--gtest_filter=Locks.*' --gtest_shuffle --gtest_random_seed=7 "
                                          "'it'\\''s mine'\n"));
  EXPECT_EQ(line.err,
            "cleave: warning: left out of what the run was told, because it names a file of results: "
            "--gtest_output=xml:" +
                file + "\n");
  fs::remove(file);
  const Finished again = cleave({"replay", "--run", box_.home_of(serial)});
  EXPECT_EQ(again.code, 0) << again.told();
  EXPECT_FALSE(fs::exists(file));
  const Json report = box_.report(serial);
  EXPECT_EQ(report["seed"], 7);
  EXPECT_GT(report["totals"]["passed"], 0);
  fs::create_directory(box_.path("other"));
  const Finished elsewhere =
      box_.run({"/bin/sh", "-c", "cd ../other && \"$0\" replay \"$1\"", CLEAVE_TOOL, box_.home_of(serial)});
  EXPECT_THAT(elsewhere.out, testing::StartsWith("(cd " + box_.path("work") + " && GTEST_BRIEF=1 "));
}

}  // namespace
}  // namespace cleave::test
