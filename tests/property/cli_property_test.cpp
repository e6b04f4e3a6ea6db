// Any acyclic graph over any number of lanes: the simulated run keeps every rule. Any bytes: the reader survives them.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "../support/property.hpp"
#include "../support/random_graph.hpp"
#include "cli/graph_file.hpp"
#include "cli/json_place.hpp"
#include "cli/plan_view.hpp"
#include "cli/program_list.hpp"
#include "os/file.hpp"

namespace cleave::cli {
namespace {

using std::chrono::nanoseconds;
using test::Choices;

bool overlap(const SimulatedItem& a, const SimulatedItem& b) { return a.start < b.end && b.start < a.end; }

bool exclude(const plan::Task& a, const plan::Task& b) {
  if (a.serial || b.serial) return true;
  return std::ranges::any_of(a.locks, [&](const plan::LockUse& mine) {
    return std::ranges::any_of(b.locks, [&](const plan::LockUse& theirs) {
      return mine.name == theirs.name && !(mine.shared && theirs.shared);
    });
  });
}

// R08: phases, dependencies, serial tasks, locks, weights and lanes all hold in the simulated run.
TEST(SimulationProperty, KeepsEveryRuleAndNeverBeatsTheBound) {
  for (const std::uint64_t seed : test::seeds({}, 400)) {
    Choices choices(seed);
    const std::vector<plan::Task> tasks = test::random_tasks(choices, 40);
    const std::uint32_t lanes = choices.number(1, 6);
    const auto graph = plan::make_task_graph(tasks, test::in_order(tasks));
    ASSERT_TRUE(graph) << "seed " << seed;
    const Simulation simulation = simulate(*graph, lanes);
    const auto& items = simulation.items;
    nanoseconds last{};
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      EXPECT_EQ(items[i].end - items[i].start, *tasks[i].duration) << "seed " << seed;
      EXPECT_LT(items[i].lane, lanes) << "seed " << seed;
      last = std::max(last, items[i].end);
      std::uint32_t used = 0;
      for (std::size_t k = 0; k < tasks.size(); ++k) {
        const bool waits = test::waits_for(tasks[i], tasks[k]);
        EXPECT_TRUE(!waits || items[i].start >= items[k].end) << "seed " << seed;
        const bool at_start = items[k].start <= items[i].start && items[i].start < items[k].end;
        used += at_start ? std::min(tasks[k].weight, lanes) : 0;
        if (i == k || !overlap(items[i], items[k])) continue;
        EXPECT_NE(items[i].lane, items[k].lane) << "seed " << seed;
        EXPECT_FALSE(exclude(tasks[i], tasks[k])) << "seed " << seed << ": " << i << " beside " << k;
      }
      EXPECT_LE(used, lanes) << "seed " << seed;
    }
    EXPECT_EQ(simulation.makespan, last) << "seed " << seed;
    EXPECT_GE(simulation.makespan, plan::lower_bound(*graph, lanes).time) << "seed " << seed;
  }
}

/// Without locks, weights and serial tasks a list scheduler is never worse than Graham's bound.
TEST(SimulationProperty, LeavesNoLaneIdleWhileATaskCouldStart) {
  for (const std::uint64_t seed : test::seeds({}, 400)) {
    Choices choices(seed);
    std::vector<plan::Task> tasks = test::random_tasks(choices, 60);
    for (plan::Task& task : tasks) {
      task.serial = false;
      task.weight = 1;
      task.locks.clear();
    }
    const auto lanes = static_cast<std::int64_t>(choices.number(1, 6));
    const auto graph = plan::make_task_graph(tasks, test::in_order(tasks));
    ASSERT_TRUE(graph) << "seed " << seed;
    const plan::GraphMetrics metrics = plan::metrics_of(*graph);
    const nanoseconds makespan = simulate(*graph, static_cast<std::uint32_t>(lanes)).makespan;
    EXPECT_LE(makespan * lanes, metrics.sequential_time + metrics.critical_path.time * (lanes - 1)) << "seed " << seed;
  }
}

std::string broken_somewhere(std::string text, Choices& choices) {
  const std::string bytes = "{}[]\",:\\0 \n\xFFt-9e";
  for (std::uint32_t i = choices.number(1, 4); i > 0 && !text.empty(); --i) {
    const std::size_t at = choices.number(0, static_cast<std::uint32_t>(text.size()) - 1);
    if (choices.chance(30)) {
      text.erase(at, choices.number(1, 30));
    } else {
      text[at] = bytes[choices.number(0, static_cast<std::uint32_t>(bytes.size()) - 1)];
    }
  }
  return text;
}

TEST(GraphFileProperty, BrokenBytesAreAnErrorThatNamesTheFileOrAGraph) {
  const auto text = os::read_file(CLEAVE_SOURCE_DIR "/tests/examples/task_graph/thirty_tasks.json");
  ASSERT_TRUE(text);
  int refused = 0;
  for (const std::uint64_t seed : test::seeds({}, 600)) {
    Choices choices(seed);
    const std::string broken = broken_somewhere(*text, choices);
    const auto graph = read_graph(broken, "b.json");
    if (graph) continue;
    ++refused;
    EXPECT_EQ(graph.error().kind, Errc::usage) << "seed " << seed;
    EXPECT_TRUE(graph.error().what.starts_with("b.json:")) << "seed " << seed << ": " << graph.error().what;
  }
  EXPECT_GT(refused, 100);
}

TEST(ProgramListProperty, BrokenBytesAreAnErrorOrAGraph) {
  const std::string text =
      "{\n \"framework\":\"gtest\",\n \"target\":\"t\",\n \"phases\":[],\n \"tests\":[\n  "
      "{\"name\":\"A.b\",\"suite\":\"A\",\"test\":\"b\","
      "\"file\":\"a.cpp\",\"line\":3,\"tags\":[\"lock:db\",\"mine\"]}]}\n";
  ASSERT_TRUE(read_program_list(text, "t"));
  for (const std::uint64_t seed : test::seeds({}, 400)) {
    Choices choices(seed);
    const auto graph = read_program_list(broken_somewhere(text, choices), "t");
    EXPECT_TRUE(graph || !graph.error().what.empty()) << "seed " << seed;
  }
}

/// A generated document whose values know in which line they were written.
struct Written {
  std::string text;
  std::vector<std::pair<std::string, std::size_t>> lines;  ///< JSON pointer and line.
};

void write_value(Choices& choices, const std::string& pointer, int depth, Written& into) {
  const auto blank = [&] { into.text += choices.chance(30) ? "\n" : choices.chance(30) ? " " : ""; };
  into.lines.emplace_back(pointer, line_of(into.text, into.text.size()));
  const std::uint32_t kind = choices.number(depth > 3 ? 2 : 0, depth == 0 ? 1 : 5);
  static const std::vector<std::string> scalars{"", "", "12", "\"a,]}\\\"\\\\\"", "true", "\"{[\""};
  if (kind > 1) {
    into.text += scalars[kind];
    return;
  }
  into.text += kind == 0 ? "{" : "[";
  for (std::uint32_t i = 0, count = choices.number(0, 4); i < count; ++i) {
    if (i > 0) into.text += ",";
    blank();
    std::string part = std::to_string(i);
    if (kind == 0) {
      into.text += "\"k\\\"/" + part + "\"";
      blank();
      into.text += ":";
      blank();
      part = "k\"~1" + part;
    }
    write_value(choices, pointer + "/" + part, depth + 1, into);
    blank();
  }
  into.text += kind == 0 ? "}" : "]";
}

TEST(JsonPlaceProperty, FindsTheLineOfEveryValue) {
  for (const std::uint64_t seed : test::seeds({}, 300)) {
    Choices choices(seed);
    Written written;
    write_value(choices, "", 0, written);
    ASSERT_TRUE(nlohmann::json::accept(written.text)) << written.text;
    for (const auto& [pointer, line] : written.lines)
      EXPECT_EQ(line_of_value(written.text, pointer), line) << "seed " << seed << ": " << pointer << "\n"
                                                            << written.text;
  }
}

}  // namespace
}  // namespace cleave::cli
