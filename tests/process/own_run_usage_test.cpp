#include <unistd.h>

#include <filesystem>
#include <regex>

#include "own_run.hpp"

namespace cleave::test {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

class Usage : public EachFramework {
 protected:
  Finished with(const Sandbox::Arguments& arguments, const std::string& name = "basics") {
    Sandbox::Arguments command{of(name)};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return box_.run(command);
  }
  /// Times, seeds, process numbers and the program's own path are not what an inert plugin could change.
  std::string normalised(std::string text, const std::string& binary) const {
    for (auto at = text.find(binary); at != std::string::npos; at = text.find(binary))
      text.replace(at, binary.size(), "BINARY");
    const std::string name = fs::path(binary).filename().string();
    for (auto at = text.find(name); at != std::string::npos; at = text.find(name))
      text.replace(at, name.size(), "BINARY");
    text = std::regex_replace(text, std::regex("\\(?\\d+ ms"), "N ms");
    text = std::regex_replace(text, std::regex("Randomness seeded to: \\d+"), "Randomness seeded to: N");
    return std::regex_replace(text, std::regex("~{3,}|={3,}"), "===");
  }
};

// DESIGN §7.
TEST_P(Usage, ExitCodesTellGreenRedUsageBrokenAndNothing) {
  EXPECT_EQ(box_.sharded(of("many"), 2).code, 0);
  EXPECT_EQ(box_.sharded(of("basics"), 2).code, 1);
  EXPECT_EQ(box_.sharded(of("basics"), 0).code, 2);
  EXPECT_EQ(box_.sharded(of("no_run"), 2).code, 3);
  EXPECT_EQ(box_.sharded(of("basics"), 2, {choose<std::string>("--gtest_filter=No.Such", "no such test")}).code, 4);
}

// The message names the flag, the value and what is legal.
TEST_P(Usage, AWrongValueIsAnErrorThatSaysWhatIsLegal) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"--cleave-jobs=0", "1 to 1024"},     {"--cleave-jobs=-1", "1 to 1024"},  {"--cleave-jobs=1025", "1 to 1024"},
      {"--cleave-jobs=three", "auto"},      {"--cleave-jobs=", "auto"},         {"--cleave-jobs=4x", "auto"},
      {"--cleave-jobs", "N|auto"},          {"--cleave-timeout=soon", "250ms"}, {"--cleave-timeout=-1s", "250ms"},
      {"--cleave-isolation=none", "suite"}, {"--cleave-output=all", "stream"},  {"--cleave-list=xml", "json"},
      {"--cleave-seed=0", "99999"},         {"--cleave-help=yes", "no value"}};
  for (const auto& [argument, part] : cases) {
    const Finished run = with({"--cleave-dir=" + box_.reports(), argument});
    EXPECT_EQ(run.code, 2) << argument << run.told();
    EXPECT_NE(run.err.find(part), std::string::npos) << argument << run.told();
    EXPECT_NE(run.err.find(argument.substr(0, argument.find('='))), std::string::npos) << argument << run.told();
  }
  EXPECT_FALSE(fs::exists(box_.reports()));
}

TEST_P(Usage, AnUnknownFlagIsAnErrorThatNamesTheNearest) {
  const std::vector<std::pair<std::string, std::string>> cases{{"--cleave-jbos=2", "--cleave-jobs"},
                                                               {"--cleave-timout=2s", "--cleave-timeout"},
                                                               {"--cleave-lst", "--cleave-list"}};
  for (const auto& [argument, nearest] : cases) {
    const Finished run = with({argument});
    EXPECT_EQ(run.code, 2) << run.told();
    EXPECT_NE(run.err.find(argument.substr(0, argument.find('='))), std::string::npos) << run.told();
    EXPECT_NE(run.err.find(nearest), std::string::npos) << run.told();
  }
}

TEST_P(Usage, HelpTellsEveryFlagAndTheExitCodes) {
  const Finished run = with({"--cleave-help"});
  EXPECT_EQ(run.code, 0) << run.told();
  for (const char* part : {"--cleave-jobs=N|auto", "--cleave-list", "--cleave-timeout", "--cleave-isolation",
                           "--cleave-output", "--cleave-seed", "--cleave-dir", "CLEAVE_JOBS", "4 nothing to run"}) {
    EXPECT_NE(run.out.find(part), std::string::npos) << part << run.told();
  }
}

// What the list tells is what a run selects.
TEST_P(Usage, ListsAreTheTestsThatWouldRun) {
  box_.sharded(of("basics"), 2);
  std::multiset<std::string> ran;
  for (const auto& [name, runs] : runs_by_name(box_.report(of("basics")))) {
    for (int i = 0; i < runs; ++i) ran.insert(name);
  }
  const Finished json = with({"--cleave-list=json"});
  EXPECT_EQ(json.code, 0) << json.told();
  const Json list = Json::parse(json.out, nullptr, false);
  ASSERT_FALSE(list.is_discarded()) << json.told();
  std::multiset<std::string> listed;
  for (const Json& test : list["tests"]) {
    listed.insert(test["name"].get<std::string>());
    EXPECT_NE(test["file"].get<std::string>().find("basics.cpp"), std::string::npos);
    EXPECT_GT(test["line"], 0);
  }
  EXPECT_EQ(listed, ran);
  const Finished text = with({"--cleave-list"});
  for (const std::string& name : ran) {
    EXPECT_NE(text.out.find(name), std::string::npos) << name;
  }
}

// R16: a variable is as good as a flag, and a flag wins.
TEST_P(Usage, VariablesStandForFlags) {
  box_.set("CLEAVE_JOBS", "3");
  box_.set("CLEAVE_DIR", box_.reports());
  EXPECT_EQ(with({}, "many").code, 0);
  EXPECT_EQ(box_.report(of("many"))["shards"], 3);
  EXPECT_EQ(with({"--cleave-jobs=2"}, "many").code, 0);
  EXPECT_EQ(box_.report(of("many"))["shards"], 2);
  box_.set("CLEAVE_JOBS", "auto");
  EXPECT_EQ(with({}, "many").code, 0);
  EXPECT_GE(box_.report(of("many"))["shards"], 1);
  box_.set("CLEAVE_JOBS", "many");
  EXPECT_EQ(with({}, "many").code, 2);
}

// R43: without a flag the binary is what it was.
TEST_P(Usage, WithoutAFlagThePluginChangesNothing) {
  const std::string without = of("basics_plain");
  const auto arguments =
      is_gtest() ? std::vector<Sandbox::Arguments>{{}, {"--gtest_list_tests"}, {"--help"}, {"--gtest_brief=1"}}
                 : std::vector<Sandbox::Arguments>{{"--order", "decl", "--rng-seed", "1"},
                                                   {"--order", "decl", "--list-tests"},
                                                   {"--help"},
                                                   {"--order", "decl", "[.]"}};
  for (const auto& each : arguments) {
    Sandbox::Arguments plain{without};
    plain.insert(plain.end(), each.begin(), each.end());
    const Finished expected = box_.run(plain);
    const Finished ours = with(each);
    EXPECT_EQ(ours.code, expected.code) << testing::PrintToString(each);
    EXPECT_EQ(normalised(ours.out, of("basics")), normalised(expected.out, without)) << testing::PrintToString(each);
    EXPECT_EQ(normalised(ours.err, of("basics")), normalised(expected.err, without)) << testing::PrintToString(each);
  }
  EXPECT_FALSE(fs::exists(box_.path("work/cleave")));
  EXPECT_FALSE(fs::exists(fs::path(of("basics")).parent_path() / "cleave" / fs::path(of("basics")).filename()));
}

// R43: to list tests, or to show help, is the framework's business, also with a flag.
TEST_P(Usage, ListingAndHelpStayTheFrameworks) {
  const auto list =
      choose(Sandbox::Arguments{"--gtest_list_tests"}, Sandbox::Arguments{"--list-tests", "--order", "decl"});
  for (Sandbox::Arguments arguments : {list, Sandbox::Arguments{"--help"}}) {
    const Finished plain = with(arguments);
    arguments.insert(arguments.begin(), "--cleave-jobs=2");
    const Finished ours = with(arguments);
    EXPECT_EQ(ours.code, plain.code) << arguments[1];
    EXPECT_EQ(ours.out, plain.out) << arguments[1];
  }
}

// R18: all that tests print is shown as it comes, or only that of failures, or none.
TEST_P(Usage, OutputModesShowAllOrFailuresOrNone) {
  const Finished stream = box_.sharded(of("basics"), 2, {"--cleave-output=stream"});
  const Finished fail = box_.sharded(of("basics"), 2, {"--cleave-output=fail"});
  const Finished capture = box_.sharded(of("basics"), 2, {"--cleave-output=capture"});
  const std::string passing = choose<std::string>("to stdout", "\\n\\n\\n");
  const std::string failing = choose<std::string>("  output (", "  output (");
  if (is_gtest()) {
    EXPECT_NE(stream.out.find(passing), std::string::npos) << stream.told();
    EXPECT_EQ(fail.out.find(passing), std::string::npos) << fail.told();
  }
  EXPECT_NE(fail.out.find(failing), std::string::npos) << fail.told();
  EXPECT_EQ(capture.out.find(failing), std::string::npos) << capture.told();
  EXPECT_NE(capture.out.find("reproduce: "), std::string::npos) << capture.told();
}

INSTANTIATE_TEST_SUITE_P(Frameworks, Usage, testing::Values("gtest", "catch2_v2", "catch2_v3"), framework_name);

// R13, R25: the line to copy runs that test alone.
TEST_P(Usage, TheLineToReproduceRunsExactlyTheFailedTest) {
  const Finished run = box_.sharded(of("basics"), 2, {"--cleave-output=capture"});
  std::istringstream lines(run.out);
  int reproduced = 0;
  for (std::string line; std::getline(lines, line);) {
    const auto at = line.find("  reproduce: ");
    if (at != 0) continue;
    const std::string command = line.substr(std::string("  reproduce: ").size());
    const Finished again = box_.run({"/bin/sh", "-c", command});
    EXPECT_NE(again.code, 0) << command;
    const std::string one = choose<std::string>("Running 1 test from 1 test suite.", "test cases: 1 |");
    EXPECT_NE(again.out.find(one), std::string::npos) << command << again.told();
    ++reproduced;
  }
  EXPECT_EQ(reproduced, choose(12, 13)) << run.told();
}

}  // namespace
}  // namespace cleave::test
