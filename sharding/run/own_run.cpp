#include "run/own_run.hpp"

#include <algorithm>

#include "os/coverage.hpp"
#include "os/file.hpp"
#include "os/machine.hpp"
#include "os/process.hpp"
#include "os/terminal.hpp"
#include "report/console.hpp"
#include "report/event_lines.hpp"
#include "report/listing.hpp"
#include "run/console_listener.hpp"
#include "run/event_stream.hpp"
#include "run/failure.hpp"
#include "run/finish.hpp"
#include "run/keeper.hpp"
#include "run/part_run.hpp"
#include "run/policy.hpp"
#include "run/pool_member.hpp"
#include "run/run_store.hpp"
#include "run/tag_registry.hpp"

namespace cleave::run {
namespace {

std::uint32_t jobs_of(const Options& options) {
  if (options.jobs_auto) return os::usable_cpus();
  return options.jobs == 0 ? 1 : options.jobs;
}

Result<void> run_all(const Caller& caller, const RunContext& context, Listener& listener, os::SignalWatch& signals,
                     PoolMember& pool) {
  auto queue = Queue::open(context.queue_file(1), context.plan, board_options(caller, context));
  if (!queue) return queue.error();
  Admission admission(caller, context);
  auto ran = run_parts({caller, context, *queue, listener, signals, admission, "", pool.any() ? &pool : nullptr});
  if (!ran) return ran.error();
  return {};
}

}  // namespace

int own_run(const Caller& caller) {
  os::become_supervisor(false);
  os::take_questions();
  auto events = EventStream::open(caller.options);
  if (!events) return fail(events.error());
  const RunStore store(caller.home);
  auto lock = store.lock();
  if (!lock) return fail(lock.error());
  auto context = prepare_run(caller, {}, jobs_of(caller.options), caller.home);
  if (!context) return fail(context.error());
  const std::uint32_t selected = static_cast<std::uint32_t>(context->plan.items.size());
  const bool any_cached = std::find(context->cached.begin(), context->cached.end(), true) != context->cached.end();
  if (selected == 0 && !any_cached) return fail(nothing_selected(*context));
  context->lanes = std::max(1U, std::min(jobs_of(caller.options), selected));
  context->frame.shard_count = context->lanes;
  PoolMember pool;
  context->shared = pool.any() ? pool.folder() : context->directory;
  if (auto added = store.add(*context); !added) return fail(added.error());
  if (pool.any()) pool.tell_run(context->directory);
  os::collect_profiles(context->file(kProfiles));
  if (auto made = os::make_directories(context->shared + "/locks"); !made) return fail(made.error());
  auto presence = RunPresence::enter(*context);
  if (!presence) return fail(presence.error());
  lock->release();

  if (auto started = start_keeper(caller, *context, os::ProcessKey::of(os::current_pid())); !started) {
    return fail(started.error());
  }
  // Until the report is written: a signal that comes between two parts counts, and none cuts the report short.
  os::SignalWatch signals;
  ConsoleListener listener(caller, *context);
  EventListener telling(**events, *context, listener);
  tell_run_begin(**events, *context);
  auto ran = run_all(caller, *context, telling, signals, pool);
  const auto ended = end_keeper(*context, [&] { show_fixtures(*context, listener); });
  if (!ended && ran) ran = ended;
  listener.end();
  os::sum_profiles_at_end();
  // Never taken apart: the process ends with it, and of 20,000 tests that took an eighth of its page faults.
  const auto& finished = *new Result<FinishedRun>(finish_run(caller, *context, true));
  if (!finished) return fail(finished.error());
  const int code = report::exit_code_of(finished->report);
  tell_fixture_problems(finished->report, telling);
  (*events)->write(report::run_end_line(finished->report));
  if (pool.any()) {
    if (!ran) return fail(ran.error());
    if (auto told = pool.tell_report(context->directory); !told) return fail(told.error());
    return code;
  }
  listener.ci().add_summary(finished->report);
  const bool quiet = caller.options.log == LogLevel::quiet;
  print(listener.ci().lines(report::summary(finished->report, listener.colour(), detail_of(caller.options.log))));
  if (!quiet || code != kGreen) {
    print("report: " + context->file("junit.xml") + "\n");
  }
  if (code == kRed) {
    print("the same tests in the same processes: --cleave-replay=" + context->file("order.json") + "\n");
  }
  if (!ran) return fail(ran.error());
  return code;
}

int list_run(const Caller& caller) {
  os::become_supervisor(false);
  auto context = prepare_run(caller, {}, jobs_of(caller.options), os::scratch_directory());
  if (!context) return fail(context.error());
  if (caller.options.list_json) {
    const report::ListedSources sources{caller.home, plan::tag_sources(context->frame.list, registered_tags(),
                                                                       caller.settings, !context->fixtures.empty())};
    print(report::list_json(context->frame, context->plan, context->constraints, caller.settings.phases, context->costs,
                            sources));
  } else {
    print(report::list_text(context->frame, context->plan, context->constraints));
  }
  return context->plan.items.empty() ? fail(nothing_selected(*context)) : kGreen;
}

}  // namespace cleave::run
