#include "plan/simulation.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <queue>
#include <utility>

#include "plan/claim.hpp"
#include "plan/lane.hpp"

namespace cleave::plan {
namespace {

using std::chrono::nanoseconds;

/// What a lane does when it has nothing to do: it comes back with the next lane that ends a batch.
struct VirtualLane {
  std::int64_t after = kFromStart;
  std::uint32_t group = 0;
  std::uint32_t suite = UINT32_MAX;  ///< Whose set-up its worker has paid.
  std::uint32_t want = 1;
  nanoseconds budget{};
  bool alive = false;
  std::vector<std::uint32_t> batch;
};

class Simulator {
 public:
  Simulator(const Plan& plan, const SimulationInput& input)
      : plan_(plan), input_(input), memory_(Board::size_for(plan, input.lanes) / 8 + 1) {
    BoardOptions options;
    options.lanes = input.lanes;
    options.capacity = input.lanes;
    Board::make(memory_.data(), plan, options);
    result_.items.resize(plan.items.size());
  }

  Simulation run() {
    std::uint32_t before = 0;
    do {
      before = open_items();
      for (std::uint32_t part = 0; part < plan_.parts.size(); ++part) run_part(part);
    } while (open_items() > 0 && open_items() < before);
    if (open_items() > 0) result_.stuck = std::to_string(open_items()) + " tests wait for ever";
    result_.makespan = now_;
    return std::move(result_);
  }

 private:
  Board board() { return Board(memory_.data(), plan_); }
  std::uint32_t open_items() {
    std::uint32_t open = 0;
    for (std::uint32_t i = 0; i < plan_.parts.size(); ++i) open += board().part(i).free + board().part(i).running;
    return open;
  }

  /// Parts other than the first are the work of one lane.
  void run_part(std::uint32_t part) {
    const std::uint32_t lanes = part == 0 ? input_.lanes : 1;
    lanes_.assign(lanes, VirtualLane{});
    using Ready = std::pair<nanoseconds, std::uint32_t>;
    std::priority_queue<Ready, std::vector<Ready>, std::greater<>> ready;
    std::vector<std::uint32_t> waiting;
    for (std::uint32_t i = 0; i < lanes; ++i) ready.emplace(now_, i);
    while (!ready.empty()) {
      const auto [when, lane] = ready.top();
      ready.pop();
      now_ = when;
      end_batch(lane);
      if (const auto end = next_batch(part, lane)) {
        ready.emplace(*end, lane);
      } else {
        waiting.push_back(lane);
      }
      // Every end may be what another lane waits for.
      if (ready.empty() || ready.top().first > now_) {
        for (const std::uint32_t each : std::exchange(waiting, {})) {
          if (const auto end = next_batch(part, each)) {
            ready.emplace(*end, each);
          } else {
            waiting.push_back(each);
          }
        }
      }
    }
  }

  void end_batch(std::uint32_t lane) {
    for (const std::uint32_t item : std::exchange(lanes_[lane].batch, {})) board().finish(item, ItemEnd::green);
    held_.erase(lane);
  }

  /// When the batch that it takes ends; nothing when there is none at the moment.
  std::optional<nanoseconds> next_batch(std::uint32_t part, std::uint32_t number) {
    VirtualLane& lane = lanes_[number];
    if (!input_.pulls) lane.alive = false;
    Claim claimed = claim(part, number, lane.alive ? lane.after : kFromStart);
    nanoseconds at = now_;
    if (claimed.worth_waiting && lane.alive) return std::nullopt;
    if (claimed.items.empty() && lane.alive) {
      lane.alive = false;
      claimed = claim(part, number, kFromStart);
    }
    if (claimed.items.empty()) return std::nullopt;
    if (!lane.alive) {
      at += input_.process_start;
      lane.suite = UINT32_MAX;
    }
    lane.alive = true;
    for (const std::uint32_t item : claimed.items) at = run_item(number, item, at);
    lane.after = claimed.items.back();
    lane.group = plan_.group_of(claimed.items.back());
    learn(lane, claimed.items, part);
    lane.batch = std::move(claimed.items);
    return at;
  }

  nanoseconds run_item(std::uint32_t number, std::uint32_t item, nanoseconds at) {
    VirtualLane& lane = lanes_[number];
    const std::uint32_t index = plan_.items[item].index;
    const std::uint32_t suite = plan_.groups[plan_.group_of(item)].suite;
    if (suite != lane.suite && index < input_.set_up.size()) at += input_.set_up[index];
    lane.suite = suite;
    const nanoseconds end = at + input_.truth[index];
    result_.items[item] = SimulatedItem{number, at, end};
    return end;
  }

  /// As plan::Lane sizes its batches: guided by what is left, and by how long the last tests took.
  void learn(VirtualLane& lane, const std::vector<std::uint32_t>& items, std::uint32_t part) {
    nanoseconds took{};
    for (const std::uint32_t item : items) took += input_.truth[plan_.items[item].index];
    const auto each = std::max<std::int64_t>(1, took.count() / static_cast<std::int64_t>(items.size()));
    lane.budget = input_.batch_time;
    if (!input_.pulls) {
      const std::uint32_t all = plan_.items_of(plan_.parts[part]);
      lane.budget = std::max(lane.budget, chunk_time(all, nanoseconds(each), input_.lanes, input_.process_start));
    }
    const auto by_time = static_cast<std::uint32_t>(std::clamp<std::int64_t>(lane.budget.count() / each, 1, 1 << 20));
    const std::uint32_t fair = std::max(1U, board().part(part).free / (2 * input_.lanes));
    lane.want = std::min({fair, by_time, 4 * static_cast<std::uint32_t>(items.size())});
  }

  Claim claim(std::uint32_t part, std::uint32_t lane, std::int64_t after) {
    ++result_.decisions;
    ClaimRequest request;
    request.part = part;
    request.lane = lane;
    request.after = after;
    request.want = lanes_[lane].want;
    request.current_group = lanes_[lane].group;
    request.now = now_ + nanoseconds(1);
    request.budget = std::max(input_.batch_time, lanes_[lane].budget);
    return plan::claim(
        board(), request, [&](std::uint32_t item) { return !locks_of(item).empty(); },
        [&](std::uint32_t item) { return take_locks(lane, item); });
  }

  const std::vector<LockUse>& locks_of(std::uint32_t item) const {
    static const std::vector<LockUse> none;
    const std::uint32_t index = plan_.items[item].index;
    return index < input_.constraints.size() ? input_.constraints[index].locks : none;
  }
  bool take_locks(std::uint32_t lane, std::uint32_t item) {
    for (const auto& [holder, uses] : held_) {
      for (const LockUse& have : uses) {
        for (const LockUse& want : locks_of(item)) {
          if (holder != lane && have.name == want.name && !(have.shared && want.shared)) return false;
        }
      }
    }
    held_[lane] = locks_of(item);
    return true;
  }

  const Plan& plan_;
  const SimulationInput& input_;
  std::vector<std::uint64_t> memory_;
  std::vector<VirtualLane> lanes_;
  std::map<std::uint32_t, std::vector<LockUse>> held_;
  nanoseconds now_{};
  Simulation result_;
};

/// The longest way from the start of each item to the end of the run, through the barriers.
class Ways {
 public:
  Ways(const Plan& plan, const SimulationInput& input) : plan_(plan), input_(input) {
    behind_.assign(plan.barriers.size(), nanoseconds(-1));
    waiting_.resize(plan.barriers.size());
    for (std::uint32_t g = 0; g < plan.groups.size(); ++g) {
      for (const std::uint32_t barrier : plan.gates[plan.groups[g].gate].waits_for) waiting_[barrier].push_back(g);
    }
  }

  nanoseconds longest() {
    std::vector<std::uint32_t> stack;
    for (std::uint32_t i = 0; i < behind_.size(); ++i) stack.push_back(i);
    while (!stack.empty()) {
      const std::uint32_t barrier = stack.back();
      const std::size_t size = stack.size();
      for (const std::uint32_t g : waiting_[barrier]) {
        for (const std::uint32_t next : plan_.gates[plan_.groups[g].gate].member_of) {
          if (behind_[next].count() < 0) stack.push_back(next);
        }
      }
      if (stack.size() > size) continue;
      stack.pop_back();
      nanoseconds way{};
      for (const std::uint32_t g : waiting_[barrier]) way = std::max(way, way_from(g));
      behind_[barrier] = way;
    }
    nanoseconds way{};
    for (std::uint32_t g = 0; g < plan_.groups.size(); ++g) way = std::max(way, way_from(g));
    return way;
  }

 private:
  nanoseconds way_from(std::uint32_t g) const {
    const Group& group = plan_.groups[g];
    nanoseconds own{};
    for (std::uint32_t item = group.begin; item < group.end; ++item) {
      own = std::max(own, input_.truth[plan_.items[item].index]);
    }
    nanoseconds behind{};
    for (const std::uint32_t barrier : plan_.gates[group.gate].member_of) behind = std::max(behind, behind_[barrier]);
    return own + behind;
  }

  const Plan& plan_;
  const SimulationInput& input_;
  std::vector<nanoseconds> behind_;
  std::vector<std::vector<std::uint32_t>> waiting_;
};

}  // namespace

Simulation simulate(const Plan& plan, const SimulationInput& input) { return Simulator(plan, input).run(); }

nanoseconds lower_bound(const Plan& plan, const SimulationInput& input) {
  nanoseconds parallel{};
  nanoseconds serial{};
  for (std::uint32_t g = 0; g < plan.groups.size(); ++g) {
    const Group& group = plan.groups[g];
    nanoseconds all{};
    for (std::uint32_t item = group.begin; item < group.end; ++item) all += input.truth[plan.items[item].index];
    const std::uint32_t first = plan.items[group.begin].index;
    const bool begins_suite = g == 0 || plan.groups[g - 1].suite != group.suite;
    if (begins_suite && first < input.set_up.size()) all += input.set_up[first];
    if (plan.part_of(g) == 0) {
      parallel += all * std::min(group.weight, input.lanes);
    } else {
      serial += all;
    }
  }
  const nanoseconds bound = std::max(parallel / input.lanes, Ways(plan, input).longest());
  return plan.crosses_parts() ? std::max(parallel / input.lanes + serial, Ways(plan, input).longest()) : bound + serial;
}

}  // namespace cleave::plan
