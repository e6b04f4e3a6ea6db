#include "plan/task_graph.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plan/graph_metrics.hpp"

namespace cleave::plan {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

Task task(std::string name, std::vector<std::string> after = {}, std::chrono::nanoseconds duration = 1s) {
  Task made;
  made.origin = "g.json:1: /tasks/" + name;
  made.name = std::move(name);
  made.after = std::move(after);
  made.duration = duration;
  return made;
}

Task in_phase(std::string phase, Task made) {
  made.phase = std::move(phase);
  return made;
}

Task serial(Task made) {
  made.serial = true;
  return made;
}

Task holding(std::vector<LockUse> locks, Task made) {
  made.locks = std::move(locks);
  return made;
}

TaskGraph graph_of(std::vector<Task> tasks, std::vector<PhaseSpec> phases = {}) {
  auto graph = make_task_graph(std::move(tasks), std::move(phases));
  EXPECT_TRUE(graph) << graph.error().what;
  return graph ? *graph : TaskGraph{};
}

std::string error_of(std::vector<Task> tasks, std::vector<PhaseSpec> phases = {}) {
  const auto graph = make_task_graph(std::move(tasks), std::move(phases));
  return graph ? "none" : graph.error().what;
}

std::vector<std::vector<std::string>> named_groups(const TaskGraph& graph) {
  std::vector<std::vector<std::string>> names;
  for (const TaskGroup& group : groups_of(graph)) {
    names.emplace_back();
    for (const std::uint32_t index : group.tasks) names.back().push_back(graph.tasks[index].name);
  }
  return names;
}

std::vector<std::string> named_path(const TaskGraph& graph) {
  std::vector<std::string> names;
  for (const std::uint32_t index : critical_path(graph).tasks) names.push_back(graph.tasks[index].name);
  return names;
}

using Groups = std::vector<std::vector<std::string>>;

// R01
TEST(TaskGraph, StepsStandBehindAllThatTheyWaitFor) {
  const TaskGraph graph = graph_of({task("d", {"b", "c"}), task("b", {"a"}), task("c", {"a"}), task("a"), task("e")});
  EXPECT_EQ(named_groups(graph), (Groups{{"a", "e"}, {"b", "c"}, {"d"}}));
}

// R02: phases are checkpoints.
TEST(TaskGraph, NothingOfAPhaseStartsBeforeAllOfTheOneBefore) {
  const TaskGraph graph =
      graph_of({in_phase("two", task("x")), in_phase("one", task("a")), in_phase("one", task("b", {"a"}))},
               {PhaseSpec{"one"}, PhaseSpec{"empty"}, PhaseSpec{"two"}});
  EXPECT_EQ(named_groups(graph), (Groups{{"a"}, {"b"}, {"x"}}));
}

TEST(TaskGraph, PhasesThatAreNotDeclaredAreNumbersInTheirOrder) {
  const TaskGraph graph = graph_of({in_phase("10", task("last")), in_phase("9", task("first"))});
  EXPECT_EQ(named_groups(graph), (Groups{{"first"}, {"last"}}));
  EXPECT_EQ(error_of({in_phase("9", task("a")), in_phase("build", task("b"))}),
            "g.json:1: /tasks/b/phase: 'build' is no phase: where \"phases\" does not give their order, they are "
            "numbers from 0");
}

TEST(TaskGraph, ATaskWithoutAPhaseWaitsForNoCheckpoint) {
  const TaskGraph graph = graph_of({in_phase("1", task("a")), in_phase("2", task("b")), task("free")});
  EXPECT_EQ(named_groups(graph), (Groups{{"a", "free"}, {"b"}}));
}

TEST(TaskGraph, ACheckpointIsNoStepOfItsOwn) {
  const TaskGraph graph =
      graph_of({in_phase("1", task("a")), in_phase("2", task("b")), task("free"), task("behind", {"free"})});
  EXPECT_EQ(named_groups(graph), (Groups{{"a", "free"}, {"b", "behind"}}));
}

TEST(TaskGraph, AfterASuiteWaitsForAllOfItsTasks) {
  std::vector<Task> tasks{task("Schema.A"), task("Schema.B", {"Schema.A"}), task("Query.A", {"Schema"})};
  for (Task& each : tasks) each.suite = each.name.substr(0, each.name.find('.'));
  EXPECT_EQ(named_groups(graph_of(tasks)), (Groups{{"Schema.A"}, {"Schema.B"}, {"Query.A"}}));
}

TEST(TaskGraph, AfterANameThatSeveralTasksHaveWaitsForEachOfThem) {
  EXPECT_EQ(named_groups(graph_of({task("twin"), task("a"), task("twin", {"a"}), task("last", {"twin"})})),
            (Groups{{"twin", "a"}, {"twin"}, {"last"}}));
}

TEST(TaskGraph, ASerialTaskIsAGroupOfItsOwn) {
  const TaskGraph graph = graph_of({task("a"), serial(task("s")), task("b"), serial(task("t"))});
  EXPECT_EQ(named_groups(graph), (Groups{{"a", "b"}, {"s"}, {"t"}}));
}

// R01: a cycle is an error that names it, in the order in which its tasks would have to run.
TEST(TaskGraphError, NamesTheWholeCycleAndNothingElse) {
  EXPECT_EQ(
      error_of({task("before"), task("a", {"c", "before"}), task("b", {"a"}), task("c", {"b"}), task("behind", {"c"})}),
      "g.json:1: /tasks/a: cycle: a → b → c → a");
  EXPECT_EQ(error_of({task("a", {"a"})}), "g.json:1: /tasks/a: cycle: a → a");
}

TEST(TaskGraphError, NamesTheCheckpointThatClosesACycle) {
  EXPECT_EQ(error_of({in_phase("1", task("a", {"b"})), in_phase("2", task("b"))}),
            "g.json:1: /tasks/a: cycle: a → checkpoint of phase '1' → b → a");
}

TEST(TaskGraphError, NamesTheSuiteThatClosesACycle) {
  std::vector<Task> tasks{task("S.a"), task("S.b", {"S"})};
  for (Task& each : tasks) each.suite = "S";
  EXPECT_EQ(error_of(tasks), "g.json:1: /tasks/S.b: cycle: S.b → all of 'S' → S.b");
}

// R01: an unknown name is an error that names it.
TEST(TaskGraphError, NamesWhatIsUnknownAndWhatIsNear) {
  EXPECT_EQ(error_of({task("compile"), task("link", {"compile", "compil"})}),
            "g.json:1: /tasks/link/after/1: 'compil' is no task and no suite; did you mean 'compile'?");
  EXPECT_EQ(error_of({task("compile"), task("link", {"zzzzzzzz"})}),
            "g.json:1: /tasks/link/after/0: 'zzzzzzzz' is no task and no suite");
  EXPECT_EQ(error_of({in_phase("bild", task("a"))}, {PhaseSpec{"build"}}),
            "g.json:1: /tasks/a/phase: 'bild' is no phase; did you mean 'build'?");
  EXPECT_EQ(error_of({task("a")}, {PhaseSpec{"build"}, PhaseSpec{"build"}}), "phases: 'build' is declared twice");
}

TEST(TaskGraphError, RefusesDurationsWhoseSumIsNoTimeAnyMore) {
  std::vector<Task> tasks;
  for (int i = 0; i < 20; ++i) tasks.push_back(task("t" + std::to_string(i), {}, 270'000h));
  EXPECT_EQ(error_of(tasks), "g.json:1: /tasks/t0: durations: more than ten years in all");
}

TEST(TaskDurations, AnUnknownOneCountsAsTheMedianOfTheKnown) {
  Task unknown = task("u");
  unknown.duration.reset();
  EXPECT_EQ(graph_of({task("a", {}, 1s), task("b", {}, 9s), task("c", {}, 2s), unknown}).durations[3], 2s);
  const TaskGraph nothing_known = graph_of({unknown, unknown});
  EXPECT_THAT(nothing_known.durations, ElementsAre(1s, 1s));
  EXPECT_EQ(nothing_known.guessed, 2U);
}

TEST(CriticalPath, IsTheWayThatTakesLongestNotTheOneWithMostTasks) {
  const TaskGraph graph = graph_of({task("a"), task("b", {"a"}), task("c", {"b"}), task("long", {"a"}, 3s)});
  EXPECT_THAT(named_path(graph), ElementsAre("a", "long"));
  EXPECT_EQ(critical_path(graph).time, 4s);
}

TEST(CriticalPath, OfEqualWaysHasTheMostTasks) {
  const TaskGraph graph = graph_of({task("long", {}, 2s), task("a"), task("b", {"a"})});
  EXPECT_THAT(named_path(graph), ElementsAre("a", "b"));
}

TEST(CriticalPath, GoesThroughCheckpoints) {
  const TaskGraph graph =
      graph_of({in_phase("1", task("short")), in_phase("1", task("long", {}, 5s)), in_phase("2", task("next"))});
  EXPECT_THAT(named_path(graph), ElementsAre("long", "next"));
}

TEST(CriticalPath, OfAnEmptyGraphIsEmpty) { EXPECT_THAT(critical_path(graph_of({})).tasks, ElementsAre()); }

TEST(TimeToTheEnd, CountsTheLongestWayBehindATask) {
  const TaskGraph graph = graph_of({task("a"), task("b", {"a"}, 5s), task("c", {"a"}, 2s), task("d", {"c"}, 2s)});
  EXPECT_THAT(time_to_the_end(graph), ElementsAre(6s, 5s, 4s, 2s));
}

// R15
TEST(GraphMetrics, CountTasksThatShareAGroupAsParallelisable) {
  const GraphMetrics metrics = metrics_of(graph_of({task("a"), task("b", {"a"}), task("c", {"a"}), task("d", {"a"}),
                                                    task("e", {"b", "c"}), task("f", {"e"}), task("g", {"e"})}));
  EXPECT_EQ(metrics.tasks, 7U);
  EXPECT_EQ(metrics.groups, 4U);
  EXPECT_EQ(metrics.parallel_groups, 2U);
  EXPECT_EQ(metrics.largest_group, 3U);
  EXPECT_EQ(metrics.parallelisable, 5U);
  EXPECT_EQ(metrics.alone, 2U);
  EXPECT_EQ(metrics.critical_path.tasks.size(), 4U);
  EXPECT_EQ(metrics.sequential_time, 7s);
}

struct BoundCase {
  const char* what;
  std::vector<Task> tasks;
  std::uint32_t lanes;
  std::chrono::nanoseconds time;
  LowerBound::Cause cause;
};

// R15: max(work / lanes, longest, critical path), and which of them it is.
TEST(LowerBound, IsTheLargestOfItsCauses) {
  const Task heavy = [] {
    Task made = task("heavy", {}, 4s);
    made.weight = 8;
    return made;
  }();
  const std::vector<BoundCase> cases{
      {"work", {task("a"), task("b"), task("c")}, 2, 1500ms, LowerBound::Cause::work},
      {"longest", {task("a", {}, 5s), task("b")}, 2, 5s, LowerBound::Cause::longest},
      {"path", {task("a", {}, 5s), task("b", {"a"})}, 2, 6s, LowerBound::Cause::critical_path},
      {"one lane is work", {task("a", {}, 5s), task("b", {"a"})}, 1, 6s, LowerBound::Cause::work},
      {"weight is work", {heavy, task("b", {}, 2s)}, 2, 5s, LowerBound::Cause::work},
      {"writers",
       {holding({{"db", false}}, task("a")), holding({{"db", false}}, task("b"))},
       8,
       2s,
       LowerBound::Cause::lock},
      {"readers",
       {holding({{"db", true}}, task("a")), holding({{"db", true}}, task("b"))},
       2,
       1s,
       LowerBound::Cause::work},
      {"a writer behind readers",
       {holding({{"db", true}}, task("a")), holding({{"db", true}}, task("b")), holding({{"db", false}}, task("c"))},
       2,
       2s,
       LowerBound::Cause::lock},
      {"serial beside others", {serial(task("s", {}, 3s)), task("b"), task("c")}, 2, 4s, LowerBound::Cause::work},
      {"serial only", {serial(task("s")), serial(task("t"))}, 2, 2s, LowerBound::Cause::serial},
      {"nothing", {}, 4, 0s, LowerBound::Cause::work},
  };
  for (const BoundCase& each : cases) {
    const LowerBound bound = lower_bound(graph_of(each.tasks), each.lanes);
    EXPECT_EQ(bound.time, each.time) << each.what;
    EXPECT_EQ(bound.cause, each.cause) << each.what;
  }
}

// R15
TEST(LaneMetrics, CompareAScheduleWithOneLaneAndWithTheBound) {
  const LaneMetrics metrics = lane_metrics(graph_of({task("a", {}, 3s), task("b", {}, 3s)}), 2, 4s);
  EXPECT_DOUBLE_EQ(metrics.speed_up, 1.5);
  EXPECT_DOUBLE_EQ(metrics.efficiency, 0.75);
  EXPECT_EQ(metrics.bound.time, 3s);
  EXPECT_NEAR(metrics.above_bound, 1.0 / 3, 1e-9);
}

}  // namespace
}  // namespace cleave::plan
