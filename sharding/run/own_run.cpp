#include "run/own_run.hpp"

#include "os/file.hpp"
#include "os/machine.hpp"
#include "os/process.hpp"
#include "report/console.hpp"
#include "report/listing.hpp"
#include "run/console_listener.hpp"
#include "run/failure.hpp"
#include "run/finish.hpp"
#include "run/journal.hpp"
#include "run/keeper.hpp"
#include "run/run_store.hpp"
#include "run/shard.hpp"
#include "run/shard_fixtures.hpp"

namespace cleave::run {
namespace {

/// A shard with the journal that it writes.
struct Writing {
  JournalWriter journal;
  report::ExecutionBegin begin;
};

Result<std::unique_ptr<Writing>> open_journal(const RunContext& context, const std::string& shard,
                                              const std::string& part, std::uint32_t lane) {
  auto journal = JournalWriter::open(context.file(shard + ".journal"));
  if (!journal) return journal.error();
  auto writing = std::make_unique<Writing>();
  writing->journal = std::move(*journal);
  writing->begin.run_id = context.frame.run_id;
  writing->begin.shard = shard;
  writing->begin.part = part;
  writing->begin.lane = lane;
  writing->begin.pid = os::current_pid();
  writing->begin.when = os::wall_now();
  writing->journal.add(writing->begin);
  return writing;
}

/// Runs one part of the plan over some lanes. Returns the signal that ended it, or an empty string.
Result<std::string> run_part(const Caller& caller, const RunContext& context, Queue& queue, const std::string& part,
                             std::uint32_t first_lane, std::uint32_t lanes, Listener& listener,
                             os::SignalWatch& signals) {
  std::vector<std::unique_ptr<Writing>> journals;
  std::vector<std::unique_ptr<ShardFixtures>> fixtures;
  std::vector<std::unique_ptr<Shard>> shards;
  for (std::uint32_t i = 0; i < lanes; ++i) {
    const std::string name = part == "serial" ? "serial" : "shard-" + std::to_string(i);
    auto writing = open_journal(context, name, part, first_lane + i);
    if (!writing) return writing.error();
    journals.push_back(std::move(*writing));
    ShardSetup setup;
    setup.caller = &caller;
    setup.context = &context;
    setup.shard = name;
    setup.part = part;
    setup.lane = first_lane + i;
    setup.workers_beside = lanes;
    setup.queue = &queue;
    fixtures.push_back(std::make_unique<ShardFixtures>(context, lane_of_shard(context, name)));
    fixtures.back()->enter();
    fixtures.back()->ask(*context.plan.part(part));
    setup.fixtures = fixtures.back().get();
    setup.journal = &journals.back()->journal;
    setup.listener = &listener;
    shards.push_back(std::make_unique<Shard>(std::move(setup)));
  }
  const auto flush = [&] {
    for (const auto& writing : journals) writing->journal.flush();
  };
  for (const auto& each : fixtures) {
    const auto failed = each->await(*context.plan.part(part), [&] { return interruption(signals); });
    if (&each == &fixtures.front()) tell_failed_fixtures(failed, listener);
  }
  const std::vector<int> before = os::child_pids();
  const std::string interrupted = run_shards(shards, flush, &queue, signals);
  // Also because what a shard left behind must not disturb the tests that want to be alone.
  shards.front()->end_orphans(before);
  for (const auto& each : fixtures) each->leave();
  for (const auto& each : fixtures) each->await_gone();
  for (std::size_t i = 0; i < shards.size(); ++i) {
    journals[i]->journal.add(report::ExecutionEnd{shards[i]->broken() ? kBroken
                                                  : shards[i]->red()  ? kRed
                                                                      : kGreen,
                                                  interrupted, os::wall_now()});
  }
  flush();
  for (const auto& writing : journals) {
    if (!writing->journal.failed().empty()) return Error{Errc::broken, "write " + writing->journal.failed(), 0};
  }
  return interrupted;
}

std::uint32_t jobs_of(const Options& options) {
  if (options.jobs_auto) return os::usable_cpus();
  return options.jobs == 0 ? 1 : options.jobs;
}

Result<void> run_parts(const Caller& caller, RunContext& context, ConsoleListener& listener, os::SignalWatch& signals) {
  auto queue = Queue::open(context.queue_file(1), context.plan, queue_lanes(context));
  if (!queue) return queue.error();
  auto parallel = run_part(caller, context, *queue, "parallel", 0, context.lanes, listener, signals);
  if (!parallel) return parallel.error();
  if (context.plan.items_of(*context.plan.part("serial")) == 0) return {};
  // Also after a signal: then the serial shard finds the queue stopped, and its journal says so.
  auto serial = run_part(caller, context, *queue, "serial", context.lanes, 1, listener, signals);
  if (!serial) return serial.error();
  return {};
}

}  // namespace

int own_run(const Caller& caller) {
  os::become_supervisor(false);
  const RunStore store(caller.home);
  auto lock = store.lock();
  if (!lock) return fail(lock.error());
  auto context = prepare_run(caller, {}, caller.home);
  if (!context) return fail(context.error());
  const std::uint32_t selected = static_cast<std::uint32_t>(context->plan.items.size());
  if (selected == 0) return fail(nothing_selected(*context));
  context->lanes = std::min(jobs_of(caller.options), selected);
  context->frame.shard_count = context->lanes;
  context->shared = context->directory;
  if (auto added = store.add(*context); !added) return fail(added.error());
  if (auto made = os::make_directories(context->shared + "/locks"); !made) return fail(made.error());
  auto presence = RunPresence::enter(*context);
  if (!presence) return fail(presence.error());
  lock->release();

  if (auto started = start_keeper(caller, *context, os::ProcessKey::of(os::current_pid())); !started) {
    return fail(started.error());
  }
  // Until the report is written: a signal that comes between two parts counts, and none cuts the report short.
  os::SignalWatch signals;
  ConsoleListener listener(*context, caller.options);
  auto ran = run_parts(caller, *context, listener, signals);
  if (auto ended = end_keeper(*context); !ended && ran) ran = ended;
  auto finished = finish_run(caller, *context, true);
  if (!finished) return fail(finished.error());
  tell_fixture_problems(finished->report, listener);
  print(report::summary(finished->report, listener.colour()));
  print("report: " + context->file("junit.xml") + "\n");
  if (!ran) return fail(ran.error());
  return report::exit_code_of(finished->report);
}

int list_run(const Caller& caller) {
  os::become_supervisor(false);
  auto context = prepare_run(caller, {}, os::scratch_directory());
  if (!context) return fail(context.error());
  const std::string text = caller.options.list_json
                               ? report::list_json(context->frame, context->plan, context->constraints)
                               : report::list_text(context->frame, context->plan, context->constraints);
  print(text);
  return context->plan.items.empty() ? fail(nothing_selected(*context)) : kGreen;
}

}  // namespace cleave::run
