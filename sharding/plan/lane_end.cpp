// What the end of a worker means: for the test that ran, for those behind it, and for the run.
#include <algorithm>

#include "plan/lane.hpp"

namespace cleave::plan {
namespace {

/// So many workers in a row may die before their first test; then the lane gives up, since the next would die as well.
constexpr std::uint32_t kDeathsInARow = 3;

constexpr const char* kFrameworkStopped =
    "the framework ended its run after a failure (fail-fast, abort, or an environment that failed)";

constexpr const char* kWithoutWords =
    ", as it does when a test has closed descriptors that it did not open: whether it passed is not known";

constexpr const char* kUnheard = "the worker's events are damaged: whether it ran is not known";

std::string how_it_ended(const WorkerEnd& end) {
  if (end.signalled) return "killed by " + end.signal_name;
  return "exited with status " + std::to_string(end.code);
}

}  // namespace

std::string Lane::phase_text() const {
  const std::string of = worker_.suite.empty() ? std::string() : " of " + worker_.suite;
  switch (worker_.phase) {
    case detail::Phase::start: return "start of the test program";
    case detail::Phase::environment_set_up: return "set-up of the environments";
    case detail::Phase::suite_set_up: return "SetUpTestSuite" + of;
    case detail::Phase::between_tests: return "code between two tests" + of;
    case detail::Phase::suite_tear_down: return "TearDownTestSuite" + of;
    case detail::Phase::environment_tear_down: return "tear-down of the environments";
    case detail::Phase::finish: return "end of the test program";
  }
  return "unknown phase";
}

std::vector<Command> Lane::on_exit(const WorkerEnd& end, WorkSource& source, Nanoseconds now) {
  std::vector<Command> out;
  learn(now);
  leave_process(now, out);
  const std::string how = worker_.killed.empty() ? how_it_ended(end) : worker_.killed;
  if (worker_.current) {
    Outcome outcome = Outcome::crashed;
    if (worker_.timed_out) outcome = Outcome::timed_out;
    if (!worker_.timed_out && !worker_.damaged && !worker_.killed.empty()) outcome = Outcome::not_run;
    std::string reason = how;
    if (worker_.killed.empty() && !end.signalled) reason = "the process " + how + " while the test ran";
    if (worker_.killed.empty() && !end.signalled && end.code == kLeftWithoutWords) reason += kWithoutWords;
    record_current(outcome, std::move(reason), now, end.offset, source, out);
    // Of a worker that nobody understood any more: it may have gone on, and nothing may run twice.
    if (worker_.damaged) record_rest(Outcome::not_run, kUnheard, out);
    pending_.insert(pending_.begin(), batch_.begin(), batch_.end());
    batch_.clear();
  } else {
    // The framework's own decision, and it speaks for the whole run, as it would in the plain binary.
    const bool gave_up =
        worker_.finished && worker_.failed && (!batch_.empty() || (options_.pulls && !worker_.dismissed));
    if (!batch_.empty()) judge_rest(how, source, end, out);
    if (gave_up) out.push_back(command::StopAll{kFrameworkStopped});
    judge_exit(how, end, out);
  }
  if (deaths_in_a_row_ >= kDeathsInARow) {
    out.push_back(command::StopAll{"no worker of " + options_.shard + " lived long enough to run a test"});
  }
  unlock(out);
  worker_ = Worker{};
  return out;
}

/// The worker ended between tests with part of its batch not started.
void Lane::judge_rest(const std::string& how, WorkSource&, const WorkerEnd& end, std::vector<Command>& out) {
  const auto keep_for_next = [&] {
    pending_.insert(pending_.begin(), batch_.begin(), batch_.end());
    batch_.clear();
  };
  if (!worker_.killed.empty() && !worker_.timed_out) {
    record_rest(Outcome::not_run, worker_.killed, out);
  } else if (worker_.finished && worker_.failed) {
    record_rest(Outcome::not_run, kFrameworkStopped, out);
  } else if (worker_.finished) {
    record_rest(Outcome::not_run, "the framework ended its run without starting it", out);
  } else if (worker_.phase == detail::Phase::suite_set_up) {
    // Every further process would meet the same set-up: its tests share its fate, the others go on.
    std::deque<std::uint32_t> others;
    std::deque<std::uint32_t> doomed;
    for (const std::uint32_t item : batch_) {
      (list_.tests[plan_.items[item].index].suite == worker_.suite ? doomed : others).push_back(item);
    }
    batch_ = std::move(doomed);
    record_rest(worker_.timed_out ? Outcome::timed_out : Outcome::crashed, phase_text() + ": " + how, out);
    worker_.failed = true;
    batch_ = std::move(others);
    keep_for_next();
  } else if (!worker_.ran_a_test) {
    ++deaths_in_a_row_;
    std::string reason = phase_text() + ": " + how;
    if (worker_.phase == detail::Phase::start && !end.signalled && worker_.killed.empty()) {
      reason = "main returned or exited with status " + std::to_string(end.code) + " without running the tests";
    }
    record_rest(Outcome::not_run, reason, out);
    worker_.failed = true;
  } else {
    keep_for_next();
  }
}

/// Whatever ended badly outside of a test is a failure of its own: all tests green and a bad exit is red.
void Lane::judge_exit(const std::string& how, const WorkerEnd& end, std::vector<Command>& out) {
  close_phase(end.offset, out);
  if (!worker_.killed.empty() && !worker_.timed_out) return;
  const bool bad_signal = end.signalled || worker_.timed_out;
  const bool unexplained_status = end.code != 0 && !worker_.failed;
  const bool early = !worker_.finished && worker_.ran_a_test;
  if (!bad_signal && !unexplained_status && !early) return;
  if (!worker_.finished && !worker_.ran_a_test) return;  // Told by the tests that could not run.
  command::Trouble trouble;
  trouble.suite = worker_.phase == detail::Phase::finish ? "" : worker_.suite;
  trouble.title = options_.shard + ": " + phase_text() + ": " + how;
  if (unexplained_status && worker_.finished) {
    trouble.title = options_.shard + ": " + how + " although every test was green";
    trouble.detail =
        "A sanitizer, a leak check, a static destructor or main itself made the process fail after its tests.";
  }
  if (!end.signalled && end.code == kLeftWithoutWords) {
    trouble.detail = "A worker ends so when a test before has closed descriptors that it did not open.";
  }
  trouble.output_begin = worker_.offset;
  trouble.output_end = std::max(end.offset, worker_.offset);
  out.push_back(std::move(trouble));
}

}  // namespace cleave::plan
