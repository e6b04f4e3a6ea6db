// What a shard does to its worker: starts it, gives it work, ends it.
#include <algorithm>
#include <climits>
#include <numeric>

#include "os/machine.hpp"
#include "run/arguments.hpp"
#include "run/policy.hpp"
#include "run/shard.hpp"
#include "run/sync_report.hpp"
#include "run/worker.hpp"

namespace cleave::run {

namespace command = plan::command;

namespace {

/// The indices of all that a worker can be given, if they are known and stand there before main; else none.
std::vector<std::uint32_t> all_it_can_get(const RunContext& context, const command::Start& wish) {
  const plan::Plan& plan = context.plan;
  std::vector<std::uint32_t> items = wish.items;
  if (!(wish.only || wish.one_suite) || context.frame.list.shuffled) return {};
  if (!wish.only) {
    // As the plan has it: in a recorded order, a suite is what shared a process.
    const std::uint32_t first = plan.group_of(items.front());
    const auto in_suite = [&](std::uint32_t group) { return plan.groups[group].suite == plan.groups[first].suite; };
    if (!std::all_of(items.begin(), items.end(), [&](std::uint32_t item) { return in_suite(plan.group_of(item)); })) {
      return {};
    }
    std::uint32_t begin = first;
    std::uint32_t end = first + 1;
    while (begin > 0 && in_suite(begin - 1)) --begin;
    while (end < plan.groups.size() && in_suite(end)) ++end;
    items.resize(plan.groups[end - 1].end - plan.groups[begin].begin);
    std::iota(items.begin(), items.end(), plan.groups[begin].begin);
  }
  std::vector<std::uint32_t> indices;
  for (const std::uint32_t item : items) indices.push_back(plan.items[item].index);
  const auto moves = [&](std::uint32_t index) { return index >= context.frame.list.before_main; };
  if (std::any_of(indices.begin(), indices.end(), moves)) indices.clear();
  return indices;
}

}  // namespace

void Shard::do_start(const command::Start& wish) {
  const RunContext& context = *setup_.context;
  const std::uint32_t repetition = context.plan.items[wish.items.front()].repetition;
  WorkerStart start;
  start.list = &context.frame.list;
  start.output_is_shown = setup_.caller->options.output == "stream";
  start.capture_directory = context.directory;
  start.only_tests = all_it_can_get(context, wish);
  if (wish.only) start.answers = encode_batch(batch_of({wish.items})) + encode_batch({});
  if (start.answers.size() > PIPE_BUF) start.answers.clear();
  start.marks = setup_.queue->marks_of(setup_.lane);
  start.tells_of_crashes = look_.wanted();
  start.seed = seed_of_repetition(context.frame.list, repetition);
  auto variables = shard_environment(*setup_.caller, context, lane_of_shard(context, setup_.shard),
                                     attempt_number(wish.attempt), cpus_);
  Result<WorkerProcess> worker = Error{};
  if (variables) {
    start.environment = std::move(*variables);
    if (const std::string& slots = setup_.admission->slots_path(); !slots.empty()) {
      start.environment.emplace_back("CLEAVE_JOB_SLOTS", slots);
    }
    if (os::environment("GTEST_RANDOM_SEED") && start.seed != 0) {
      start.environment.emplace_back("GTEST_RANDOM_SEED", std::to_string(start.seed));
    }
    Program program = setup_.caller->program;
    program.arguments =
        worker_arguments(context.frame.list, program.arguments, context.directory, setup_.shard, start.seed);
    worker = start_worker(program, start);
  } else {
    worker = variables.error();
  }
  if (!worker) {
    perform(lane_.on_start_failed(worker.error().what));
    return;
  }
  worker_ = std::move(*worker);
  ++workers_;
  look_.at_another();
  sanitizers_.at_another();
  waited_for_.clear();
  buffer_.clear();
  answered_ = !start.answers.empty();
  look_again_ = answered_ ? os::monotonic_now() + kLookPause : plan::Nanoseconds::max();
  streamed_ = 0;
}

void Shard::do_kill(const command::Kill& kill) {
  // Looked at while it still waits.
  waited_for_ = waits_of(setup_.context->shared + "/sync", worker_.child.pid());
  if (kill.after_a_look) return look_.then_kill(worker_);
  look_.give_up();
  worker_.child.kill_group();
}

void Shard::do_give(const command::Give& gift) {
  if (!answered_) (void)os::write_all(worker_.commands.get(), encode_batch(batch_of(gift)));
}

std::vector<BatchItem> Shard::batch_of(const command::Give& gift) const {
  const RunContext& context = *setup_.context;
  std::vector<BatchItem> batch;
  batch.reserve(gift.items.size());
  for (const std::uint32_t item : gift.items) {
    const std::uint32_t index = context.plan.items[item].index;
    const plan::TestCase& test = context.frame.list.tests[index];
    const std::uint64_t identity = plan::identity_of(test.suite, test.name, test.file, test.line);
    batch.push_back({{index, gift.may_run_again ? 1U : 0U, identity}, item});
  }
  return batch;
}

}  // namespace cleave::run
