#include "run/shard.hpp"

#include <algorithm>
#include <utility>

#include "os/machine.hpp"
#include "plan/sanitizer_report.hpp"
#include "run/arguments.hpp"
#include "run/cpu_share.hpp"
#include "run/policy.hpp"
#include "run/sync_report.hpp"
#include "run/test_limit.hpp"
#include "run/worker.hpp"

namespace cleave::run {
namespace {

namespace command = plan::command;

/// How much captured output a report keeps: of a failure enough to read, of a pass enough to recognise.
constexpr std::uint64_t kHeadOfRed = 32 << 10;
constexpr std::uint64_t kTailOfRed = 96 << 10;
constexpr std::uint64_t kHeadOfGreen = 4 << 10;
constexpr std::uint64_t kTailOfGreen = 12 << 10;
/// How long a batch should take: long against a round trip to the supervisor (tens of µs), short against the run. A
/// framework that needs a process a batch gets longer ones.
constexpr std::chrono::milliseconds kPullBatch{10};
constexpr std::chrono::milliseconds kForkBatch{40};
/// What a worker costs at least, also before any was measured.
constexpr std::chrono::nanoseconds kLeastStart{1'000'000};
/// For how long a worker waits for its next test: a hundred times what a start costs, and no longer than anybody minds
/// what it holds on to.
constexpr std::chrono::milliseconds kPatience{1000};

/// A recorded order says what runs in one process: each of its batches has one of its own.
plan::Isolation isolation_of(const ShardSetup& setup) {
  const Options& options = setup.caller->options;
  if (!setup.context->batch_of.empty()) return plan::Isolation::suite;
  return options.has_isolation ? options.isolation : setup.caller->settings.isolation;
}

/// Of most tests of the plan it has to be known.
std::chrono::nanoseconds expected_test(const plan::Plan& plan) {
  std::chrono::nanoseconds sum{};
  std::int64_t known = 0;
  for (const std::chrono::nanoseconds expected : plan.expected) {
    sum += expected;
    if (expected.count() > 0) ++known;
  }
  return 2 * static_cast<std::size_t>(known) > plan.items.size() ? sum / known : std::chrono::nanoseconds{};
}

plan::LaneOptions lane_options(const ShardSetup& setup) {
  const plan::TestList& list = setup.context->frame.list;
  const Options& options = setup.caller->options;
  plan::LaneOptions lane;
  lane.shard = setup.shard;
  // In a shuffled repetition after the first the workers' order is not the plan's: a process a batch is right for any.
  lane.pulls = list.pulls && !(list.shuffled && list.repeat > 1);
  lane.isolation = isolation_of(setup);
  lane.test_timeout = test_limit(*setup.caller);
  lane.lanes = setup.workers_beside;
  lane.items = setup.context->plan.items_of(*setup.context->plan.part(setup.part));
  lane.batch_time = lane.pulls ? kPullBatch : kForkBatch;
  if (!lane.pulls) {
    lane.batch_cost = std::max(setup.context->costs.process_start, kLeastStart);
    lane.expected_test = expected_test(setup.context->plan);
  }
  // Who may only start now and then keeps nothing that others could use.
  const bool sparing = options.max_load > 0 || policy_of(*setup.caller).stagger.count() > 0;
  lane.patience = sparing ? std::chrono::milliseconds(0) : kPatience;
  lane.one_at_a_time = lane.pulls && board_options(*setup.caller, *setup.context).red_limit > 0;
  lane.retry = retry_policy(*setup.caller, *setup.context);
  lane.retry.same_process = list.reruns && lane.isolation != plan::Isolation::test;
  return lane;
}

}  // namespace

Shard::Shard(ShardSetup setup)
    : setup_(std::move(setup)),
      source_(source_setup()),
      lane_(lane_options(setup_), setup_.context->frame.list, setup_.context->plan),
      look_(stack_reader(*setup_.caller), setup_.context->directory),
      wall_offset_(os::wall_now() - os::monotonic_now()),
      cpus_(cpus_of_worker(*setup_.context, setup_.shard == "serial")),
      idle_since_(os::monotonic_now()) {
  setup_.queue->enter(setup_.lane);
}

Shard::~Shard() { setup_.queue->leave(setup_.lane); }

ShardSource::Setup Shard::source_setup() {
  ShardSource::Setup setup;
  setup.context = setup_.context;
  setup.queue = setup_.queue;
  setup.fixtures = setup_.fixtures;
  const auto& parts = setup_.context->plan.parts;
  for (std::uint32_t i = 0; i < parts.size(); ++i) {
    if (parts[i].name == setup_.part) setup.part = i;
  }
  setup.lane = setup_.lane;
  setup.keeps_room = isolation_of(setup_) == plan::Isolation::suite;
  setup.fixed = setup_.only != nullptr;
  if (setup_.only) setup.only = *setup_.only;
  setup.on_not_run = [this](std::uint32_t item, std::string why) {
    command::Record record;
    record.item = item;
    record.reason = std::move(why);
    do_record(record);
  };
  return setup;
}

bool Shard::done() const { return lane_.done(); }
std::chrono::nanoseconds Shard::waiting_since() const {
  if (lane_.waiting()) return lane_.waiting_since();
  return lane_.idle() && !lane_.done() ? idle_since_ : std::chrono::nanoseconds::max();
}
bool Shard::idle() const { return lane_.idle(); }
std::chrono::nanoseconds Shard::deadline() const {
  return std::min(look_again_, look_.pending() ? look_.deadline() : lane_.deadline());
}

report::LaneState Shard::state() const {
  return {setup_.shard, lane_.running_item(), lane_.running_since(), worker_.child.running() ? worker_.child.pid() : 0};
}

void Shard::start_next() {
  if (lane_.waiting()) return offer();
  while (lane_.idle() && !lane_.done()) {
    const auto now = os::monotonic_now();
    if (!setup_.admission->try_start(now)) return;
    std::vector<plan::Command> commands = lane_.next(source_, now);
    const bool nothing = commands.empty();
    perform(std::move(commands));
    admitted_ = worker_.child.running();
    if (!admitted_) setup_.admission->not_started();
    if (nothing) return;
  }
}

/// A worker that waits takes no room on the machine.
void Shard::offer() {
  const auto now = os::monotonic_now();
  admitted_ = admitted_ || setup_.admission->try_start(now);
  perform(lane_.offer(source_, now, admitted_));
  if (lane_.waiting() && std::exchange(admitted_, false)) setup_.admission->ended();
}

std::vector<int> Shard::poll_fds() const {
  if (!worker_.child.running()) return {};
  std::vector<int> fds = look_.poll_fds(worker_);
  fds.insert(fds.end(), {worker_.events.get(), worker_.child.poll_fd()});
  return fds;
}

void Shard::perform(std::vector<plan::Command> commands) {
  for (plan::Command& each : commands) {
    if (const auto* start = std::get_if<command::Start>(&each)) {
      do_start(*start);
    } else if (const auto* give = std::get_if<command::Give>(&each)) {
      do_give(*give);
    } else if (const auto* again = std::get_if<command::Again>(&each)) {
      // A worker that died meanwhile is noticed by its exit, here and in do_give().
      (void)os::write_all(worker_.commands.get(),
                          encode_answer(again->attempt == 0 ? 0 : attempt_number(again->attempt)));
    } else if (std::holds_alternative<command::Dismiss>(each)) {
      do_give({});
    } else if (const auto* kill = std::get_if<command::Kill>(&each)) {
      do_kill(*kill);
    } else if (std::holds_alternative<command::Unlock>(each)) {
      source_.release();
    } else if (const auto* record = std::get_if<command::Record>(&each)) {
      do_record(*record);
    } else if (const auto* trouble = std::get_if<command::Trouble>(&each)) {
      do_problem(*trouble);
    } else if (const auto* property = std::get_if<command::Property>(&each)) {
      setup_.journal->add(report::PropertyRecord{property->suite, property->key, property->value});
    } else if (const auto* over = std::get_if<command::GiveUp>(&each)) {
      end_item(over->item, plan::Outcome::failed);
    } else if (const auto* cost = std::get_if<command::Cost>(&each)) {
      setup_.journal->add(report::CostRecord{{cost->suite, setup_.shard, os::wall_now(), cost->duration}});
    } else if (const auto* stop = std::get_if<command::StopAll>(&each)) {
      setup_.queue->stop(stop->why);
      setup_.journal->add(report::StopRecord{stop->why});
    }
  }
}

report::UnixTime Shard::wall(plan::Nanoseconds monotonic) const { return monotonic + wall_offset_; }

report::Output Shard::output(std::uint64_t begin, std::uint64_t end, bool red) const {
  report::Output output;
  if (end <= begin || !worker_.output.valid()) return output;
  output.total = end - begin;
  const std::uint64_t head = red ? kHeadOfRed : kHeadOfGreen;
  const std::uint64_t tail = red ? kTailOfRed : kTailOfGreen;
  const bool whole = output.total <= head + tail;
  auto first = os::read_at(worker_.output.get(), begin, static_cast<std::size_t>(whole ? output.total : head));
  if (first) output.head = std::move(*first);
  if (whole) return output;
  auto last = os::read_at(worker_.output.get(), end - tail, static_cast<std::size_t>(tail));
  if (last) output.tail = std::move(*last);
  return output;
}

void Shard::do_record(const command::Record& record) {
  const bool red = !plan::is_green(record.outcome);
  report::AttemptRecord out;
  out.item = record.item;
  out.attempt.outcome = record.outcome;
  out.attempt.repetition = setup_.context->plan.items[record.item].repetition;
  out.attempt.attempt = attempt_number(record.attempt);
  out.attempt.rung = record.rung;
  if (record.outcome != plan::Outcome::not_run) out.attempt.worker = workers_;
  out.attempt.shard = setup_.shard;
  out.attempt.start = record.start.count() == 0 ? os::wall_now() : wall(record.start);
  out.attempt.duration = record.duration;
  out.attempt.reason = record.reason;
  if (record.outcome == plan::Outcome::timed_out && !waited_for_.empty()) out.attempt.reason += "; it " + waited_for_;
  out.attempt.messages = record.messages;
  out.attempt.properties = record.properties;
  out.attempt.output = output(record.output_begin, record.output_end, red);
  ++attempts_;
  if (red) last_words_.add_to(out.attempt);
  sanitizers_.ran(record.item, record.output_begin, record.output_end);
  if (red && record.outcome != plan::Outcome::not_run) {
    const RunContext& context = *setup_.context;
    const std::string files = shard_identity(context, lane_of_shard(context, setup_.shard)).temp_dir;
    if (!os::is_empty_directory(files)) out.attempt.files = files;
  }
  out.attempt.tried_again = !record.last;
  setup_.journal->add(out);
  setup_.listener->on_attempt(out);
  if (!record.last) return;
  end_item(record.item, record.outcome);
  const bool flaky = record.attempt > 1 && !red && !setup_.context->is_quarantined(record.item);
  if (flaky && policy_of(*setup_.caller).flaky == plan::FlakyPolicy::fail) red_ = true;
  const bool ran = record.outcome != plan::Outcome::not_run;
  if (red && ran && catch2_aborts_at_first_failure(setup_.context->frame.list, setup_.caller->program.arguments)) {
    perform({command::StopAll{"stopped at the first failure (--abort)"}});
  }
}

/// The item has its last outcome.
void Shard::end_item(std::uint32_t item, plan::Outcome outcome) {
  const bool green = plan::is_green(outcome);
  const bool borne = setup_.context->is_quarantined(item);
  red_ = red_ || (!green && !borne);
  const bool stopped = !setup_.queue->stopped().empty();
  plan::ItemEnd end = plan::ItemEnd::red;
  if (outcome == plan::Outcome::not_run || borne) end = plan::ItemEnd::not_run;
  if (green) end = plan::ItemEnd::green;
  setup_.queue->finish(item, end);
  // That was one red test too many: what will not run any more is told why.
  if (const std::string why = setup_.queue->stopped(); !stopped && !why.empty()) {
    setup_.journal->add(report::StopRecord{why});
  }
}

/// Unique within the run, also when CTest executes the shard again.
std::uint32_t Shard::attempt_number(std::uint32_t attempt) const {
  return (setup_.execution - 1) * (policy_of(*setup_.caller).retries + 1) + attempt;
}

void Shard::problem(report::Problem problem) {
  problem.shard = setup_.shard;
  problem.when = os::wall_now();
  red_ = red_ || !problem.warning;
  broken_ = broken_ || problem.run_broken;
  setup_.journal->add(report::ProblemRecord{problem});
  setup_.listener->on_problem(problem);
}

void Shard::do_problem(const command::Trouble& trouble) {
  report::Problem out;
  out.title = trouble.title;
  out.suite = trouble.suite;
  out.detail = trouble.detail;
  if (!trouble.warning) last_words_.add_to(out);
  out.messages = trouble.messages;
  out.run_broken = trouble.run_broken;
  out.warning = trouble.warning;
  out.output = output(trouble.output_begin, trouble.output_end, true);
  problem(std::move(out));
}

void Shard::pump(std::chrono::nanoseconds now) {
  if (!worker_.child.running()) return;
  // Looked at before the pipe: when it has ended, everything it ever said is in the pipe.
  const int group = worker_pid_ = worker_.child.pid();
  look_.pump(worker_);
  const auto status = worker_.child.try_wait();
  read_events();
  if (setup_.caller->options.output == "stream") stream();
  if (status) {
    const std::vector<os::Stray> left = os::group_members(group);
    os::kill_strays(left);
    tell_of_strays(left, "worker " + std::to_string(group));
    worker_ended(*status, group);
  } else if (!look_.pending()) {
    perform(lane_.on_tick(now));
  }
  show();
}

/// Whoever looks at the run from outside sees what runs.
void Shard::show() {
  const std::int64_t item = lane_.running_item();
  const plan::Nanoseconds since = lane_.running_since();
  if (item == shown_item_ && (item < 0 || since == shown_since_)) return;
  shown_item_ = item;
  shown_since_ = since;
  setup_.queue->show(setup_.lane, item, wall(since));
}

void Shard::worker_ended(os::ExitStatus status, int pid) {
  read_events();
  plan::WorkerEnd end;
  end.signalled = status.signalled;
  end.code = status.code;
  if (status.signalled) end.signal_name = os::signal_name(status.code);
  end.offset = worker_.output.valid() ? os::end_offset(worker_.output.get()) : 0;
  if (std::exchange(admitted_, false)) setup_.admission->ended();
  std::string stacks = look_.stacks_at(status);
  // The time of the look is not the test's.
  const auto ended = stacks.empty() ? os::monotonic_now() : look_.begun();
  look_.give_up();
  if (status.signalled || status.code != 0) {
    last_words_ = LastWords(std::move(stacks), SanitizerLog::written(pid),
                            sanitizers_.printed(*setup_.context, worker_.output, end.offset));
  }
  perform(lane_.on_exit(end, source_, ended));
  source_.worker_ended();
  last_words_ = {};
  look_again_ = plan::Nanoseconds::max();
  worker_ = WorkerProcess{};
  idle_since_ = os::monotonic_now();
}

void Shard::end_orphans(const std::vector<int>& before) {
  setup_.fixtures->await_orphans();
  // A leader whose keeper was killed since the look above is among them by now, and may still tear down.
  if (!os::strays(before).empty()) setup_.fixtures->await_orphans();
  tell_of_strays(os::end_strays(before), "their tests");
}

/// A leak is a warning: what it held on to is gone with it. The reader of stacks of a sanitizer that ended its process
/// is none: whether it is still there is chance.
void Shard::tell_of_strays(const std::vector<os::Stray>& ended, const std::string& whose) {
  report::Problem out;
  for (const os::Stray& stray : ended) {
    if (plan::is_symbolizer(stray.command)) continue;
    out.detail += "pid " + std::to_string(stray.pid) + " (" + stray.command + ")\n";
  }
  if (out.detail.empty()) return;
  out.title = setup_.shard + ": processes outlived " + whose + " and were ended";
  out.warning = true;
  problem(std::move(out));
}

void Shard::stream() {
  const std::uint64_t end = os::end_offset(worker_.output.get());
  while (streamed_ < end) {
    auto bytes = os::read_at(worker_.output.get(), streamed_,
                             static_cast<std::size_t>(std::min<std::uint64_t>(end - streamed_, 1 << 20)));
    if (!bytes || bytes->empty()) return;
    streamed_ += bytes->size();
    setup_.listener->on_output(setup_.shard, *bytes);
  }
}

void Shard::spare(std::chrono::nanoseconds pause) { lane_.spare(pause); }
void Shard::stop_now(const std::string& why) { perform(lane_.stop_now(why)); }

}  // namespace cleave::run
