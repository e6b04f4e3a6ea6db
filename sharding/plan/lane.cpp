#include "plan/lane.hpp"

#include <algorithm>
#include <cmath>

namespace cleave::plan {
namespace {

/// A batch grows at most by this factor from one to the next: a guess from few short tests is soon corrected.
constexpr std::uint32_t kGrowth = 4;

/// The framework's figure, negative when it has none. GoogleTest cuts it to whole milliseconds, which makes most unit
/// tests cost nothing: where both agree but for that, the events are finer. A test that took longer than from its start
/// to its end was measured by a clock that somebody set (Catch2 takes that of the day).
Nanoseconds duration_of(Nanoseconds by_framework, Nanoseconds by_events) {
  if (by_framework < Nanoseconds(0)) return by_events;
  const bool agrees = by_events - by_framework < std::chrono::milliseconds(1);
  return agrees ? by_events : by_framework;
}

}  // namespace

Nanoseconds chunk_time(std::uint32_t items, Nanoseconds mean, std::uint32_t lanes, Nanoseconds cost) {
  if (cost.count() <= 0 || mean.count() <= 0) return Nanoseconds(0);
  const double p = std::max(2U, lanes);
  const double n = items;
  const double seconds = static_cast<double>(mean.count());
  const double tasks = std::pow(
      std::sqrt(2.0) * n * static_cast<double>(cost.count()) / (seconds * p * std::sqrt(std::log(p))), 2.0 / 3.0);
  return Nanoseconds(static_cast<std::int64_t>(std::min(tasks * seconds, 1e10)));
}

Lane::Lane(LaneOptions options, const TestList& list, const Plan& plan)
    : options_(std::move(options)), list_(list), plan_(plan), retries_(options_.retry) {
  if (options_.expected_test.count() > 0) {
    seconds_per_test_ = std::chrono::duration<double>(options_.expected_test).count();
  }
}

/// Guided self-scheduling (Polychronopoulos and Kuck, 1987: remaining / lanes, here halved because durations vary),
/// capped by the number of tests that fit into batch_time at the speed seen so far. Where a batch needs a process, at
/// least as many as take as long as its start, up to an equal share of all.
std::uint32_t Lane::want(WorkSource& source) const {
  if (options_.isolation == Isolation::test || options_.one_at_a_time) return 1;
  if (options_.isolation == Isolation::suite) return UINT32_MAX;
  const std::uint32_t fair = std::max(1U, source.free_items() / (2 * std::max(1U, options_.lanes)));
  if (seconds_per_test_ < 0) return std::min(fair, 1U);
  const double by_time = std::chrono::duration<double>(budget()).count() / std::max(seconds_per_test_, 1e-8);
  // What former runs showed of all tests is no guess.
  const bool guessed = options_.expected_test.count() == 0;
  const double grown = guessed ? static_cast<double>(std::max(1U, last_want_)) * kGrowth : 1e9;
  const auto usual = std::min(fair, static_cast<std::uint32_t>(std::max(1.0, std::min({by_time, grown, 1e9}))));
  // A process for less than its own start takes would be more work than all that it shares out.
  const double start = std::chrono::duration<double>(options_.batch_cost).count();
  const auto least = static_cast<std::uint32_t>(std::min(start / std::max(seconds_per_test_, 1e-8), grown));
  return std::max(usual, std::min(least, options_.items / std::max(1U, options_.lanes)));
}

/// Only where batches are sized by time at all.
Nanoseconds Lane::budget() const {
  if (options_.isolation != Isolation::shard) return Nanoseconds(0);
  if (options_.batch_cost.count() == 0 || seconds_per_test_ < 0) return options_.batch_time;
  const auto mean = std::chrono::duration_cast<Nanoseconds>(std::chrono::duration<double>(seconds_per_test_));
  return std::max(options_.batch_time, chunk_time(options_.items, mean, options_.lanes, options_.batch_cost));
}

void Lane::learn(Nanoseconds now) {
  if (worker_.batch_size == 0) return;
  const Nanoseconds end = worker_.only && worker_.last_end > worker_.batch_start ? worker_.last_end : now;
  const double seconds = std::chrono::duration<double>(end - worker_.batch_start).count() / worker_.batch_size;
  seconds_per_test_ = seconds_per_test_ < 0 ? seconds : 0.5 * seconds_per_test_ + 0.5 * seconds;
  worker_.batch_size = 0;
}

void Lane::give(std::vector<std::uint32_t> items, Nanoseconds now) {
  worker_.batch_start = now;
  worker_.batch_size = static_cast<std::uint32_t>(items.size());
  last_want_ = worker_.batch_size;
  batch_.assign(items.begin(), items.end());
}

std::vector<Command> Lane::on_event(const Event& event, WorkSource& source, Nanoseconds now) {
  std::vector<Command> out;
  std::visit([&](const auto& e) { on(e, source, now, out); }, event);
  return out;
}

void Lane::on(const event::Asks&, WorkSource& source, Nanoseconds now, std::vector<Command>& out) {
  // What is still held is given back when the commands are performed, after a claim made here: it waits for a new
  // worker.
  const bool held = exclusive_;
  leave_process(now, out);
  worker_.asking = true;
  if (!worker_.ran_a_test && !batch_.empty()) {
    // The first batch, claimed before the start: what it cost to get here is not the tests' time.
    worker_.asking = false;
    worker_.batch_start = now;
    out.push_back(gift({batch_.begin(), batch_.end()}));
    return;
  }
  // It asks although it did not start all that it has: what it passed over will not run there any more.
  if (!batch_.empty()) {
    record_rest(Outcome::not_run, "the framework passed over it", out);
    worker_.failed = true;
  }
  unlock(out);
  learn(now);
  worker_.waiting_since = now;
  if (held || !serve(source, now, out)) dismiss(now, out);
}

std::int64_t Lane::take_index(std::uint32_t index) {
  const auto place =
      std::find_if(batch_.begin(), batch_.end(), [&](std::uint32_t item) { return plan_.items[item].index == index; });
  if (place == batch_.end()) return -1;
  const std::uint32_t item = *place;
  batch_.erase(place);
  return item;
}

void Lane::on(const event::Started& e, WorkSource&, Nanoseconds now, std::vector<Command>& out) {
  measure_phase(e.when, true, out);
  close_phase(e.offset, out);
  const bool again = worker_.again && plan_.items[static_cast<std::uint32_t>(worker_.item)].index == e.index;
  if (!again) leave_process(now, out);
  worker_.again = false;
  const std::int64_t item = again ? worker_.item : take_index(e.index);
  if (item < 0) {
    out.push_back(
        command::Trouble{options_.shard + ": test " + std::to_string(e.index) + " ran without having been asked for",
                         "",
                         "",
                         {},
                         true,
                         e.offset,
                         e.offset});
    return;
  }
  if (worker_.only && !worker_.ran_a_test) worker_.batch_start = e.when;
  worker_.current = true;
  worker_.ran_a_test = true;
  deaths_in_a_row_ = 0;
  worker_.item = item;
  worker_.since = e.when;
  worker_.offset = e.offset;
  worker_.messages.clear();
  worker_.properties.clear();
}

void Lane::on(const event::Said& e, WorkSource&, Nanoseconds, std::vector<Command>&) {
  const auto kind = static_cast<MessageKind>(e.kind);
  // Outside of a test only failures matter: they have no other place to be told.
  if (!worker_.current && (kind == MessageKind::skip || kind == MessageKind::note)) return;
  worker_.messages.push_back(Message{kind, e.file, e.line, e.text});
}

void Lane::on(const event::Recorded& e, WorkSource&, Nanoseconds, std::vector<Command>& out) {
  if (worker_.current && !e.name.empty()) {
    worker_.properties.emplace_back(e.key, e.value);
  } else {
    out.push_back(command::Property{e.suite, e.key, e.value});
  }
}

void Lane::on(const event::Ended& e, WorkSource& source, Nanoseconds now, std::vector<Command>& out) {
  if (!worker_.current) return;
  static_assert(static_cast<int>(Outcome::skipped) == static_cast<int>(detail::Verdict::skipped));
  const auto outcome = static_cast<Outcome>(e.verdict);
  const Nanoseconds measured = duration_of(e.duration, e.when - worker_.since);
  record_current(outcome, "", worker_.since + measured, e.offset, source, out);
  worker_.since = now;
  worker_.last_end = e.when;
  worker_.phase = detail::Phase::between_tests;
  worker_.offset = e.offset;
}

void Lane::on(const event::Entered& e, WorkSource&, Nanoseconds, std::vector<Command>& out) {
  if (worker_.current) return;
  measure_phase(e.when, e.phase == detail::Phase::suite_set_up, out);
  close_phase(e.offset, out);
  worker_.phase = e.phase;
  worker_.suite = e.suite;
  worker_.since = e.when;
  worker_.offset = e.offset;
}

void Lane::on(const event::Finished&, WorkSource&, Nanoseconds now, std::vector<Command>& out) {
  leave_process(now, out);
  close_phase(worker_.offset, out);
  worker_.finished = true;
  worker_.phase = detail::Phase::finish;
  worker_.since = now;
}

void Lane::on(const event::Refused& e, WorkSource&, Nanoseconds now, std::vector<Command>& out) {
  leave_process(now, out);
  out.push_back(command::Trouble{options_.shard + ": the worker's tests are not those of the plan",
                                 "",
                                 e.why,
                                 {},
                                 true,
                                 worker_.offset,
                                 worker_.offset});
  out.push_back(command::StopAll{"the run is broken: " + e.why});
  record_rest(Outcome::not_run, "the run is broken: " + e.why, out);
  worker_.failed = true;
  worker_.finished = true;
}

void Lane::close_phase(std::uint64_t offset, std::vector<Command>& out) {
  if (worker_.current || worker_.messages.empty()) return;
  worker_.failed = true;
  command::Trouble trouble;
  trouble.title = options_.shard + ": " + phase_text() + " failed";
  trouble.suite = worker_.suite;
  trouble.messages = std::move(worker_.messages);
  trouble.output_begin = worker_.offset;
  trouble.output_end = std::max(offset, worker_.offset);
  out.push_back(std::move(trouble));
  worker_.messages.clear();
}

void Lane::record_current(Outcome outcome, std::string reason, Nanoseconds end, std::uint64_t offset,
                          WorkSource& source, std::vector<Command>& out) {
  command::Record record;
  record.item = static_cast<std::uint32_t>(worker_.item);
  record.attempt = retries_.attempt_of(record.item);
  record.rung = retries_.rung_of(record.item);
  record.last = !retries_.wants_again(record.item, outcome) || !source.stopped().empty() || !source.spend_retry();
  if (!record.last) retries_.plan_again(record.item, outcome, end);
  record.outcome = outcome;
  record.start = worker_.since;
  record.duration = std::max(end - worker_.since, Nanoseconds(0));
  record.reason = std::move(reason);
  record.messages = std::move(worker_.messages);
  record.properties = std::move(worker_.properties);
  record.output_begin = worker_.offset;
  record.output_end = std::max(offset, worker_.offset);
  worker_.again = !record.last && retries_.rung_of(record.item) == Rung::same_process;
  // The framework forgets a failure whose test runs again: the process may still end well.
  if (!is_green(outcome) && !worker_.again) worker_.failed = true;
  const bool crashed = outcome == Outcome::crashed || outcome == Outcome::timed_out;
  crashes_in_a_row_ = crashed ? crashes_in_a_row_ + 1 : 0;
  out.push_back(std::move(record));
  worker_.current = false;
  worker_.messages.clear();
  worker_.properties.clear();
  if (!worker_.again) unlock(out);
}

void Lane::record_rest(Outcome outcome, const std::string& reason, std::vector<Command>& out) {
  for (const std::uint32_t item : batch_) {
    command::Record record;
    record.item = item;
    record.attempt = retries_.attempt_of(item);
    record.rung = retries_.rung_of(item);
    record.outcome = outcome;
    record.reason = reason;
    out.push_back(std::move(record));
  }
  batch_.clear();
  unlock(out);
}

void Lane::unlock(std::vector<Command>& out) {
  if (exclusive_) out.push_back(command::Unlock{});
  exclusive_ = false;
}

std::vector<Command> Lane::on_start_failed(const std::string& why) {
  std::vector<Command> out;
  const std::string reason = "no worker could be started: " + why;
  record_rest(Outcome::not_run, reason, out);
  out.push_back(command::Trouble{options_.shard + ": no worker could be started", "", why, {}, true, 0, 0});
  out.push_back(command::StopAll{reason});
  worker_ = Worker{};
  return out;
}

Nanoseconds Lane::deadline() const noexcept {
  const bool waits = worker_.asking && !worker_.dismissed;
  if (!worker_.alive || options_.test_timeout.count() == 0 || !worker_.killed.empty() || waits)
    return Nanoseconds::max();
  return std::max(worker_.since + options_.test_timeout, worker_.spared);
}

void Lane::spare(Nanoseconds pause) {
  if (deadline() != Nanoseconds::max()) worker_.spared = deadline() + pause;
}

std::vector<Command> Lane::on_tick(Nanoseconds now) {
  if (now < deadline()) return {};
  worker_.timed_out = true;
  worker_.killed =
      "killed after " +
      std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(options_.test_timeout).count()) +
      " ms, the limit for one test";
  return {command::Kill{true}};
}

std::vector<Command> Lane::on_damage(const std::string& why) {
  if (worker_.killed.empty()) {
    worker_.killed = why;
    worker_.damaged = true;
  }
  return {command::Kill{}};
}

std::vector<Command> Lane::stop_now(const std::string& why) {
  std::vector<Command> out;
  if (worker_.alive) {
    if (worker_.killed.empty()) worker_.killed = why;
    out.push_back(command::Kill{});
  }
  return out;
}

}  // namespace cleave::plan
