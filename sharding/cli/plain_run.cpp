#include "cli/plain_run.hpp"

#include <algorithm>
#include <set>

#include "plan/retry.hpp"
#include "report/catch2_names.hpp"

namespace cleave::cli {
namespace {

using plan::Outcome;

/// So many processes in a row in which no test came to its end: then the program is broken, and not its tests.
constexpr std::uint32_t kDeathsInARow = 5;

std::string told(const os::ExitStatus& status) {
  return status.signalled ? "killed by " + os::signal_name(status.code)
                          : "exited with status " + std::to_string(status.code);
}

std::string how_it_ended(const BatchEnd& end) { return end.killed.empty() ? told(end.status) : end.killed; }

/// Catch2 3 ends with 4 when all that it ran was skipped.
bool ended_badly(const BatchEnd& end, bool catch2, bool any_failed, bool all_skipped) {
  if (end.status.signalled) return true;
  if (end.status.code == 0 || any_failed) return false;
  constexpr int kAllSkipped = 4;
  return !(catch2 && all_skipped && end.status.code == kAllSkipped);
}

}  // namespace

PlainRun::PlainRun(report::RunReport frame, Framework framework, std::vector<Unit> units, plan::Costs costs,
                   std::uint32_t retries, bool one_at_a_time)
    : report_(std::move(frame)),
      framework_(framework),
      units_(std::move(units)),
      costs_(std::move(costs)),
      retries_allowed_(retries),
      one_at_a_time_(one_at_a_time) {
  report_.rows.resize(report_.list.tests.size());
  for (std::uint32_t i = 0; i < report_.rows.size(); ++i) {
    report_.rows[i].index = i;
    const plan::TestCase& test = report_.list.tests[i];
    spellings_.push_back(framework == Framework::gtest ? test.suite + "." + test.name
                                                       : report::catch2_spelling(test.name));
  }
  alone_in_.resize(report_.rows.size());
  for (std::size_t i = 0; i < units_.size(); ++i) {
    (units_[i].needs.serial ? serial_ : parallel_).push_back(i);
    if (units_[i].tests.size() == 1) alone_in_[units_[i].tests.front()] = i;
  }
  sort_by_cost();
  sort_by_priority();
}

std::vector<std::string> PlainRun::selecting(const Batch& batch) const {
  std::vector<const Unit*> units;
  for (const std::size_t unit : batch.units) units.push_back(&units_[unit]);
  return selecting_arguments(report_.list, framework_, units);
}

/// The test that is told of, of those of the batch by spelling. Of several with one name that of the same place, each
/// once.
std::optional<std::uint32_t> PlainRun::find(const TestsBySpelling& tests, const ToldTest& told,
                                            const std::vector<bool>& taken) const {
  const bool gtest = framework_ == Framework::gtest;
  const auto named = tests.find(gtest ? told.suite + "." + told.name : told.name);
  if (named == tests.end()) return std::nullopt;
  for (const std::uint32_t test : named->second) {
    const plan::TestCase& listed = report_.list.tests[test];
    const bool same_place = gtest || told.file.empty() || listed.file.empty() || told.line == 0 ||
                            (told.file == listed.file && told.line == listed.line);
    if (!taken[test] && same_place) return test;
  }
  return std::nullopt;
}

void PlainRun::add(const Batch& batch, const BatchEnd& end, std::uint32_t test, report::Attempt attempt, News& news) {
  attempt.attempt = batch.attempt;
  attempt.rung = batch.attempt > 1 ? plan::Rung::fresh_process : plan::Rung::first;
  attempt.shard = end.shard;
  if (attempt.start.count() == 0) attempt.start = end.start;
  const bool red = !plan::is_green(attempt.outcome);
  const std::optional<std::size_t> unit = alone_in_[test];
  if (red && attempt.outcome != Outcome::not_run && unit && batch.attempt <= retries_allowed_ && stopped_.empty()) {
    attempt.tried_again = true;
    (batch.serial ? serial_retries_ : retries_).push_back(alone(*unit, batch.attempt + 1));
  }
  if (red && attempt.outcome != Outcome::not_run) news.red.push_back(test);
  report_.rows[test].attempts.push_back(std::move(attempt));
}

News PlainRun::took(const Batch& batch, BatchEnd end) {
  News news;
  std::vector<bool> seen(report_.rows.size(), false);
  TestsBySpelling tests;
  for (const std::size_t unit : batch.units) {
    for (const std::uint32_t test : units_[unit].tests) tests[spellings_[test]].push_back(test);
  }
  std::set<std::string> uncalled;
  report::UnixTime start = end.start;
  bool any_ended = false;
  for (ToldTest& each : end.story.tests) {
    const auto test = find(tests, each, seen);
    if (!test) {
      if (each.ended) uncalled.insert(each.suite.empty() ? each.name : each.suite + "." + each.name);
      continue;
    }
    seen[*test] = true;
    each.attempt.start = start;
    start += each.attempt.duration;
    any_ended = any_ended || each.ended;
    if (!each.ended) {
      each.attempt.outcome = end.timed_out        ? Outcome::timed_out
                             : end.killed.empty() ? Outcome::crashed
                                                  : Outcome::not_run;
      each.attempt.reason = how_it_ended(end);
      if (end.killed.empty() && !end.status.signalled)
        each.attempt.reason = "the process " + each.attempt.reason + " while the test ran";
      if (each.attempt.duration.count() == 0)
        each.attempt.duration = std::max(report::Nanoseconds(0), end.start + end.wall - each.attempt.start);
      if (each.attempt.output.total == 0)
        each.attempt.output = framework_ == Framework::gtest ? report::Output{} : end.output;
    }
    add(batch, end, *test, std::move(each.attempt), news);
  }
  if (!uncalled.empty())
    trouble(end,
            std::to_string(uncalled.size()) + " tests ran without having been asked for, for example " +
                *uncalled.begin() +
                ": what the arguments behind -- select adds to what each process is given; use --filter",
            true, news);
  for (report::Problem& problem : end.story.problems) {
    problem.shard = end.shard;
    problem.when = end.start;
    problem.title = own_title(end.shard, problem.title);
    report_.problems.push_back(std::move(problem));
    ++news.problems;
  }
  deaths_in_a_row_ = any_ended || end.story.complete ? 0 : deaths_in_a_row_ + 1;
  if (end.story.complete) {
    ended(batch, end, seen, news);
  } else {
    died(batch, end, seen, news);
  }
  try_groups_again(batch);
  return news;
}

/// Of tests that no filter can tell apart, all are tried again when one is red: the last attempt of each counts.
void PlainRun::try_groups_again(const Batch& batch) {
  if (batch.attempt > retries_allowed_ || !stopped_.empty()) return;
  for (const std::size_t unit : batch.units) {
    const std::vector<std::uint32_t>& tests = units_[unit].tests;
    const auto newest = [&](std::uint32_t test) -> const report::Attempt& {
      return report_.rows[test].attempts.back();
    };
    const bool ran = std::ranges::all_of(tests, [&](std::uint32_t test) {
      return !report_.rows[test].attempts.empty() && newest(test).attempt == batch.attempt;
    });
    const auto is_red = [&](std::uint32_t test) {
      return !plan::is_green(newest(test).outcome) && newest(test).outcome != Outcome::not_run;
    };
    if (tests.size() < 2 || !ran || std::ranges::none_of(tests, is_red)) continue;
    for (const std::uint32_t test : tests) report_.rows[test].attempts.back().tried_again = true;
    (batch.serial ? serial_retries_ : retries_).push_back(alone(unit, batch.attempt + 1));
  }
}

void PlainRun::ended(const Batch& batch, const BatchEnd& end, const std::vector<bool>& told, News& news) {
  bool any_failed = !end.story.problems.empty();
  bool all_skipped = true;
  for (const std::size_t unit : batch.units) {
    for (const std::uint32_t test : units_[unit].tests) {
      if (!told[test]) {
        leave(test, "it was asked for, but the program ended without running it", end.shard);
        continue;
      }
      const Outcome outcome = report_.rows[test].attempts.back().outcome;
      any_failed = any_failed || !plan::is_green(outcome);
      all_skipped = all_skipped && outcome == Outcome::skipped;
    }
  }
  if (ended_badly(end, framework_ != Framework::gtest, any_failed, all_skipped))
    trouble(end, how_it_ended(end) + (any_failed ? " behind its last test" : " although every test was green"), false,
            news);
}

void PlainRun::died(const Batch& batch, const BatchEnd& end, const std::vector<bool>& told, News& news) {
  bool blamed = !end.story.tests.empty() && !end.story.tests.back().ended;
  const bool none_told = end.story.tests.empty();
  std::deque<std::size_t> rest;
  for (const std::size_t unit : batch.units) {
    const std::vector<std::uint32_t>& tests = units_[unit].tests;
    const auto ran = std::ranges::count_if(tests, [&](std::uint32_t test) { return told[test]; });
    if (ran == static_cast<std::ptrdiff_t>(tests.size())) continue;
    if (ran == 0 && (blamed || !none_told) && batch.attempt == 1) {
      rest.push_back(unit);
      continue;
    }
    for (const std::uint32_t test : tests) {
      if (told[test]) continue;
      if (ran > 0) {
        leave(test, "its process died before, and no filter selects it alone: link Cleave to the program", end.shard);
        continue;
      }
      report::Attempt attempt;
      attempt.outcome = end.timed_out ? Outcome::timed_out : end.killed.empty() ? Outcome::crashed : Outcome::not_run;
      attempt.reason = "before the test began, the process was " + how_it_ended(end);
      if (!end.status.signalled && end.killed.empty())
        attempt.reason = "before the test began, the process " + how_it_ended(end);
      attempt.output = end.output;
      attempt.duration = end.wall;
      add(batch, end, test, std::move(attempt), news);
    }
    blamed = true;
  }
  // Nobody was running: what stands between tests failed.
  if (!none_told && end.story.tests.back().ended && (end.killed.empty() || end.timed_out))
    trouble(end, how_it_ended(end) + " between two tests or behind the last one", false, news);
  auto& waiting = batch.serial ? serial_ : parallel_;
  waiting.insert(waiting.begin(), rest.begin(), rest.end());
  if (!end.killed.empty() && !end.timed_out) stop(end.killed);
  if (deaths_in_a_row_ >= kDeathsInARow)
    stop("no test came to its end in " + std::to_string(kDeathsInARow) + " processes in a row");
}

News PlainRun::could_not_start(const Batch& batch, const std::string& why) {
  News news;
  for (const std::size_t unit : batch.units) {
    for (const std::uint32_t test : units_[unit].tests) leave(test, "its process could not be started: " + why, "");
  }
  BatchEnd end;
  trouble(end, "a process could not be started: " + why, true, news);
  stop("no process could be started: " + why);
  return news;
}

void PlainRun::leave(std::uint32_t test, const std::string& why, const std::string& shard) {
  report::Attempt attempt;
  attempt.reason = why;
  attempt.shard = shard;
  attempt.attempt = static_cast<std::uint32_t>(report_.rows[test].attempts.size()) + 1;
  report_.rows[test].attempts.push_back(std::move(attempt));
}

/// Titles are unique within a run.
std::string PlainRun::own_title(const std::string& shard, const std::string& what) const {
  const std::string title = shard + (shard.empty() ? "" : ": ") + what;
  std::string own = title;
  const auto taken = [&](const report::Problem& one) { return one.title == own; };
  for (std::size_t i = 2; std::ranges::any_of(report_.problems, taken); ++i)
    own = title + " (" + std::to_string(i) + ")";
  return own;
}

void PlainRun::trouble(const BatchEnd& end, const std::string& title, bool broken, News& news) {
  report::Problem problem;
  problem.title = own_title(end.shard, title);
  problem.shard = end.shard;
  problem.when = end.start;
  problem.output = end.output;
  problem.run_broken = broken;
  report_.problems.push_back(std::move(problem));
  ++news.problems;
}

void PlainRun::stop(const std::string& why) {
  if (stopped_.empty()) stopped_ = why;
  for (const auto* waiting : {&parallel_, &serial_}) {
    for (const std::size_t unit : *waiting) {
      for (const std::uint32_t test : units_[unit].tests) leave(test, stopped_, "");
    }
  }
  for (const auto* again : {&retries_, &serial_retries_}) {
    for (const Batch& batch : *again) {
      for (const std::uint32_t test : units_[batch.units.front()].tests)
        report_.rows[test].attempts.back().tried_again = false;
    }
  }
  parallel_.clear();
  serial_.clear();
  retries_.clear();
  serial_retries_.clear();
}

StatusBoard PlainRun::board() const {
  StatusBoard board;
  for (const Unit& unit : units_) board.total += static_cast<std::uint32_t>(unit.tests.size());
  board.stopped = stopped_;
  for (const report::TestRow& row : report_.rows) {
    if (row.attempts.empty() || row.attempts.back().tried_again) continue;
    ++board.done;
    if (!plan::is_green(row.attempts.back().outcome))
      board.red.push_back(plan::full_name(report_.list.tests[row.index], report_.list.framework));
  }
  return board;
}

std::uint32_t PlainRun::red() const {
  std::uint32_t count = 0;
  for (const report::TestRow& row : report_.rows) {
    if (row.attempts.empty() || row.attempts.back().tried_again) continue;
    const Outcome outcome = row.attempts.back().outcome;
    count += !plan::is_green(outcome) && outcome != Outcome::not_run ? 1U : 0U;
  }
  return count;
}

report::RunReport& PlainRun::finish(report::Nanoseconds wall, const std::string& interrupted_by) {
  report_.wall = wall;
  report_.interrupted_by = interrupted_by;
  for (report::TestRow& row : report_.rows) {
    if (row.attempts.empty()) continue;
    row.outcome = row.attempts.back().outcome;
    const bool green = plan::is_green(row.outcome);
    row.flaky = green && std::ranges::any_of(row.attempts, [](const report::Attempt& attempt) {
                  return !plan::is_green(attempt.outcome);
                });
    if (row.flaky) row.cause = plan::cause_of(row.attempts.back().rung, false);
  }
  return report_;
}

}  // namespace cleave::cli
