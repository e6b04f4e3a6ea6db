#include "run/part_run.hpp"

#include <algorithm>

#include "os/machine.hpp"
#include "run/console_listener.hpp"
#include "run/failure.hpp"
#include "run/finish.hpp"
#include "run/journal.hpp"
#include "run/shard_fixtures.hpp"

namespace cleave::run {
namespace {

/// A shard with the journal that it writes.
struct Writing {
  JournalWriter journal;
  report::ExecutionBegin begin;
};

Result<std::unique_ptr<Writing>> open_journal(const RunContext& context, const std::string& shard,
                                              const std::string& suffix, const std::string& part, std::uint32_t lane) {
  auto journal = JournalWriter::open(context.file(shard + suffix + ".journal"));
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

}  // namespace

Result<PartEnd> run_part(const PartRun& run, const plan::Part& part) {
  const RunContext& context = run.context;
  const bool many = part.name == "parallel";
  const std::uint32_t lanes = many ? context.frame.shard_count : 1;
  std::vector<std::unique_ptr<Writing>> journals;
  std::vector<std::unique_ptr<ShardFixtures>> fixtures;
  std::vector<std::unique_ptr<Shard>> shards;
  for (std::uint32_t i = 0; i < lanes; ++i) {
    const std::string name = many ? "shard-" + std::to_string(i) : part.name;
    const std::uint32_t lane = part.name == "serial" ? context.lanes : lane_of_shard(context, name);
    auto writing = open_journal(context, name, run.journal_suffix, part.name, lane);
    if (!writing) return writing.error();
    journals.push_back(std::move(*writing));
    ShardSetup setup;
    setup.caller = &run.caller;
    setup.context = &context;
    setup.shard = name;
    setup.part = part.name;
    setup.lane = lane;
    setup.workers_beside = lanes;
    setup.queue = &run.queue;
    fixtures.push_back(std::make_unique<ShardFixtures>(context, lane_of_shard(context, name)));
    fixtures.back()->enter();
    fixtures.back()->ask(part);
    setup.fixtures = fixtures.back().get();
    setup.journal = &journals.back()->journal;
    setup.listener = &run.listener;
    setup.admission = &run.admission;
    shards.push_back(std::make_unique<Shard>(std::move(setup)));
  }
  const auto flush = [&] {
    for (const auto& writing : journals) writing->journal.flush();
  };
  const auto show = [&] { show_fixtures(context, run.listener); };
  const auto shown = [&] {
    show();
    return interruption(run.signals);
  };
  for (const auto& each : fixtures) {
    const auto failed = each->await(part, shown);
    if (&each == &fixtures.front()) tell_failed_fixtures(failed, run.listener);
  }
  const std::vector<int> before = os::child_pids();
  PartEnd end;
  end.interrupted_by = run_shards(shards, flush, &run.queue, run.signals, run.listener);
  // Also because what a shard left behind must not disturb the tests that want to be alone.
  shards.front()->end_orphans(before);
  for (const auto& each : fixtures) each->leave();
  for (const auto& each : fixtures) each->await_gone(show);
  for (std::size_t i = 0; i < shards.size(); ++i) {
    const int code = shards[i]->broken() ? kBroken : shards[i]->red() ? kRed : kGreen;
    end.exit_code = std::max(end.exit_code, code);
    journals[i]->journal.add(report::ExecutionEnd{code, end.interrupted_by, os::wall_now()});
  }
  flush();
  for (const auto& writing : journals) {
    if (!writing->journal.failed().empty()) return Error{Errc::broken, "write " + writing->journal.failed(), 0};
  }
  return end;
}

Result<PartEnd> run_parts(const PartRun& run) {
  const plan::Plan& plan = run.context.plan;
  const bool take_turns = plan.crosses_parts();
  PartEnd end;
  std::uint32_t open = 0;
  do {
    open = run.queue.open_items();
    for (const plan::Part& part : plan.parts) {
      // The first part also when it is empty: a run has a journal. And also after a signal: then the shards find the
      // queue stopped, and their journals say so.
      if (plan.items_of(part) == 0 && part.name != "parallel") continue;
      if (run.pool != nullptr) run.pool->enter(part.name == "serial", run.signals);
      auto ran = run_part(run, part);
      if (run.pool != nullptr) run.pool->leave();
      if (!ran) return ran;
      if (end.interrupted_by.empty()) end.interrupted_by = ran->interrupted_by;
      end.exit_code = std::max(end.exit_code, ran->exit_code);
    }
  } while (take_turns && run.queue.stopped().empty() && run.queue.open_items() > 0 && run.queue.open_items() < open);
  return end;
}

}  // namespace cleave::run
