#include "cli/graph_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/json_place.hpp"
#include "cli/program_list.hpp"

namespace cleave::cli {
namespace {

using namespace std::chrono_literals;

std::string error_of(const std::string& text) {
  const auto graph = read_graph(text, "g.json");
  return graph ? "none" : graph.error().what;
}

// R01, R02
TEST(GraphFile, EveryMemberArrives) {
  const auto graph = read_graph(R"({
    "$schema": "x",
    "phases": [{"name": "one", "timeout": "5s"}, {"name": "two"}],
    "tasks": [
      {"name": "a", "suite": "S", "duration": "200ms", "phase": "one", "serial": true},
      {"name": "b", "phase": "two", "after": ["a"], "locks": ["db:read", "net"], "weight": 3, "serial": false}
    ]})",
                                "g.json");
  ASSERT_TRUE(graph) << graph.error().what;
  EXPECT_EQ(graph->phases.at(0).timeout, 5s);
  EXPECT_EQ(graph->phases.at(1).timeout, 30min);
  const plan::Task& a = graph->tasks.at(0);
  EXPECT_EQ(a.name, "a");
  EXPECT_EQ(a.suite, "S");
  EXPECT_EQ(a.duration, 200ms);
  EXPECT_EQ(a.phase, "one");
  EXPECT_TRUE(a.serial);
  const plan::Task& b = graph->tasks.at(1);
  EXPECT_EQ(b.duration, std::nullopt);
  EXPECT_THAT(b.after, testing::ElementsAre("a"));
  EXPECT_THAT(b.locks, testing::ElementsAre(plan::LockUse{"db", true}, plan::LockUse{"net", false}));
  EXPECT_EQ(b.weight, 3U);
  EXPECT_FALSE(b.serial);
}

struct BadFile {
  std::string text;
  std::string error;
};

TEST(GraphFileError, NamesLinePointerValueAndWhatIsLegal) {
  const std::vector<BadFile> cases{
      {"", "g.json:1:1: syntax error while parsing value - unexpected end of input; expected '[', '{', or a literal"},
      {"{\"tasks\":\n [\xC3\xA4]}",
       "g.json:2:3: syntax error while parsing value - invalid literal; last read: '\"tasks\":<U+000A> [\xC3'"},
      {"{\"tasks\": [1e999]}", "g.json: a number in it is larger than 1.8e308"},
      {"[]", "g.json:1: array is not an object"},
      {"{}", "g.json:1: 'tasks' is missing"},
      {"{\"task\": []}", "g.json:1: 'task' is unknown; did you mean 'tasks'?"},
      {"{\"tasks\": {}}", "g.json:1: /tasks: object is not an array"},
      {"{\"tasks\": [\n 7]}", "g.json:2: /tasks/0: 7 is not an object"},
      {"{\"tasks\": [\n{}]}", "g.json:2: /tasks/0: 'name' is missing"},
      {"{\"tasks\": [{\"name\":\n\"\"}]}", "g.json:2: /tasks/0/name: \"\" is not a name"},
      {"{\"tasks\": [{\"name\": \"a\", \"nmae\": 1}]}", "g.json:1: /tasks/0: 'nmae' is unknown; did you mean 'name'?"},
      {"{\"tasks\": [{\"name\": \"a\", \"colour-of-it\": 1}]}",
       "g.json:1: /tasks/0: 'colour-of-it' is unknown; legal are 'name', 'suite', 'duration', 'phase', 'after', "
       "'serial', 'locks', 'weight'"},
      {"{\"tasks\": [{\"name\": \"a\"},\n\n{\"name\": \"a\"}]}",
       "g.json:3: /tasks/1/name: 'a' is the name of /tasks/0 too"},
      {"{\"tasks\": [{\"name\": \"a\",\n\"duration\": 20}]}",
       "g.json:2: /tasks/0/duration: 20 is not a duration such as \"200ms\""},
      {"{\"tasks\": [{\"name\": \"a\",\n\"duration\": \"20\"}]}",
       "g.json:2: /tasks/0/duration: duration '20' is not a number with ms, s, m or h, for example 250ms, 2s, 1m, or "
       "0"},
      {"{\"tasks\": [{\"name\": \"a\", \"serial\": 1}]}", "g.json:1: /tasks/0/serial: 1 is not true or false"},
      {"{\"tasks\": [{\"name\": \"a\", \"weight\": 0}]}",
       "g.json:1: /tasks/0/weight: 0 is not a number from 1 to 1024"},
      {"{\"tasks\": [{\"name\": \"a\", \"weight\": 1025}]}",
       "g.json:1: /tasks/0/weight: 1025 is not a number from 1 to 1024"},
      {"{\"tasks\": [{\"name\": \"a\", \"weight\": 1.5}]}",
       "g.json:1: /tasks/0/weight: 1.5 is not a number from 1 to 1024"},
      {"{\"tasks\": [{\"name\": \"a\", \"weight\": 1e99}]}",
       "g.json:1: /tasks/0/weight: 1e+99 is not a number from 1 to 1024"},
      {"{\"tasks\": [{\"name\": \"a\", \"locks\": [\"x\",\n\"db:rea\"]}]}",
       "g.json:2: /tasks/0/locks/1: tag 'lock:db:rea': mode 'rea' is unknown; write 'lock:NAME' or "
       "'lock:NAME:read'"},
      {"{\"tasks\": [{\"name\": \"compile\"}, {\"name\": \"b\",\n\"after\": [\n\"compil\"]}]}",
       "g.json:3: /tasks/1/after/0: 'compil' is no task and no suite; did you mean 'compile'?"},
      {"{\"phases\": [{\"name\": \"build\"}],\n \"tasks\": [{\"name\": \"a\",\n\"phase\": \"bild\"}]}",
       "g.json:3: /tasks/0/phase: 'bild' is no phase; did you mean 'build'?"},
      {"{\"phases\": [{\"name\": \"p\"},\n{\"name\": \"p\"}], \"tasks\": []}",
       "g.json:2: /phases/1/name: phase 'p' is declared twice"},
      {"{\"tasks\": [{\"name\": \"a\", \"after\": [\"b\"]},\n{\"name\": \"b\", \"after\": [\"a\"]}]}",
       "g.json:1: /tasks/0: cycle: a → b → a"},
      {"{\"tasks\": [{\"name\": \"a\", \"name\": \"b\"}]}", "g.json: member \"name\" is there twice in one object"},
      {"{\"tasks\": [{\"name\": \"a: b\", \"after\": [\"/x: y\"]}]}",
       "g.json:1: /tasks/0/after/0: '/x: y' is no task and no suite"},
  };
  for (const BadFile& each : cases) EXPECT_EQ(error_of(each.text), each.error) << each.text;
}

TEST(GraphFileError, ADeepTextIsRefusedAsAnyOther) {
  EXPECT_EQ(error_of(std::string(200'000, '[')).substr(0, 9), "g.json:1:");
  EXPECT_EQ(error_of("{\"tasks\": " + std::string(200'000, '[') + std::string(200'000, ']') + "}"),
            "g.json:1: /tasks/0: array is not an object");
}

TEST(JsonPlace, CountsCharactersInColumns) {
  EXPECT_EQ(column_of("\xC3\xA4\xC3\xB6x", 4), 3U);
  EXPECT_EQ(column_of("ab\ncd", 4), 2U);
  EXPECT_EQ(line_of("a\nb\n", 99), 3U);
}

std::string test_json(const std::string& suite, const std::string& test, const std::string& tags,
                      const std::string& more = "") {
  return "  {\"name\":\"" + suite + "." + test + "\",\"suite\":\"" + suite + "\",\"test\":\"" + test +
         "\",\"file\":\"a.cpp\",\"line\":3,\"tags\":[" + tags + "]" + more + "}";
}

std::string list_of(const std::vector<std::string>& tests, const std::string& phases = "") {
  std::string text = "noise of a static object\n{\n \"framework\":\"gtest\",\n \"target\":\"t\",\n \"phases\":[" +
                     phases + "],\n \"tests\":[\n";
  for (std::size_t i = 0; i < tests.size(); ++i) text += (i > 0 ? ",\n" : "") + tests[i];
  return text + "]}\n";
}

TEST(ProgramList, TagsOfCleaveCountAndThoseOfTheUserDoNot) {
  const auto graph = read_program_list(
      list_of({test_json("A", "b", R"("lock:db:read","serial","[.]","lock:","slow")", ",\"expected_seconds\":1.5")}),
      "t");
  ASSERT_TRUE(graph) << graph.error().what;
  const plan::Task& task = graph->tasks.at(0);
  EXPECT_EQ(task.name, "A.b");
  EXPECT_EQ(task.suite, "A");
  EXPECT_EQ(task.duration, 1500ms);
  EXPECT_TRUE(task.serial);
  EXPECT_THAT(task.locks, testing::ElementsAre(plan::LockUse{"db", true}));
}

// R01: an `after:` tag names a suite or test as it is written in the source.
TEST(ProgramList, AfterMeansEveryInstanceOfASuiteOrTest) {
  const auto graph =
      read_program_list(list_of({test_json("Two/Schema/0", "makes", ""), test_json("Two/Schema/1", "makes", ""),
                                 test_json("Store", "opens/0", ""), test_json("Store", "closes", ""),
                                 test_json("Last", "a", "", R"(,"after":["Schema"])"),
                                 test_json("Last", "b", "", R"(,"after":["Store.opens","Unselected"])")}),
                        "t");
  ASSERT_TRUE(graph) << graph.error().what;
  EXPECT_THAT(graph->tasks[4].after, testing::ElementsAre("Two/Schema/0", "Two/Schema/1"));
  EXPECT_THAT(graph->tasks[5].after, testing::ElementsAre("Store.opens/0"));
}

// R02
TEST(ProgramList, PhasesComeInTheOrderThatTheProgramDeclares) {
  const auto graph = read_program_list(
      list_of(
          {test_json("A", "late", "", R"(,"phase":"b","weight":3)"), test_json("A", "early", "", R"(,"phase":"z")")},
          R"({"name":"z","timeout_seconds":5},{"name":"b","timeout_seconds":0.5})"),
      "t");
  ASSERT_TRUE(graph) << graph.error().what;
  EXPECT_THAT(graph->phase_of, testing::ElementsAre(1U, 0U));
  EXPECT_EQ(graph->phases[0].timeout, 5s);
  EXPECT_EQ(graph->phases[1].timeout, 500ms);
  EXPECT_EQ(graph->tasks[0].weight, 3U);
  EXPECT_EQ(plan::groups_of(*graph).size(), 2U);
}

TEST(ProgramList, WhatIsNoListIsAnErrorThatNamesTheProgram) {
  const auto nothing = read_program_list("Running main()\n", "./t");
  ASSERT_FALSE(nothing);
  EXPECT_EQ(nothing.error().kind, Errc::broken);
  EXPECT_EQ(nothing.error().what, "list the tests of ./t: it printed none");
  const auto torn = read_program_list(list_of({test_json("A", "b", "")}).substr(0, 100), "./t");
  ASSERT_FALSE(torn);
  EXPECT_EQ(torn.error().kind, Errc::broken);
}

}  // namespace
}  // namespace cleave::cli
