#include "report/merge.hpp"

#include <algorithm>
#include <set>

namespace cleave::report {
namespace {

using plan::Outcome;

/// One execution of an entry, as far as it matters for what is missing.
struct Execution {
  ExecutionBegin begin;
  bool ended = false;
};

class Merger {
 public:
  explicit Merger(MergeInput input) : input_(std::move(input)), report_(std::move(input_.frame)) {}

  RunReport run() {
    const plan::Plan& plan = *input_.plan;
    report_.rows.resize(report_.list.tests.size());
    for (std::uint32_t i = 0; i < report_.rows.size(); ++i) {
      report_.rows[i].index = i;
      if (i < input_.quarantine.size()) report_.rows[i].quarantine = input_.quarantine[i];
    }
    told_.resize(plan.items.size(), false);
    for (Journal& journal : input_.journals) read(journal);
    for (const LostStart& lost : input_.lost_starts) parts_.insert(part_of(lost.shard));
    if (stopped_.empty() && !report_.interrupted_by.empty()) stopped_ = "interrupted by " + report_.interrupted_by;
    for (const plan::Part& part : plan.parts) fill_in(part);
    for (TestRow& row : report_.rows) judge(row);
    report_lost_shards();
    report_lost_starts();
    return std::move(report_);
  }

 private:
  /// Takes the records out of the journal: two copies of 100,000 attempts are more than the rest of a report.
  void read(Journal& journal) {
    if (!journal.unreadable.empty()) {
      broken("journal " + journal.file + " cannot be read", journal.unreadable);
      return;
    }
    const auto take_apart = [this](Record& record) { std::visit([this](auto& r) { take(std::move(r)); }, record); };
    for (Record& record : journal.records) take_apart(record);
    if (auto read = visit_journal(journal.bytes, take_apart); !read) {
      broken("journal " + journal.file + " cannot be read", read.error().what);
    }
    std::string().swap(journal.bytes);
    std::vector<Record>().swap(journal.records);
  }
  void take(const ExecutionBegin& r) {
    executions_.push_back(Execution{r});
    parts_.insert(r.part);
  }
  void take(AttemptRecord&& r) { place(std::move(r)); }
  void take(const ProblemRecord& r) { report_.problems.push_back(r.problem); }
  void take(const PropertyRecord& r) {
    if (r.suite.empty()) {
      set(report_.run_properties, r.key, r.value);
      return;
    }
    auto& all = report_.suite_properties;
    auto suite = std::find_if(all.begin(), all.end(), [&](const auto& entry) { return entry.first == r.suite; });
    if (suite == all.end()) suite = all.insert(all.end(), {r.suite, {}});
    set(suite->second, r.key, r.value);
  }
  void take(const CostRecord& r) { report_.costs.push_back(r.cost); }
  void take(const StopRecord& r) {
    if (stopped_.empty()) stopped_ = r.why;
  }
  void take(const ExecutionEnd& r) {
    if (!executions_.empty()) executions_.back().ended = true;
    if (report_.interrupted_by.empty()) report_.interrupted_by = r.interrupted_by;
    report_.wall = std::max(report_.wall, r.when - report_.start);
  }

  static std::string part_of(const std::string& shard) { return shard.starts_with("shard-") ? "parallel" : shard; }

  /// The framework keeps the last value of a key; so does the report.
  static void set(Properties& properties, const std::string& key, const std::string& value) {
    for (auto& [have, old] : properties) {
      if (have == key) {
        old = value;
        return;
      }
    }
    properties.emplace_back(key, value);
  }

  void place(AttemptRecord record) {
    const plan::Plan& plan = *input_.plan;
    if (record.item >= plan.items.size()) {
      broken("a journal names item " + std::to_string(record.item) + " of " + std::to_string(plan.items.size()), "");
      return;
    }
    const plan::Item item = plan.items[record.item];
    record.attempt.repetition = item.repetition;
    told_[record.item] = true;
    auto& attempts = report_.rows[item.index].attempts;
    const auto key = [](const Attempt& a) { return std::pair(a.repetition, a.attempt); };
    const auto at = std::lower_bound(attempts.begin(), attempts.end(), record.attempt,
                                     [&](const Attempt& a, const Attempt& b) { return key(a) < key(b); });
    if (at != attempts.end() && key(*at) == key(record.attempt)) {
      broken(name(item) + " has two outcomes of one attempt", at->shard + " says " + std::string(name_of(at->outcome)) +
                                                                  ", " + record.attempt.shard + " says " +
                                                                  std::string(name_of(record.attempt.outcome)));
      if (!is_green(record.attempt.outcome)) *at = std::move(record.attempt);
      return;
    }
    attempts.insert(at, std::move(record.attempt));
  }

  void fill_in(const plan::Part& part) {
    const plan::Plan& plan = *input_.plan;
    const std::uint32_t count = plan.items_of(part);
    if (count == 0) return;
    const std::uint32_t first = plan.groups[part.begin].begin;
    const bool worked_on = parts_.count(part.name) != 0;
    if (!worked_on && !input_.all_parts_required) {
      for (std::uint32_t item = first; item < first + count; ++item) {
        report_.list.tests[plan.items[item].index].selected = false;
      }
      report_.notes.push_back(std::to_string(count) + (count == 1 ? " test" : " tests") + " of the part '" + part.name +
                              "' were not selected: no entry for them was started");
      return;
    }
    std::uint32_t missing = 0;
    for (std::uint32_t item = first; item < first + count; ++item) {
      if (told_[item]) continue;
      const Attempt attempt = missing_attempt(item, part.name, worked_on, missing);
      report_.rows[plan.items[item].index].attempts.push_back(attempt);
    }
    if (missing > 0) {
      broken(std::to_string(missing) + (missing == 1 ? " test of the part '" : " tests of the part '") + part.name +
                 "' never got an outcome",
             "No shard ran or claimed them although the part was worked on.");
    }
  }

  Attempt missing_attempt(std::uint32_t item, const std::string& part, bool worked_on, std::uint32_t& missing) const {
    Attempt attempt;
    attempt.repetition = input_.plan->items[item].repetition;
    if (!worked_on) {
      attempt.reason = "no entry for the part '" + part + "' was started";
      return attempt;
    }
    if (const Execution* holder = holder_of(item)) {
      attempt.shard = holder->begin.shard;
      attempt.start = holder->begin.when;
      if (!holder->ended) {
        lost_with(*holder, item, attempt);
        return attempt;
      }
      attempt.reason =
          !stopped_.empty() ? stopped_ : "claimed by " + holder->begin.shard + ", which ended without running it";
      return attempt;
    }
    attempt.reason = !stopped_.empty() ? stopped_ : "no shard was left to run it";
    const plan::Plan& plan = *input_.plan;
    const auto& waits_for = plan.gates[plan.groups[plan.group_of(item)].gate].waits_for;
    if (stopped_.empty() && !waits_for.empty()) {
      attempt.reason = "it comes after " + plan.barriers[waits_for.back()].name + ", which was not reached";
      return attempt;
    }
    const bool lost = !input_.lost_starts.empty() ||
                      std::any_of(executions_.begin(), executions_.end(), [](const Execution& e) { return !e.ended; });
    if (stopped_.empty() && !lost && report_.interrupted_by.empty()) ++missing;
    return attempt;
  }

  /// The shard that held the item was killed. Its worker may go on for a moment: it marks what it begins where this
  /// outlives both.
  void lost_with(const Execution& holder, std::uint32_t item, Attempt& attempt) const {
    const QueueSnapshot& queue = input_.queues.at(holder.begin.queue);
    const std::uint32_t lane = holder.begin.lane;
    const bool in_flight = lane < queue.running.size() && queue.running[lane] == item + 1;
    const bool begun = item < queue.begun.size() && queue.begun[item] != 0;
    attempt.outcome = in_flight || begun ? Outcome::crashed : Outcome::not_run;
    attempt.reason = holder.begin.shard + (in_flight ? " was killed while it ran this test"
                                           : begun   ? " was killed: the test began, and nobody heard of its end"
                                                     : " was killed before it ran this test");
  }

  /// One that was killed before one that ended, which worked on the same lane after it and told of all that it had.
  const Execution* holder_of(std::uint32_t item) const {
    const Execution* found = nullptr;
    for (const Execution& execution : executions_) {
      const auto queue = input_.queues.find(execution.begin.queue);
      if (queue == input_.queues.end() || item >= queue->second.holders.size()) continue;
      if (queue->second.holders[item] != execution.begin.lane + 1) continue;
      if (found == nullptr || !execution.ended) found = &execution;
    }
    return found;
  }

  /// A shard that CTest executed again afterwards (--repeat after-timeout) is lost no more: then it is a warning.
  void report_lost_shards() {
    for (std::size_t i = 0; i < executions_.size(); ++i) {
      const ExecutionBegin& begin = executions_[i].begin;
      if (executions_[i].ended) {
        continue;
      }
      const bool again = std::any_of(executions_.begin(), executions_.end(), [&](const Execution& other) {
        return other.begin.shard == begin.shard && other.begin.execution > begin.execution;
      });
      Problem problem;
      problem.title = begin.shard + " (pid " + std::to_string(begin.pid) + ") was killed before it could finish";
      problem.detail = again ? "It was executed again for what it had not finished."
                             : "Its journal has no end. Tests that it was to run are reported as crashed or not run.";
      problem.shard = begin.shard;
      problem.when = begin.when;
      problem.warning = again;
      problem.run_broken = !again;
      report_.problems.push_back(std::move(problem));
    }
  }

  /// Those whose death only CTest saw.
  void report_lost_starts() {
    for (const LostStart& lost : input_.lost_starts) {
      broken(lost.shard + " (pid " + std::to_string(lost.pid) + ") ended before it began its work",
             "It was killed, or its own output says why. Tests that no other entry could run are reported as not run.");
      report_.problems.back().shard = lost.shard;
    }
  }

  void judge(TestRow& row) {
    plan::TestCase& test = report_.list.tests[row.index];
    if (row.attempts.empty() && test.disabled) {
      Attempt attempt;
      attempt.outcome = Outcome::disabled;
      row.attempts.push_back(attempt);
    }
    if (row.attempts.empty() && row.index < input_.cached.size() && input_.cached[row.index]) {
      Attempt attempt;
      attempt.outcome = Outcome::passed;
      attempt.cached = true;
      attempt.start = report_.start;
      row.attempts.push_back(attempt);
    }
    if (row.attempts.empty()) return;
    row.outcome = Outcome::passed;
    bool first = true;
    bool flaked = false;           // Of the repetition at hand, an attempt before its last one was red,
    bool in_same_process = false;  // and one of them ran in the process of the first.
    for (std::size_t i = 0; i < row.attempts.size(); ++i) {
      const bool last_of_repetition =
          i + 1 == row.attempts.size() || row.attempts[i + 1].repetition != row.attempts[i].repetition;
      if (!last_of_repetition) {
        const Outcome before = row.attempts[i].outcome;
        flaked = flaked || (!is_green(before) && before != Outcome::not_run);
        in_same_process = in_same_process || row.attempts[i].rung == plan::Rung::same_process;
        continue;
      }
      const Outcome outcome = row.attempts[i].outcome;
      if (first || (is_green(row.outcome) && !is_green(outcome))) row.outcome = outcome;
      first = false;
      if (flaked) row.cause = plan::cause_of(row.attempts[i].rung, in_same_process);
      row.flaky = row.flaky || flaked;
      flaked = in_same_process = false;
    }
    row.flaky = row.flaky && is_green(row.outcome);
    if (!row.flaky) row.cause.clear();
  }

  std::string name(const plan::Item& item) const {
    return plan::full_name(report_.list.tests[item.index], report_.list.framework);
  }

  void broken(std::string title, std::string detail) {
    Problem problem;
    problem.title = std::move(title);
    problem.detail = std::move(detail);
    problem.run_broken = true;
    report_.problems.push_back(std::move(problem));
  }

  MergeInput input_;
  RunReport report_;
  std::vector<Execution> executions_;
  std::set<std::string> parts_;
  std::vector<bool> told_;
  std::string stopped_;
};

}  // namespace

void for_each_record(const Journal& journal, const std::function<void(const Record&)>& look, Attempts attempts) {
  for (const Record& record : journal.records) look(record);
  // What cannot be read is told by merge().
  static_cast<void>(visit_journal(
      journal.bytes, [&](const Record& record) { look(record); }, attempts));
}

RunReport merge(MergeInput input) { return Merger(std::move(input)).run(); }

bool any_entry_ended_red(const std::vector<Journal>& journals) {
  for (const Journal& journal : journals) {
    bool red = !journal.unreadable.empty();
    const auto look = [&](const Record& record) {
      if (std::holds_alternative<ExecutionBegin>(record)) red = true;
      if (const auto* end = std::get_if<ExecutionEnd>(&record)) red = end->exit_code != 0;
    };
    for_each_record(journal, look, Attempts::passed_over);
    if (red) return true;
  }
  return false;
}

}  // namespace cleave::report
