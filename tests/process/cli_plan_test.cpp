// The tool `cleave` as people call it: `cleave plan`.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "../support/dot_parser.hpp"
#include "../support/run_program.hpp"
#include "../support/schema_check.hpp"

namespace cleave::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;
using Json = nlohmann::json;

const std::string kCleave = CLEAVE_TOOL;
const std::string kFolder = CLEAVE_SOURCE_DIR "/tests/examples/task_graph/";
const std::string kThirtyTasks = kFolder + "thirty_tasks.json";

std::string read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

Json read_json(const std::string& path) {
  Json document = Json::parse(read(path), nullptr, false);
  EXPECT_FALSE(document.is_discarded()) << path;
  return document;
}

class CliPlan : public testing::Test {
 protected:
  Finished plan(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {kCleave, "plan"});
    return sandbox_.run(arguments);
  }
  /// The output of a call that must be green and silent on stderr.
  std::string shown(const std::vector<std::string>& arguments) const {
    const Finished finished = plan(arguments);
    EXPECT_EQ(finished.code, 0) << finished.told();
    EXPECT_EQ(finished.err, "");
    return finished.out;
  }
  Json json(std::vector<std::string> arguments) const {
    arguments.emplace_back("--format=json");
    return Json::parse(shown(arguments), nullptr, false);
  }
  /// A task file of the sandbox.
  std::string file(const std::string& text) const {
    sandbox_.write("work/g.json", text);
    return "g.json";
  }

  Sandbox sandbox_;
};

/// Compares with the file, or replaces it when CLEAVE_ACCEPT is set.
void expect_recorded(const std::string& path, const std::string& text) {
  if (std::getenv("CLEAVE_ACCEPT") != nullptr) std::ofstream(path, std::ios::binary) << text;
  EXPECT_EQ(text, read(path)) << "to accept it, run the test with CLEAVE_ACCEPT=1";
}

/// The longest line, counted in characters.
std::size_t widest(const std::string& text) {
  std::size_t longest = 0;
  std::size_t width = 0;
  for (const char byte : text) {
    const bool continues = (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
    width = byte == '\n' ? 0 : width + (continues ? 0 : 1);
    longest = std::max(longest, width);
  }
  return longest;
}

// R15, R01: the graph of the requirements, 1 → 2,3,4 → 5 → 6–9 → 10 → 11–19 → 20 → 21 → … → 30.
TEST_F(CliPlan, TheThirtyTasksHaveSeventeenGroupsAndTheirCriticalPath) {
  const Json plan = json({kThirtyTasks, "-j", "1,9"});
  const auto names = [&](const Json& indices) {
    std::vector<std::string> all;
    for (const Json& index : indices) all.push_back(plan["tasks"][index.get<std::size_t>()]["name"]);
    return all;
  };
  std::vector<std::vector<std::string>> groups;
  for (const Json& group : plan["groups"]) groups.push_back(names(group));
  EXPECT_THAT(groups, ElementsAre(ElementsAre("1"), ElementsAre("2", "3", "4"), ElementsAre("5"),
                                  ElementsAre("6", "7", "8", "9"), ElementsAre("10"),
                                  ElementsAre("11", "12", "13", "14", "15", "16", "17", "18", "19"), ElementsAre("20"),
                                  ElementsAre("21"), ElementsAre("22"), ElementsAre("23"), ElementsAre("24"),
                                  ElementsAre("25"), ElementsAre("26"), ElementsAre("27"), ElementsAre("28"),
                                  ElementsAre("29"), ElementsAre("30")));
  EXPECT_THAT(names(plan["metrics"]["critical_path"]), ElementsAre("1", "2", "5", "6", "10", "11", "20", "21", "22",
                                                                   "23", "24", "25", "26", "27", "28", "29", "30"));
  const Json& metrics = plan["metrics"];
  EXPECT_EQ(metrics["tasks"], 30);
  EXPECT_EQ(metrics["parallelisable"], 16);
  EXPECT_EQ(metrics["alone"], 14);
  EXPECT_EQ(metrics["parallel_groups"], 3);
  EXPECT_EQ(metrics["largest_group"], 9);
  EXPECT_EQ(metrics["critical_path_steps"], 17);
  EXPECT_DOUBLE_EQ(metrics["critical_path_seconds"], 0.34);
  EXPECT_DOUBLE_EQ(metrics["sequential_seconds"], 0.6);
  EXPECT_DOUBLE_EQ(plan["courses"][0]["parallel_seconds"], 0.6);
  EXPECT_DOUBLE_EQ(plan["courses"][1]["parallel_seconds"], 0.34);
  EXPECT_EQ(plan["courses"][1]["lower_bound_cause"], "critical_path");
}

// R08, R15
TEST_F(CliPlan, TheTextOfTheThirtyTasksIsTheOneOnRecord) {
  expect_recorded(kFolder + "thirty_tasks.plan.txt", shown({kThirtyTasks, "-j", "1,4,9", "--lanes"}));
  expect_recorded(kFolder + "thirty_tasks.schedule.txt", shown({kThirtyTasks, "-j9", "--simulate"}));
}

TEST_F(CliPlan, NoLineIsWiderThanEightyColumns) {
  EXPECT_LE(widest(shown({kThirtyTasks, "-j", "1,2,3,4,5,6,7,8,64,1024", "--lanes", "--simulate"})), 80U);
  EXPECT_LE(widest(shown({"--help"})), 80U);
  EXPECT_LE(widest(sandbox_.run({kCleave, "--help"}).out), 80U);
  EXPECT_LE(widest(sandbox_.run({kCleave, "history", "--help"}).out), 80U);
  EXPECT_LE(widest(sandbox_.run({kCleave, "history", "merge", "--help"}).out), 80U);
}

TEST_F(CliPlan, ShowsATableColumnForEachNumberOfLanes) {
  const std::string text = shown({kThirtyTasks, "-j", "1,2,3,4,5,6"});
  EXPECT_THAT(text, HasSubstr("Lanes                        1           2           3           4           5\n"));
  EXPECT_THAT(text, HasSubstr("Lanes                        6\n"));
  EXPECT_THAT(text, testing::Not(HasSubstr("Schedule")));
}

TEST_F(CliPlan, WhatGoesInAndComesOutConformsToThePublishedSchemas) {
  const SchemaCheck input(read_json(CLEAVE_SOURCE_DIR "/sharding/cli/task_graph.schema.json"));
  EXPECT_EQ(input(read_json(kThirtyTasks)), "");
  EXPECT_EQ(input(Json::parse(R"({"tasks": [{"name": "a", "speed": 1}]})")),
            "$.tasks[0]: the schema does not know speed");
  const SchemaCheck output(read_json(CLEAVE_SOURCE_DIR "/sharding/cli/plan.schema.json"));
  EXPECT_EQ(output(json({kThirtyTasks, "-j", "1,4"})), "");
}

// R08: constraints hold in the schedule that is shown.
TEST_F(CliPlan, SerialTasksAndHoldersOfALockAreShownOneAfterAnother) {
  const Json plan = json({file(R"({"tasks": [
    {"name": "a", "duration": "2s", "locks": ["db"]}, {"name": "b", "duration": "2s", "locks": ["db"]},
    {"name": "s", "duration": "1s", "serial": true}, {"name": "w", "duration": "1s", "weight": 4}]})"),
                          "-j4"});
  const Json& course = plan["courses"][0];
  EXPECT_DOUBLE_EQ(course["parallel_seconds"], 6);
  EXPECT_DOUBLE_EQ(course["lower_bound_seconds"], 5);
  EXPECT_EQ(course["lower_bound_cause"], "lock");
  EXPECT_EQ(course["lower_bound_lock"], "db");
}

TEST_F(CliPlan, UnknownDurationsAreToldToBeGuesses) {
  EXPECT_THAT(shown({file(R"({"tasks": [{"name": "a"}, {"name": "b"}]})")}),
              HasSubstr("No duration is known: every task counts as a second.\n"));
  EXPECT_THAT(shown({file(R"({"tasks": [{"name": "a", "duration": "3s"}, {"name": "b"}]})")}),
              HasSubstr("1 task of unknown duration: counted as the median of the others.\n"));
}

TEST_F(CliPlan, DotHasEveryTaskArrowAndPhase) {
  const DotGraph graph = DotParser(shown({kThirtyTasks, "--format", "dot"})).parse();
  ASSERT_EQ(graph.error, "");
  EXPECT_EQ(graph.labels.size(), 35U) << "tasks and checkpoints";
  EXPECT_EQ(graph.labels.at("t29"), "30\n20 ms");
  EXPECT_EQ(graph.labels.at("g0"), "checkpoint build");
  EXPECT_EQ(graph.clusters.at("t0"), "cluster_0");
  EXPECT_EQ(graph.clusters.at("t29"), "cluster_4");
  EXPECT_THAT(graph.arrows, testing::Contains(std::pair<std::string, std::string>("t0", "t1")));
  EXPECT_THAT(graph.arrows, testing::Contains(std::pair<std::string, std::string>("g0", "t5")));
  // 42 of `after`, 30 into checkpoints, 25 out of them.
  EXPECT_EQ(graph.arrows.size(), 97U);
}

TEST_F(CliPlan, DotSurvivesEveryName) {
  const std::string name = "\"];} \\N\\\n<b>\xC3\xA4\t";
  const Json tasks = {{"phases", {{{"name", "\"p\\"}}}},
                      {"tasks", {{{"name", name}, {"phase", "\"p\\"}}, {{"name", "b"}, {"after", {name}}}}}};
  const std::string text = shown({file(tasks.dump()), "--format=dot"});
  const DotGraph graph = DotParser(text).parse();
  ASSERT_EQ(graph.error, "") << text;
  EXPECT_EQ(graph.labels.at("t0"), name + "\n1.00 s");
  if (std::system("dot -V >/dev/null 2>&1") == 0) {
    sandbox_.write("work/plan.dot", text);
    EXPECT_EQ(std::system(("dot -Tcanon '" + sandbox_.path("work/plan.dot") + "' >/dev/null").c_str()), 0);
  }
}

TEST_F(CliPlan, AnErrorInAFileIsOneLineWithItsPlaceAndExitCodeTwo) {
  const Finished meaning = plan({file("{\"tasks\": [{\"name\": \"a\",\n\"duration\": \"fast\"}]}")});
  EXPECT_EQ(meaning.code, 2);
  EXPECT_EQ(meaning.out, "");
  EXPECT_EQ(meaning.err,
            "cleave: g.json:2: /tasks/0/duration: duration 'fast' is not a number with ms, s, m or h, for example "
            "250ms, 2s, 1m, or 0\n");
  const Finished syntax = plan({file("{\"tasks\":\n  nothing}")});
  EXPECT_EQ(syntax.code, 2);
  EXPECT_THAT(syntax.err, StartsWith("cleave: g.json:2:4: syntax error while parsing value"));
  const Finished missing = plan({"none.json"});
  EXPECT_EQ(missing.code, 2);
  EXPECT_EQ(missing.err, "cleave: read the plan: open none.json: No such file or directory\n");
  const Finished folder = plan({"."});
  EXPECT_EQ(folder.code, 2);
  EXPECT_THAT(folder.err, HasSubstr("Is a directory"));
}

TEST_F(CliPlan, NothingToRunIsExitCodeFour) {
  const Finished finished = plan({file("{\"tasks\": []}")});
  EXPECT_EQ(finished.code, 4);
  EXPECT_EQ(finished.err, "cleave: g.json: there is no task in it\n");
}

TEST_F(CliPlan, UsageErrorsAreExitCodeTwoAndHelpIsZero) {
  EXPECT_EQ(plan({}).code, 2);
  EXPECT_EQ(plan({kThirtyTasks, "-j0"}).code, 2);
  EXPECT_EQ(sandbox_.run({kCleave}).code, 2);
  EXPECT_THAT(sandbox_.run({kCleave}).err, HasSubstr("Usage: cleave"));
  EXPECT_EQ(sandbox_.run({kCleave, "plna"}).err, "cleave: 'plna' is no command; did you mean 'plan'?\n");
  EXPECT_THAT(shown({"--help"}), HasSubstr("--simulate"));
  const Finished version = sandbox_.run({kCleave, "--version"});
  EXPECT_EQ(version.code, 0);
  EXPECT_THAT(version.out, StartsWith("cleave 0."));
}

TEST_F(CliPlan, AFullDiskIsAnError) {
  const Finished finished =
      sandbox_.run({"/bin/sh", "-c", "exec \"$0\" plan \"$1\" >/dev/full", kCleave, kThirtyTasks});
  EXPECT_EQ(finished.code, 3);
  EXPECT_EQ(finished.err, "cleave: write to stdout: write: No space left on device\n");
}

TEST_F(CliPlan, OfAProgramShowsTestsWithTheirTagsAndRunsNone) {
  for (const char* program : {CLEAVE_GTEST_SERIAL, CLEAVE_CATCH2_SERIAL}) {
    sandbox_.set("CLEAVE_TEST_LOG", sandbox_.path("log"));
    const Json plan = json({program, "-j4"});
    ASSERT_GT(plan["tasks"].size(), 10U) << program;
    std::size_t serial = 0;
    std::size_t locked = 0;
    for (const Json& task : plan["tasks"]) {
      const std::string tags = task["tags"].dump();
      serial += tags.find("\"serial\"") != std::string::npos ? 1U : 0U;
      locked += tags.find("\"lock:") != std::string::npos ? 1U : 0U;
    }
    EXPECT_GT(serial, 0U) << program;
    EXPECT_GT(locked, 0U) << program;
    EXPECT_EQ(plan["metrics"]["alone"], serial) << program;
    EXPECT_FALSE(std::filesystem::exists(sandbox_.path("log"))) << "a test of " << program << " ran";
    EXPECT_TRUE(sandbox_.all_processes_end());
  }
}

TEST_F(CliPlan, AProgramWithoutThePluginIsNotStarted) {
  const Finished finished = plan({CLEAVE_GTEST_PLAIN});
  EXPECT_EQ(finished.code, 2);
  EXPECT_EQ(finished.out, "");
  EXPECT_THAT(finished.err, HasSubstr("the program has no Cleave in it, and would run its tests if asked for them"));
}

TEST_F(CliPlan, WhatAProgramSaysAboutItselfIsPassedOn) {
  const Finished bad_tag = plan({CLEAVE_GTEST_BAD_TAG});
  EXPECT_EQ(bad_tag.code, 3);
  EXPECT_THAT(bad_tag.err, HasSubstr("bad_tag.cpp:")) << "what the program wrote to stderr";
  EXPECT_THAT(bad_tag.err, HasSubstr(": its exit status was 2\n"));
  sandbox_.set("GTEST_FILTER", "No.SuchTest");
  const Finished none = plan({CLEAVE_GTEST_SERIAL});
  EXPECT_EQ(none.code, 4);
  EXPECT_THAT(none.err, HasSubstr(": it has none\n"));
}

}  // namespace
}  // namespace cleave::test
