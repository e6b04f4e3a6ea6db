#include "run/ctest_run.hpp"

#include <algorithm>
#include <cstdlib>
#include <set>

#include "os/coverage.hpp"
#include "os/file.hpp"
#include "os/machine.hpp"
#include "os/process.hpp"
#include "os/terminal.hpp"
#include "report/console.hpp"
#include "report/event_lines.hpp"
#include "run/console_listener.hpp"
#include "run/ctest_attempt.hpp"
#include "run/event_stream.hpp"
#include "run/failure.hpp"
#include "run/finish.hpp"
#include "run/idle_entry.hpp"
#include "run/journal.hpp"
#include "run/keeper.hpp"
#include "run/kept_run.hpp"
#include "run/part_run.hpp"
#include "run/policy.hpp"
#include "run/run_store.hpp"
#include "run/selection.hpp"
#include "run/shard.hpp"
#include "run/start_mark.hpp"

namespace cleave::run {
namespace {

std::string shard_name(const Entry& entry) {
  switch (entry.kind) {
    case Entry::Kind::shard: return "shard-" + std::to_string(entry.index);
    case Entry::Kind::serial: return "serial";
    case Entry::Kind::lock: return "lock-" + entry.lock;
    case Entry::Kind::locks: return "locks";
    default: return "";
  }
}

std::string part_name(const Entry& entry) { return entry.kind == Entry::Kind::shard ? "parallel" : shard_name(entry); }

/// The folder that all binaries of the build tree share in this run of ctest. Those of finished runs are removed.
Result<std::string> shared_folder(const Caller& caller, const std::string& ctest_key) {
  const std::string tree = caller.options.tree.empty() || !caller.options.dir.empty()
                               ? os::directory_of(caller.home) + "/.tree"
                               : caller.options.tree;
  for (const std::string& key : os::list_directory(tree)) {
    if (!os::is_alive(key)) os::remove_tree(tree + "/" + key);
  }
  std::string folder = tree + "/" + ctest_key;
  if (auto made = os::make_directories(folder + "/locks"); !made) return made.error();
  return folder;
}

bool ctest_reruns_failed(int ctest_pid) {
  const std::vector<std::string> arguments = os::command_line_of(ctest_pid);
  return std::find(arguments.begin(), arguments.end(), "--rerun-failed") != arguments.end();
}

Result<RunContext> make_run(const Caller& caller, const RunStore& store, const os::ProcessKey& ctest,
                            EventStream& events) {
  const auto locks = static_cast<std::uint32_t>(caller.settings.resource_locks.size());
  const std::uint32_t shards = std::max({1U, caller.settings.shards, caller.options.entry.count});
  const std::uint32_t lanes = shards + locks + (locks > 1 ? 1U : 0U);
  auto context = prepare_run(caller, caller.settings.resource_locks, lanes, caller.home);
  if (!context) return context.error();
  const bool any_cached = std::find(context->cached.begin(), context->cached.end(), true) != context->cached.end();
  if (context->plan.items.empty() && !any_cached) return nothing_selected(*context);
  if (ctest_reruns_failed(ctest.pid) && select_last_failed(store, context->frame.list)) {
    context->rerun = true;
    if (auto planned = plan_run(caller, *context); !planned) return planned.error();
  }
  context->frame.shard_count = shards;
  context->by_entries = true;
  context->made_by_begin = caller.options.entry.kind == Entry::Kind::begin;
  auto shared = shared_folder(caller, ctest.text());
  if (!shared) return shared.error();
  context->shared = *shared;
  if (auto added = store.add(*context); !added) return added.error();
  os::collect_profiles(context->file(kProfiles));
  if (auto set = store.set_run_of(ctest.text(), context->frame.run_id); !set) return set.error();
  tell_run_begin(events, *context);
  return context;
}

/// True when ctest was killed in the moment in which it started this entry, so that whoever takes orphans is its
/// parent: ctest sets the variable for all that it starts, and leaves tests in its own process group.
bool is_orphan(const os::ProcessKey& ctest) {
  if (!os::environment("DASHBOARD_TEST_FROM_CTEST") || os::group_of(ctest.pid) == os::own_group()) return false;
  const std::vector<std::string> command = os::command_line_of(ctest.pid);
  return command.empty() || os::file_name_of(command.front()) != "ctest";
}

/// The run that this ctest process works on; made here when there is none. Under the store's lock.
Result<RunContext> find_or_make_run(const Caller& caller, const RunStore& store, const os::ProcessKey& ctest,
                                    EventStream& events) {
  const std::string run_id = store.run_of(ctest.text());
  if (!run_id.empty()) {
    auto context = store.load(run_id);
    if (context && (caller.options.entry.kind == Entry::Kind::end || !os::exists(context->file(kEnded)))) {
      const bool begins = caller.options.entry.kind == Entry::Kind::begin;
      if (!begins || read_journals(context->directory).empty()) {
        if (auto planned = plan_run(caller, *context); !planned) return planned.error();
        os::follow_clock(context->clock_offset);
        // What ran before main is counted once in a run: by who made it.
        os::forget_counters();
        os::collect_profiles(context->file(kProfiles));
        return context;
      }
    }
  }
  if (os::group_of(ctest.pid) != os::own_group()) {
    if (const std::string left = store.abandoned_run(); !left.empty()) {
      return Error{Errc::broken, "the ctest that started this entry is gone: run " + left + " is not continued", 0};
    }
  }
  // A new run would wait for the end of a process that never ends.
  if (is_orphan(ctest)) return Error{Errc::broken, "the ctest that started this entry is gone: nothing runs", 0};
  return make_run(caller, store, ctest, events);
}

int begin(const Caller& caller, const RunContext& context) {
  const plan::Plan& plan = context.plan;
  for (const plan::Part& part : plan.parts) {
    if (plan.items_of(part) == 0) tell_idle(caller, context, part.name, false);
  }
  std::string text = "cleave: run " + context.frame.run_id + ": " + std::to_string(plan.items.size()) + " tests";
  for (const plan::Part& part : plan.parts) {
    if (plan.items_of(part) > 0) text += ", " + std::to_string(plan.items_of(part)) + " " + part.name;
  }
  if (context.rerun) text += " (only those that failed last time)";
  print(text + "\n");
  return kGreen;
}

int end(const Caller& caller, RunContext& context, EventStream& events) {
  os::sum_profiles_at_end();
  // Under --repeat CTest executes the end again too: the run is as it was.
  if (const auto before = os::read_file(context.file(kEnded))) return std::atoi(before->c_str());
  ConsoleListener listener(caller, context);
  const auto down = end_keeper(context, [&] { show_fixtures(context, listener); });
  const auto& finished = *new Result<FinishedRun>(finish_run(caller, context, true));  // As in own_run().
  if (!finished) return fail(finished.error());
  EventListener telling(events, context, listener);
  tell_fixture_problems(finished->report, telling);
  events.write(report::run_end_line(finished->report));
  print(listener.ci().lines(report::summary(finished->report, listener.colour())));
  listener.ci().add_summary(finished->report);
  print("report: " + context.file("junit.xml") + "\n");
  if (!down) return fail(down.error());
  int code = report::exit_code_of(finished->report);
  // CTest heard of failed tests from the entry that ran them, unless it was content with a later execution of it; this
  // one is red when it knows more than they did.
  if (code == kRed && finished->shards_told) code = kGreen;
  // Begin saw to it that there is something to run; a subset of the entries may still be without a test.
  if (code == kNothingToRun && !read_journals(context.directory).empty()) code = kGreen;
  if (auto marked = os::write_private_file(context.file(kEnded), std::to_string(code)); !marked)
    return fail(marked.error());
  return code;
}

/// What this execution of the entry is to do, with the journal of those before it.
struct Work {
  Attempt attempt;
  JournalWriter journal;
};

Result<Work> open_work(const Caller& caller, const RunContext& context, const std::string& shard,
                       const std::string& part, std::uint32_t lane) {
  const std::string path = context.file(shard + ".journal");
  Work work;
  const report::Journal before = read_journal(path);
  std::vector<std::uint32_t> held;
  report::QueueSnapshot queue;
  if (auto snapshot = Queue::snapshot(context.queue_file(last_queue(before)))) queue = std::move(*snapshot);
  for (std::uint32_t item = 0; item < queue.holders.size(); ++item) {
    if (queue.holders[item] == lane + 1) held.push_back(item);
  }
  work.attempt = next_attempt(before, held);
  auto journal = JournalWriter::open(path);
  if (!journal) return journal.error();
  work.journal = std::move(*journal);
  // The execution before was killed in the middle of a test, or behind one, and could not say so itself.
  if (!has_ended(before)) {
    for (const std::uint32_t item : work.attempt.items) {
      const bool running = lane < queue.running.size() && queue.running[lane] == item + 1;
      const bool begun = item < queue.begun.size() && queue.begun[item] != 0 && !told_last(before, item);
      if (!running && !begun) continue;
      report::AttemptRecord lost;
      lost.item = item;
      lost.attempt.outcome = plan::Outcome::crashed;
      lost.attempt.attempt = lost_attempt(before, item, policy_of(caller).retries);
      lost.attempt.shard = shard;
      lost.attempt.start = os::wall_now();
      lost.attempt.reason = shard + (running ? " was killed while it ran this test"
                                             : " was killed: the test began, and nobody heard of its end");
      work.journal.add(lost);
    }
  }
  report::ExecutionBegin begin;
  begin.run_id = context.frame.run_id;
  begin.shard = shard;
  begin.part = part;
  begin.execution = work.attempt.execution;
  begin.queue = work.attempt.again ? 0 : work.attempt.queue;
  begin.lane = lane;
  begin.pid = os::current_pid();
  begin.when = os::wall_now();
  work.journal.add(begin);
  work.journal.flush();
  unmark_start(context.directory, shard);
  return work;
}

/// Where tests that are not serial wait for serial ones, or the other way round, neither entry can finish alone, and
/// CTest starts each once. The serial one has the machine to itself, so that it runs what is left, over all lanes.
Result<int> run_what_waits(const Caller& caller, const RunContext& context, Queue& queue, Listener& listener,
                           os::SignalWatch& signals, Admission& admission) {
  if (!context.plan.crosses_parts() || queue.open_items() == 0) return int{kGreen};
  auto ran = run_parts({caller, context, queue, listener, signals, admission, "-of-serial"});
  if (!ran) return ran.error();
  return ran->exit_code;
}

int work_on(const Caller& caller, RunContext& context, EventStream& events) {
  const Entry& entry = caller.options.entry;
  const std::string name = shard_name(entry);
  const std::string part = part_name(entry);
  if (context.plan.part(part) == nullptr) {
    return fail(
        {Errc::usage, "entry '" + name + "': the run has no part '" + part + "'; configure the build tree again", 0});
  }
  if (entry.kind == Entry::Kind::shard && entry.index >= context.frame.shard_count) {
    return fail(
        {Errc::usage, "entry '" + name + "': the run has " + std::to_string(context.frame.shard_count) + " shards", 0});
  }
  const std::uint32_t lane = part == "serial" ? context.lanes : lane_of_shard(context, name);
  auto presence = RunPresence::enter(context);
  if (!presence) return fail(presence.error());
  auto work = open_work(caller, context, name, part, lane);
  if (!work) return fail(work.error());
  auto queue =
      Queue::open(context.queue_file(std::max(1U, work->attempt.queue)), context.plan, board_options(caller, context));
  if (!queue) return fail(queue.error());

  ConsoleListener listener(caller, context);
  EventListener telling(events, context, listener);
  ShardSetup setup;
  setup.caller = &caller;
  setup.context = &context;
  setup.shard = name;
  setup.part = part;
  setup.lane = lane;
  setup.execution = work->attempt.execution;
  setup.workers_beside = entry.kind == Entry::Kind::shard ? context.frame.shard_count : 1;
  setup.queue = &*queue;
  if (work->attempt.again) setup.only = std::make_unique<std::vector<std::uint32_t>>(work->attempt.items);
  setup.journal = &work->journal;
  setup.listener = &telling;
  Admission admission(caller, context);
  setup.admission = &admission;
  ShardFixtures fixtures(context, lane_of_shard(context, name));
  setup.fixtures = &fixtures;
  std::vector<std::unique_ptr<Shard>> shards;
  shards.push_back(std::make_unique<Shard>(std::move(setup)));
  os::SignalWatch signals;
  if (context.plan.items_of(*context.plan.part(part)) > 0) fixtures.enter();
  fixtures.ask(*context.plan.part(part));
  const auto show = [&] { show_fixtures(context, telling); };
  const auto shown = [&] {
    show();
    return interruption(signals);
  };
  tell_failed_fixtures(fixtures.await(*context.plan.part(part), shown), telling);
  const std::vector<int> before = os::child_pids();
  const std::string interrupted = run_shards(
      shards, [&] { work->journal.flush(); }, &*queue, signals, telling);
  shards.front()->end_orphans(before);
  fixtures.leave();
  fixtures.await_gone(show);
  const bool first = !work->attempt.again && work->attempt.queue == 1;
  const auto number = static_cast<std::uint32_t>(context.plan.part(part) - context.plan.parts.data());
  if (first && queue->free_items(number) == 0 && queue->stopped().empty()) tell_idle(caller, context, part, true);
  int code = kGreen;
  if (entry.kind == Entry::Kind::serial) {
    auto ran = run_what_waits(caller, context, *queue, telling, signals, admission);
    if (!ran) return fail(ran.error());
    code = *ran;
  }
  const Shard& shard = *shards.front();
  if (code == kGreen) code = shard.broken() ? kBroken : shard.red() || !interrupted.empty() ? kRed : kGreen;
  if (code == kGreen && !queue->stopped().empty()) code = kRed;
  // What waits for tests of another part may be run by the serial entry. Without begin and end nobody can tell whether
  // that comes, and what did not run is not green.
  if (code == kGreen && !context.made_by_begin && context.plan.crosses_parts() && queue->open_items() > 0) code = kRed;
  work->journal.add(report::ExecutionEnd{code, interrupted, os::wall_now()});
  work->journal.flush();
  if (!work->journal.failed().empty()) return fail({Errc::broken, "write " + work->journal.failed(), 0});
  listener.end();
  print("cleave: " + name + " of run " + context.frame.run_id + ": " + listener.progress().counts() +
        (code == kGreen ? "" : "; red") + "\n");

  // t.end may never come (a subset without fixtures, --stop-on-failure, a killed ctest): the last one out reports.
  // Whether it comes cannot be known here, so each one that is last for now writes what there is, if it has news.
  const bool news = shard.attempts() > 0 || code != kGreen || !os::exists(context.file("junit.xml"));
  const bool last = presence->leave_as_last();
  if (last) os::sum_profiles_at_end();
  if (last && news) {
    auto finished = finish_run(caller, context, false);
    if (!finished) return fail(finished.error());
    if (!context.made_by_begin) {
      events.write(report::run_end_line(finished->report));
      print(listener.ci().lines(report::summary(finished->report, listener.colour())));
      listener.ci().add_summary(finished->report);
    }
  }
  // Who reads the row of a red entry finds the way to the report there, whoever writes it in the end.
  if (code != kGreen || (last && news && !context.made_by_begin)) print("report: " + context.file("junit.xml") + "\n");
  return code;
}

}  // namespace

int run_entry(const Caller& caller) {
  os::become_supervisor(true);
  os::take_questions();
  auto events = EventStream::open(caller.options);
  if (!events) return fail(events.error());
  const RunStore store(caller.home);
  const Entry::Kind kind = caller.options.entry.kind;
  // Asked for once: when ctest dies meanwhile, it is still the one that this run belongs to.
  const os::ProcessKey ctest = os::ctest_or_parent();
  if (const std::string shard = shard_name(caller.options.entry); !shard.empty()) mark_start(caller.home, ctest, shard);
  auto lock = store.lock();
  if (!lock) return fail(lock.error());
  if (kind == Entry::Kind::end && store.run_of(ctest.text()).empty()) {
    return fail({Errc::broken, "there is no run to end: its begin failed or was never executed", 0});
  }
  auto context = find_or_make_run(caller, store, ctest, **events);
  if (!context) return fail(context.error());
  if (kind == Entry::Kind::end) return end(caller, *context, **events);
  if (auto started = start_keeper(caller, *context, ctest); !started) return fail(started.error());
  if (kind == Entry::Kind::begin) return begin(caller, *context);
  lock->release();
  return work_on(caller, *context, **events);
}

}  // namespace cleave::run
