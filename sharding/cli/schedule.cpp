#include "cli/schedule.hpp"

#include <algorithm>
#include <map>
#include <queue>
#include <set>
#include <string>
#include <tuple>
#include <utility>

namespace cleave::cli {
namespace {

using std::chrono::nanoseconds;

/// One run in virtual time: start_ready() starts what can start now, end_next() goes on to the next end.
class Run {
 public:
  Run(const plan::TaskGraph& graph, std::uint32_t lanes)
      : graph_(graph), rest_(plan::time_to_the_end(graph)), behind_(graph.nodes()), waits_(graph.nodes()) {
    simulation_.items.resize(graph.tasks.size());
    for (std::uint32_t lane = 0; lane < lanes; ++lane) free_.insert(lane);
    lanes_ = lanes;
    for (std::uint32_t node = 0; node < graph.nodes(); ++node) {
      waits_[node] = graph.before[node].size();
      for (const std::uint32_t first : graph.before[node]) behind_[first].push_back(node);
    }
    for (std::uint32_t node = 0; node < graph.nodes(); ++node) {
      if (graph.before[node].empty()) make_ready(node);
    }
  }

  Simulation to_the_end() && {
    start_ready();
    while (!running_.empty()) {
      end_next();
      start_ready();
    }
    simulation_.makespan = now_;
    return std::move(simulation_);
  }

 private:
  /// The longest way to the end first; of equal ones the lowest index.
  using Turn = std::pair<nanoseconds, std::uint32_t>;
  struct Lock {
    std::uint32_t readers = 0;
    bool written = false;
  };

  std::uint32_t lanes_of(std::uint32_t task) const { return std::min(graph_.tasks[task].weight, lanes_); }

  void make_ready(std::uint32_t node) {
    if (graph_.is_task(node)) {
      (graph_.tasks[node].serial ? serial_ : ready_).emplace(-rest_[node], node);
    } else {
      pass(node);  // No junction is behind a junction, so this goes one step deep.
    }
  }

  void pass(std::uint32_t node) {
    for (const std::uint32_t next : behind_[node]) {
      if (--waits_[next] == 0) make_ready(next);
    }
  }

  bool locks_are_free(std::uint32_t task) {
    return std::ranges::all_of(graph_.tasks[task].locks, [&](const plan::LockUse& use) {
      const Lock& lock = locks_[use.name];
      return !lock.written && (use.shared || lock.readers == 0);
    });
  }

  void start(std::uint32_t task) {
    for (const plan::LockUse& use : graph_.tasks[task].locks) {
      Lock& lock = locks_[use.name];
      if (use.shared) lock.readers += 1;
      if (!use.shared) lock.written = true;
    }
    std::vector<std::uint32_t>& taken = taken_[task];
    for (std::uint32_t count = lanes_of(task); count > 0; --count) {
      taken.push_back(*free_.begin());
      free_.erase(free_.begin());
    }
    simulation_.items[task] = {taken.front(), now_, now_ + graph_.durations[task]};
    running_.emplace(now_ + graph_.durations[task], task);
  }

  void start_ready() {
    for (auto turn = ready_.begin(); turn != ready_.end() && !free_.empty();) {
      const std::uint32_t task = turn->second;
      if (free_.size() >= lanes_of(task) && locks_are_free(task)) {
        turn = ready_.erase(turn);
        start(task);
      } else {
        ++turn;
      }
    }
    // Nothing starts beside it: the next to come is its own end.
    if (running_.empty() && !serial_.empty()) {
      const std::uint32_t task = serial_.begin()->second;
      serial_.erase(serial_.begin());
      start(task);
    }
  }

  void end_next() {
    const auto [time, task] = running_.top();
    running_.pop();
    now_ = time;
    for (const plan::LockUse& use : graph_.tasks[task].locks) {
      Lock& lock = locks_[use.name];
      if (use.shared) lock.readers -= 1;
      if (!use.shared) lock.written = false;
    }
    for (const std::uint32_t lane : taken_[task]) free_.insert(lane);
    taken_.erase(task);
    pass(task);
  }

  const plan::TaskGraph& graph_;
  std::vector<nanoseconds> rest_;
  std::vector<std::vector<std::uint32_t>> behind_;
  std::vector<std::size_t> waits_;  ///< By node: how many of those it waits for have not ended.
  std::uint32_t lanes_ = 1;
  std::set<std::uint32_t> free_;  ///< Lanes.
  std::set<Turn> ready_;
  std::set<Turn> serial_;
  std::priority_queue<Turn, std::vector<Turn>, std::greater<>> running_;  ///< By end.
  std::map<std::uint32_t, std::vector<std::uint32_t>> taken_;             ///< Lanes, by running task.
  std::map<std::string, Lock> locks_;
  nanoseconds now_{};
  Simulation simulation_;
};

}  // namespace

Simulation simulate(const plan::TaskGraph& graph, std::uint32_t lanes) { return Run(graph, lanes).to_the_end(); }

}  // namespace cleave::cli
