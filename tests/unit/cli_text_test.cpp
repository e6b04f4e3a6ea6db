#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/columns.hpp"
#include "cli/command_line.hpp"
#include "cli/gantt.hpp"
#include "cli/graph_tree.hpp"
#include "cli/plan_view.hpp"

namespace cleave::cli {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;

plan::Task task(std::string name, std::vector<std::string> after = {}, std::chrono::nanoseconds duration = 1s) {
  plan::Task made;
  made.name = std::move(name);
  made.after = std::move(after);
  made.duration = duration;
  return made;
}

plan::TaskGraph graph_of(std::vector<plan::Task> tasks) {
  auto graph = plan::make_task_graph(std::move(tasks));
  EXPECT_TRUE(graph) << graph.error().what;
  return graph ? *graph : plan::TaskGraph{};
}

std::string tree_of(const plan::TaskGraph& graph) {
  std::vector<std::uint32_t> all;
  for (std::uint32_t i = 0; i < graph.tasks.size(); ++i) all.push_back(i);
  return graph_tree(graph, all);
}

std::string gantt_of(std::vector<plan::Task> tasks, std::uint32_t lanes) {
  const plan::TaskGraph graph = graph_of(std::move(tasks));
  return gantt(graph, Course{lanes, simulate(graph, lanes), {}});
}

TEST(GraphTree, TwinsShareALine) {
  EXPECT_EQ(tree_of(graph_of({task("1"), task("2", {"1"}), task("3", {"1"}), task("4", {"2", "3"})})),
            "  1 → 2, 3 → 4\n");
}

TEST(GraphTree, BranchesAreIndentedAndWhereTheyMeetIsToldOnce) {
  EXPECT_EQ(tree_of(graph_of({task("a"), task("b", {"a"}), task("c", {"a"}), task("d", {"b"}), task("e", {"d", "c"}),
                              task("lonely")})),
            "  a\n"
            "  ├─ b → d → e …\n"
            "  └─ c → e\n"
            "  lonely\n");
}

TEST(GraphTree, AShortCutDoesNotTellATaskTwice) {
  EXPECT_EQ(tree_of(graph_of({task("a"), task("b", {"a"}), task("c", {"a", "b"})})),
            "  a\n"
            "  ├─ b → c\n"
            "  └─ c …\n");
}

TEST(GraphTree, ASuiteThatIsWaitedForStandsBehindItsTasks) {
  std::vector<plan::Task> tasks{task("S.a"), task("S.b"), task("T.c", {"S"})};
  for (plan::Task& each : tasks) each.suite = each.name.substr(0, 1);
  EXPECT_EQ(tree_of(graph_of(tasks)), "  S.a, S.b → all of S → T.c\n");
}

TEST(GraphTree, WhatIsWaitedForInNoPhaseIsNamed) {
  std::vector<plan::Task> tasks{task("free"), task("bound", {"free"})};
  tasks[1].phase = "1";
  EXPECT_EQ(graph_tree(graph_of(tasks), {1}), "  bound (after free)\n");
}

TEST(GraphTree, TellsEveryTaskOfADeepComb) {
  std::vector<plan::Task> tasks{task("t0")};
  for (int i = 1; i < 200; ++i) {
    tasks.push_back(task("t" + std::to_string(i), {"t" + std::to_string(i - 1)}));
    tasks.push_back(task("leaf" + std::to_string(i), {"t" + std::to_string(i - 1)}, 2s));
    tasks.push_back(task("below" + std::to_string(i), {"leaf" + std::to_string(i)}));
  }
  const std::string tree = tree_of(graph_of(tasks));
  for (const plan::Task& each : tasks) EXPECT_THAT(tree, HasSubstr(each.name));
  for (std::size_t at = 0; at < tree.size();) {
    const std::size_t end = tree.find('\n', at);
    EXPECT_LE(width_of(tree.substr(at, end - at)), kLineWidth);
    at = end + 1;
  }
}

// R15: one line per lane, 80 columns.
TEST(Gantt, DrawsEachTaskAsLongAsItTakes) {
  EXPECT_EQ(gantt_of({task("a", {}, 3s), task("b", {}, 1s), task("c", {"b"}, 1s)}, 2),
            "0 |[a" + std::string(74, '=') + "|\n" +                                                           //
                "1 |[b" + std::string(23, '=') + "[c" + std::string(23, '=') + std::string(26, '.') + "|\n" +  //
                "   0" + std::string(69, ' ') + "3.00 s\n");
}

TEST(Gantt, MarksWhatIsShorterThanAColumn) {
  std::vector<plan::Task> tasks{task("long", {}, 1000s), task("tiny", {"long"}, 1ms), task("tinier", {"tiny"}, 1ms)};
  EXPECT_THAT(gantt_of(tasks, 1), StartsWith("0 |[long" + std::string(70, '=') + "#|\n"));
}

TEST(Gantt, SaysNothingInAFewLetters) {
  std::vector<plan::Task> tasks;
  for (int i = 0; i < 25; ++i) tasks.push_back(task("test" + std::to_string(i)));
  EXPECT_THAT(gantt_of(tasks, 1), StartsWith("0 |[==[==[=="));
}

TEST(Gantt, SurvivesARunThatTakesNoTime) {
  EXPECT_EQ(gantt_of({task("a", {}, 0s)}, 1),
            "0 ||" + std::string(75, '.') + "|\n   0" + std::string(71, ' ') + "0 ms\n");
}

TEST(Label, IsOneLineThatIsSafeOnATerminal) {
  EXPECT_EQ(label("a\nb\tc\x1b[31m"), "a\\nb\\tc\\x1b[31m");
  EXPECT_EQ(label(""), "''");
}

TEST(CutTo, CountsCharactersAndMarksTheCut) {
  EXPECT_EQ(cut_to("\xC3\xA4\xC3\xB6\xC3\xBC", 3), "\xC3\xA4\xC3\xB6\xC3\xBC");
  EXPECT_EQ(cut_to("\xC3\xA4\xC3\xB6\xC3\xBC", 2), "\xC3\xA4…");
}

struct Line {
  std::vector<std::string> arguments;
  std::string error;
};

TEST(CommandLine, AnErrorNamesTheArgumentAndWhatIsLegal) {
  const std::vector<Line> cases{
      {{"plna", "x"}, "'plna' is no command; did you mean 'plan'?"},
      {{"zzz"}, "'zzz' is no command; see cleave --help"},
      {{"--hepl"}, "option '--hepl' is unknown; did you mean '--help'?"},
      {{"plan"}, "GRAPH.json|PROGRAM is required"},
      {{"plan", "a", "b"}, "argument 'b' is one too many"},
      {{"plan", "a", "--simulat"}, "option '--simulat' is unknown; did you mean '--simulate'?"},
      {{"plan", "a", "--lane=3"}, "option '--lane=3' is unknown; did you mean '--lanes'?"},
      {{"plan", "a", "-j"}, "--jobs: the value is missing"},
      {{"plan", "a", "-j0"}, "--jobs='0': '0' is not a number from 1 to 1024"},
      {{"plan", "a", "-j", "2,1025"}, "--jobs='2,1025': '1025' is not a number from 1 to 1024"},
      {{"plan", "a", "-j", "2,"}, "--jobs='2,': '' is not a number from 1 to 1024"},
      {{"plan", "a", "--jobs=two"}, "--jobs='two': 'two' is not a number from 1 to 1024"},
      {{"plan", "a", "--format", "svg"}, "--format='svg' is not text, dot or json"},
  };
  for (const Line& each : cases) {
    const auto command = read_command_line(each.arguments);
    ASSERT_FALSE(command) << each.error;
    EXPECT_EQ(command.error().kind, Errc::usage) << each.error;
    EXPECT_EQ(command.error().what, each.error);
  }
}

TEST(CommandLine, TakesEachNumberOfLanesOnceInTheOrderAskedFor) {
  const auto command = read_command_line({"plan", "-j", "8,2,8,4", "g.json", "--format=json", "--lanes"});
  ASSERT_TRUE(command) << command.error().what;
  const auto& request = std::get<PlanRequest>(*command);
  EXPECT_THAT(request.lanes, testing::ElementsAre(8, 2, 4));
  EXPECT_EQ(request.source, "g.json");
  EXPECT_EQ(request.format, PlanRequest::Format::json);
  EXPECT_TRUE(request.parts.lanes);
  EXPECT_FALSE(request.parts.schedule);
}

}  // namespace
}  // namespace cleave::cli
