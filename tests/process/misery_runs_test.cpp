// What goes wrong around the tests of a run: its output, its folders, its history, two of them at once, and whoever
// kills it. In an own run as under ctest, for each framework.

#include <signal.h>

#include <fstream>

#include "mishap_runs.hpp"
#include "sanitized.hpp"

namespace cleave::test {
namespace {

using Json = nlohmann::json;
namespace fs = std::filesystem;

class MiseryRuns : public MishapTest {
 protected:
  /// The lines of the log that begin so, without that beginning.
  std::vector<std::string> log(const std::string& beginning) const {
    std::vector<std::string> found;
    std::istringstream all(run_log());
    for (std::string line; std::getline(all, line);) {
      if (line.starts_with(beginning)) found.push_back(line.substr(beginning.size()));
    }
    return found;
  }
  std::string run_log() const {
    std::ifstream file(box().path("mishaps-log"));
    return {std::istreambuf_iterator<char>(file), {}};
  }
  const CTestTree& box() const { return const_cast<MiseryRuns*>(this)->run_.box(); }
  /// Runs into a folder of its own choice.
  Finished run_into(const std::string& folder, const std::vector<std::string>& tests) {
    run_.box().set("CLEAVE_DIR", folder);
    if (run_.is_ctest()) return run_.start("mishaps", run_.selecting(tests)).wait();
    Sandbox::Arguments command{run_.of("mishaps"), "--cleave-jobs=3"};
    for (const std::string& each : run_.selecting(tests)) command.push_back(each);
    return run_.box().run(command);
  }
};

// R43: what goes wrong before Cleave can be there is never green.
TEST_P(MiseryRuns, ACrashBeforeMainIsRed) {
  run_.box().set("MISHAP", "crash before main");
  const Told told = run_.run("mishaps", run_.selecting({"Quiet.*"}));
  EXPECT_NE(told.ended.code, 0) << told.ended.told();
  if (run_.is_ctest()) {
    EXPECT_EQ(told.ended.code, 8) << told.ended.told();
  } else {
    EXPECT_EQ(told.ended.signal, SIGABRT) << told.ended.told();
  }
  EXPECT_TRUE(told.report.is_null());
}

// R20
TEST_P(MiseryRuns, ACrashWhileTheTestsAreListedIsToldAndRed) {
  if (!run_.is_gtest()) GTEST_SKIP() << "the main is Catch2's own";
  run_.box().set("MISHAP", "crash in main");
  const Told told = run_.run("mishaps", run_.selecting({"Quiet.*"}));
  EXPECT_EQ(told.ended.code, code_of(run_, 3)) << told.ended.told();
  EXPECT_NE((told.ended.out + told.ended.err).find("main was killed by SIGABRT without running the tests"),
            std::string::npos)
      << told.ended.told();
}

// What is initialised once in a process is initialised once in an own run, and once for each entry of ctest for which
// there is something to do: begin, the three shards as long as there are tests, end, but not serial.
TEST_P(MiseryRuns, StaticInitialisationIsPaidOncePerStart) {
  const Told told = run_.run("mishaps", run_.selecting({"Quiet.*"}));
  EXPECT_EQ(told.ended.code, 0) << told.ended.told();
  if (!run_.is_ctest()) {
    EXPECT_EQ(log("initialised").size(), 1U);
  } else if (!kSanitized) {
    EXPECT_GE(log("initialised").size(), 3U);
    EXPECT_LE(log("initialised").size(), 5U);
  }
}

// R12
TEST_P(MiseryRuns, ThousandsOfGeneratedTestsRunOnceEach) {
  run_.box().set("MISHAPS_TESTS", "3000");
  const Told told = run_.run("mishaps", run_.selecting({"Many*"}));
  EXPECT_EQ(told.ended.code, 0) << told.ended.told();
  ASSERT_TRUE(told.report.is_object());
  EXPECT_EQ(told.report["totals"]["passed"], 3000);
  EXPECT_EQ(told.report["tests"].size(), 3000U);
}

// v2 and v3 end with an error when they see it, and nobody runs one of the two.
TEST_P(MiseryRuns, TwoCatch2TestsOfOneNameAreAnErrorThatNamesThem) {
  if (run_.is_gtest()) GTEST_SKIP() << "GoogleTest allows it: OneNameInTwoFiles";
  run_.box().set("MISHAP", "twins");
  const Told told = run_.run("mishaps", {});
  EXPECT_EQ(told.ended.code, code_of(run_, 3)) << told.ended.told();
  EXPECT_NE((told.ended.out + told.ended.err).find("Twin.HasTheNameOfAnother"), std::string::npos) << told.ended.told();
  EXPECT_TRUE(log("end ").empty());
}

// R43: exit code 4, so that nobody takes "nothing ran" for "all is well".
TEST_P(MiseryRuns, AFilterThatMatchesNothingIsRed) {
  const Told told = run_.run("mishaps", run_.selecting({"No.Such"}));
  EXPECT_EQ(told.ended.code, code_of(run_, 4)) << told.ended.told();
  if (run_.is_ctest()) {
    EXPECT_EQ(entries_with(told.ended.out, "Failed", ".begin "), 1) << told.ended.out;
    EXPECT_EQ(entries_with(told.ended.out, "Passed"), 0) << told.ended.out;
  }
}

// R13: the beginning and the end are kept, and how much there was.
TEST_P(MiseryRuns, MuchOutputIsKeptAtBothEnds) {
  const Told told = run_.run("mishaps", run_.selecting({"Deed.PrintsMuch", "Quiet.*"}));
  EXPECT_EQ(told.ended.code, 0) << told.ended.told();
  const Json output = test_named(told.report, "Deed.PrintsMuch")["attempts"][0]["output"];
  EXPECT_EQ(output["total"], 400000);
  EXPECT_TRUE(output["head"].get<std::string>().starts_with("line 00000 ")) << output["head"];
  EXPECT_NE(output["tail"].get<std::string>().find("line 09999 "), std::string::npos);
  for (const char* quiet : {"Quiet.One", "Quiet.Two", "Quiet.Three", "Quiet.Four"}) {
    EXPECT_EQ(test_named(told.report, quiet)["attempts"][0]["output"].dump().find("line 0"), std::string::npos);
  }
  EXPECT_TRUE(XmlParser::parse(told.junit)) << told.junit.substr(0, 2000);
}

// R12: both reports can be read by strict parsers, and nothing is lost behind a NUL.
TEST_P(MiseryRuns, OutputOfAnyBytesLeavesTheReportsWhole) {
  const Told told = run_.run("mishaps", run_.selecting({"Deed.PrintsBytes"}));
  EXPECT_EQ(told.ended.code, 0) << told.ended.told();
  ASSERT_TRUE(told.report.is_object());
  const std::string head = test_named(told.report, "Deed.PrintsBytes")["attempts"][0]["output"]["head"];
  for (const char* part : {"nul ", "backspace \b escape", "]]> latin ", "last\n"}) {
    EXPECT_NE(head.find(part), std::string::npos) << part;
  }
  const auto junit = XmlParser::parse(told.junit);
  ASSERT_TRUE(junit) << told.junit;
  std::vector<const XmlNode*> out;
  junit->collect("system-out", out);
  ASSERT_EQ(out.size(), 1U);
  EXPECT_NE(out.front()->text.find("last"), std::string::npos) << out.front()->text;
}

// R12
TEST_P(MiseryRuns, ASuiteThatIsSplitIsOneTestsuite) {
  run_.box().set("CLEAVE_TEST_LOG", box().path("log"));
  run_.box().set("WAITS_GATE", box().path("gate"));
  run_.box().write("log", "");
  Running running = run_.start("waits", {});
  EXPECT_TRUE(soon([&] { return count_lines(test_lines(box().read("log")), "start") == 3; })) << box().read("log");
  run_.box().write("gate", "");
  const Told told = run_.told("waits", running.wait());
  EXPECT_EQ(told.ended.code, 0) << told.ended.told();
  const auto junit = XmlParser::parse(told.junit);
  ASSERT_TRUE(junit) << told.junit;
  std::vector<const XmlNode*> suites;
  junit->collect("testsuite", suites);
  ASSERT_EQ(suites.size(), 1U) << told.junit;
  EXPECT_EQ(suites.front()->at("tests"), "12");
}

// R43: whoever the user asked for a report, GTEST_OUTPUT or a reporter, finds one, with all tests in it.
TEST_P(MiseryRuns, AReportThatTheUserAskedForIsOneFile) {
  const std::string file = box().path("asked/report.xml");
  fs::create_directory(box().path("asked"));
  auto arguments = run_.selecting({"Quiet.*"});
  run_.box().set("GTEST_OUTPUT", "xml:" + file);
  if (!run_.is_gtest()) arguments.insert(arguments.end(), {"-r", "junit", "-o", file});
  EXPECT_EQ(run_.run("mishaps", arguments).ended.code, 0);
  const auto asked = XmlParser::parse(box().read(file));
  ASSERT_TRUE(asked) << box().read(file);
  std::vector<const XmlNode*> cases;
  asked->collect("testcase", cases);
  EXPECT_EQ(cases.size(), 4U) << box().read(file);
  EXPECT_EQ(std::distance(fs::directory_iterator(box().path("asked")), fs::directory_iterator()), 1);
}

// What is known to be long starts at once, and nothing stands behind it: it waits for all the others.
TEST_P(MiseryRuns, OneLongTestHoldsUpNoOther) {
  const auto both = run_.selecting({"Quiet.*", "Deed.OutlastsTheOthers"});
  EXPECT_EQ(run_.run("mishaps", both).ended.code, 0);
  fs::remove(box().path("mishaps-log"));
  run_.box().set("MISHAP", "outlast");
  const Told told = run_.run("mishaps", both);
  EXPECT_EQ(told.ended.code, 0) << told.ended.told();
  EXPECT_EQ(told.report["totals"]["passed"], 5);
}

// R13
TEST_P(MiseryRuns, TheFolderOfAFailedTestIsKept) {
  const Told told = run_.run("mishaps", run_.selecting({"Deed.LeavesAFile"}));
  EXPECT_EQ(told.ended.code, code_of(run_, 1)) << told.ended.told();
  const auto left = log("left ");
  ASSERT_EQ(left.size(), 1U);
  EXPECT_TRUE(fs::exists(left.front())) << left.front();
}

// R43: before anything runs, with the folder's name.
TEST_P(MiseryRuns, AFolderThatCannotBeWrittenIsRedAndNamed) {
  run_.box().write("file", "");  // Root may write everywhere, but not below a file.
  const Finished ended = run_into(box().path("file"), {"Quiet.*"});
  EXPECT_EQ(ended.code, code_of(run_, 2)) << ended.told();
  EXPECT_NE((ended.out + ended.err).find(box().path("file")), std::string::npos) << ended.told();
  EXPECT_TRUE(log("end ").empty());
}

TEST_P(MiseryRuns, LongPathsAreNoObstacle) {
  const std::string deep =
      box().path(std::string(200, 'a') + "/" + std::string(200, 'b') + "/with space \u2014 and dash");
  const Finished ended = run_into(deep, {"Quiet.*"});
  EXPECT_EQ(ended.code, 0) << ended.told();
  EXPECT_TRUE(fs::exists(deep + "/cleave/" + fs::path(run_.home("mishaps")).filename().string() + "/latest/junit.xml"));
}

// R03
TEST_P(MiseryRuns, TwoAtOnceInOneTreeAreApart) {
  run_.box().set("CLEAVE_TEST_LOG", box().path("log"));
  run_.box().set("WAITS_GATE", box().path("gate"));
  run_.box().write("log", "");
  Running first = run_.start("waits", {});
  Running second = run_.start("waits", {});
  EXPECT_TRUE(soon([&] { return count_lines(test_lines(box().read("log")), "start") == 6; })) << box().read("log");
  run_.box().write("gate", "");
  EXPECT_EQ(first.wait().code, 0);
  EXPECT_EQ(second.wait().code, 0);
  std::set<std::string> ids;
  for (const auto& each : fs::directory_iterator(run_.home("waits") + "/runs")) {
    const Json report = Json::parse(box().read(each.path() / "report.json"), nullptr, false);
    ASSERT_TRUE(report.is_object()) << each.path();
    EXPECT_EQ(report["totals"]["passed"], 12);
    ids.insert(report["run_id"].get<std::string>());
  }
  EXPECT_EQ(ids.size(), 2U);
}

// Damage, another format, and what a restore from elsewhere brings: times are lost, and nothing else.
TEST_P(MiseryRuns, AHistoryThatIsNoneIsPutAsideAndLeavesTheRunGreen) {
  const std::string home = run_.home("mishaps");
  fs::create_directories(home);
  const std::vector<std::string> texts{std::string("\0\xff torn", 7), "cleave-history 99\n", "{}"};
  for (const std::string& text : texts) {
    std::ofstream(home + "/history", std::ios::binary) << text;
    const Told told = run_.run("mishaps", run_.selecting({"Quiet.*"}));
    EXPECT_EQ(told.ended.code, 0) << told.ended.told();
    EXPECT_EQ(told.report["totals"]["passed"], 4);
    // What an entry of ctest that passed says is in ctest's own log.
    EXPECT_TRUE(run_.is_ctest() || told.ended.err.find("history.bad") != std::string::npos) << told.ended.told();
    EXPECT_EQ(box().read(home + "/history.bad"), text);
  }
}

// As after a change of branch, or of another program: those tests are not there, and these have never run.
TEST_P(MiseryRuns, AHistoryOfOtherTestsLeavesTheRunGreen) {
  run_.box().set("WAITS_GATE", box().folder());  // Is there, so that nobody waits.
  EXPECT_EQ(run_.run("waits", {}).ended.code, 0);
  fs::create_directories(run_.home("mishaps"));
  if (!run_.is_ctest()) fs::copy(run_.home("waits") + "/history", run_.home("mishaps") + "/history");
  EXPECT_NE(box().read(run_.home("mishaps") + "/history").find("aits"), std::string::npos);
  const Told told = run_.run("mishaps", run_.selecting({"Quiet.*"}));
  EXPECT_EQ(told.ended.code, 0) << told.ended.told();
  EXPECT_TRUE(told.report["problems"].empty()) << told.report["problems"];
}

INSTANTIATE_TEST_SUITE_P(Of, MiseryRuns, every_mode(), mishap_name);

}  // namespace
}  // namespace cleave::test
