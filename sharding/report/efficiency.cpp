#include "report/efficiency.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <unordered_map>

#include "plan/simulation.hpp"
#include "report/merge.hpp"
#include "report/model.hpp"
#include "report/text.hpp"

namespace cleave::report {
namespace {

using Cause = Efficiency::Cause;

/// What saves less than this share of the run is not worth a line.
constexpr int kWorthALine = 10;

bool was_run(const Attempt& attempt) {
  return attempt.outcome != plan::Outcome::not_run && attempt.outcome != plan::Outcome::disabled && !attempt.cached;
}

/// One way to bound the part that runs side by side.
struct Bound {
  Nanoseconds time{};
  Cause cause = Cause::work;
  std::string by;
};

class Measure {
 public:
  Measure(const RunReport& report, const plan::Plan& plan, const std::vector<plan::Constraints>& constraints,
          const Stage& stage)
      : report_(report), plan_(plan), constraints_(constraints), stage_(stage), lanes_(std::max(1U, stage.lanes)) {}

  Efficiency run(Nanoseconds predicted) {
    e_.lanes = lanes_;
    e_.took = stage_.took;
    e_.predicted = predicted;
    measure_tests();
    measure_costs();
    find_bound();
    advise();
    return std::move(e_);
  }

 private:
  void measure_tests() {
    std::unordered_map<std::uint64_t, Nanoseconds> by_item;
    UnixTime first = UnixTime::max();
    for (const TestRow& row : report_.rows) {
      for (const Attempt& attempt : row.attempts) {
        if (!was_run(attempt)) continue;
        by_item[key(row.index, attempt.repetition)] += attempt.duration;
        first = std::min(first, attempt.start);
      }
    }
    if (first != UnixTime::max()) e_.before_first = std::max(Nanoseconds{}, first - stage_.begin);
    truth_.resize(report_.list.tests.size());
    for (std::uint32_t g = 0; g < plan_.groups.size(); ++g) {
      const bool beside = plan_.parts[plan_.part_of(g)].name != "serial";
      for (std::uint32_t item = plan_.groups[g].begin; item < plan_.groups[g].end; ++item) {
        const auto found = by_item.find(key(plan_.items[item].index, plan_.items[item].repetition));
        if (found != by_item.end()) take(plan_.items[item].index, found->second, plan_.groups[g].weight, beside);
      }
    }
  }
  static std::uint64_t key(std::uint32_t index, std::uint32_t repetition) {
    return (std::uint64_t{index} << 32) | repetition;
  }

  void take(std::uint32_t index, Nanoseconds took, std::uint32_t weight, bool beside) {
    e_.work += took;
    truth_[index] = std::max(truth_[index], took);
    if (!beside) {
      e_.serial += took;
      return;
    }
    dealt_ += took / lanes_;
    const std::uint32_t capacity = std::max(lanes_, stage_.capacity);
    weighed_ += took * std::min(weight, capacity) / capacity;
    if (took > longest_.time) longest_ = {took, Cause::longest, name(index)};
    if (index >= constraints_.size()) return;
    for (const plan::LockUse& lock : constraints_[index].locks) held_[lock.name] += lock.shared ? took / lanes_ : took;
  }
  std::string name(std::uint32_t index) const {
    return one_line(plan::full_name(report_.list.tests[index], report_.list.framework));
  }

  /// Each suite must be set up once: the dearest of its set-ups stands for that.
  void measure_costs() {
    std::map<std::string, Nanoseconds> once;
    for (const SuiteCost& cost : report_.costs) {
      if (cost.suite.empty()) {
        e_.starts += cost.duration;
        continue;
      }
      e_.set_ups += cost.duration;
      Nanoseconds& dearest = once[cost.suite];
      dearest = std::max(dearest, cost.duration);
    }
    Nanoseconds needed{};
    for (const auto& [suite, duration] : once) needed += duration;
    e_.repeated_set_ups = e_.set_ups - needed;
    dealt_ += needed / lanes_;
  }

  void find_bound() {
    std::vector<Bound> bounds{{std::max(dealt_, weighed_), Cause::work, ""}, longest_};
    for (const auto& [lock, time] : held_) bounds.push_back({time, Cause::lock, lock});
    if (!plan_.barriers.empty()) {
      plan::SimulationInput input;
      input.truth = truth_;
      input.lanes = UINT32_MAX;  // Then nothing but the order is left of its bound.
      const Nanoseconds way = plan::lower_bound(plan_, input);
      bounds.push_back({std::max(Nanoseconds{}, way - e_.serial), Cause::order, ""});
    }
    std::stable_sort(bounds.begin(), bounds.end(), [](const Bound& a, const Bound& b) { return a.time > b.time; });
    const Bound& top = bounds.front();
    e_.bound = top.time + e_.serial;
    e_.cause = top.cause;
    e_.bound_by = top.by;
    e_.bound_time = top.time;
    saved_by_top_ = top.time - (bounds.size() > 1 && top.cause != Cause::work ? bounds[1].time : top.time);
    if (e_.serial > top.time) {
      e_.cause = Cause::serial;
      e_.bound_by.clear();
      e_.bound_time = e_.serial;
    }
    top_ = top;
  }

  void offer(Nanoseconds saves, const std::string& advice) {
    if (saves <= e_.saves) return;
    e_.saves = saves;
    e_.advice = advice;
  }

  void advise() {
    const std::string of_all = " of " + duration_text(e_.took);
    const auto percent = [&](Nanoseconds part) { return std::to_string(part * 100 / e_.took) + " %"; };
    if (e_.took <= Nanoseconds{}) return;
    switch (top_.cause) {
      case Cause::longest:
        offer(saved_by_top_, top_.by + " took " + percent(top_.time) + " of the run: split it");
        break;
      case Cause::lock:
        offer(saved_by_top_, "the tests with lock:" + one_line(top_.by) + " took " + duration_text(top_.time) + of_all +
                                 " one after another: let fewer hold it, or as readers (lock:" + one_line(top_.by) +
                                 ":read)");
        break;
      case Cause::order:
        offer(saved_by_top_, "tests that wait for each other took " + duration_text(top_.time) + of_all +
                                 ": fewer phases and after: let more run at once");
        break;
      case Cause::work:
      case Cause::serial: break;
    }
    offer(e_.serial - e_.serial / lanes_,
          "serial tests took " + duration_text(e_.serial) + of_all + ", each alone: let fewer be serial");
    offer(e_.repeated_set_ups / lanes_, "suites were set up in several processes, for " +
                                            duration_text(e_.repeated_set_ups) +
                                            " more than once each takes: a run fixture is set up only once");
    offer(e_.starts / lanes_, "starts of processes took " + duration_text(e_.starts) +
                                  " of the shards' time: main does much before the tests");
    offer(e_.before_first,
          duration_text(e_.before_first) + " passed before the first test: fixtures of the run, or main");
    if (e_.saves * 100 >= e_.took * kWorthALine) return;
    e_.advice.clear();
    e_.saves = {};
  }

  const RunReport& report_;
  const plan::Plan& plan_;
  const std::vector<plan::Constraints>& constraints_;
  const Stage& stage_;
  std::uint32_t lanes_;
  Efficiency e_;
  std::vector<Nanoseconds> truth_;  ///< By test.
  Nanoseconds dealt_{};             ///< What each lane had to do at least.
  Nanoseconds weighed_{};           ///< The same where tests take the place of several.
  Bound longest_{{}, Cause::longest, ""};
  std::map<std::string, Nanoseconds> held_;  ///< By lock.
  Bound top_;
  Nanoseconds saved_by_top_{};
};

}  // namespace

double Efficiency::above_bound() const {
  return bound > Nanoseconds{} ? static_cast<double>((took - bound).count()) / static_cast<double>(bound.count()) : 0;
}

std::string_view name_of(Cause cause) noexcept {
  switch (cause) {
    case Cause::work: return "work";
    case Cause::longest: return "longest test";
    case Cause::order: return "order";
    case Cause::lock: return "lock";
    case Cause::serial: return "serial tests";
  }
  return "work";
}

std::string bound_text(const Efficiency& efficiency) {
  switch (efficiency.cause) {
    case Cause::work: return "the work, dealt to " + std::to_string(efficiency.lanes) + " shards";
    case Cause::longest: return one_line(efficiency.bound_by);
    case Cause::order: return "tests that wait for each other";
    case Cause::lock: return "lock:" + one_line(efficiency.bound_by);
    case Cause::serial: return "serial tests";
  }
  return "";
}

Stage whole_run(const RunReport& report) { return {std::max(1U, report.shard_count), report.start, report.wall, 0}; }

Stage stage_of(const std::vector<Journal>& journals) {
  std::vector<std::pair<UnixTime, int>> changes;  // A lane more or less from then on.
  bool strange = false;
  for (const Journal& journal : journals) {
    std::optional<UnixTime> open;
    const auto look = [&](const Record& record) {
      if (const auto* begin = std::get_if<ExecutionBegin>(&record)) {
        strange = strange || open;
        open = begin->when;
      } else if (const auto* end = std::get_if<ExecutionEnd>(&record); end != nullptr && open) {
        if (end->when > *open) {
          changes.emplace_back(*open, 1);
          changes.emplace_back(end->when, -1);
        }
        open.reset();
      }
    };
    for_each_record(journal, look, Attempts::passed_over);
    strange = strange || open || !journal.unreadable.empty();
  }
  if (strange) return {0, {}, {}, 0};
  std::sort(changes.begin(), changes.end());
  Stage stage{0, changes.empty() ? UnixTime{} : changes.front().first, {}, 0};
  std::uint32_t lanes = 0;
  UnixTime since{};
  for (const auto& [when, change] : changes) {
    if (lanes > 0) stage.took += when - since;
    since = when;
    lanes += static_cast<std::uint32_t>(change);
    stage.lanes = std::max(stage.lanes, lanes);
  }
  return stage;
}

bool took_its_course(const RunReport& report) {
  const auto upsets = [](const Attempt& attempt) {
    return attempt.outcome == plan::Outcome::crashed || attempt.outcome == plan::Outcome::timed_out ||
           attempt.rung != plan::Rung::first || attempt.attempt > 1;
  };
  return report.interrupted_by.empty() && std::none_of(report.rows.begin(), report.rows.end(), [&](const TestRow& row) {
           return std::any_of(row.attempts.begin(), row.attempts.end(), upsets);
         });
}

Efficiency efficiency_of(const RunReport& report, const plan::Plan& plan,
                         const std::vector<plan::Constraints>& constraints, const Stage& stage, Nanoseconds predicted) {
  return Measure(report, plan, constraints, stage).run(predicted);
}

}  // namespace cleave::report
