#include "cli/pool.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "cli/pool_guard.hpp"
#include "os/machine.hpp"
#include "report/console.hpp"
#include "report/text.hpp"
#include "run/console_listener.hpp"
#include "run/failure.hpp"
#include "run/pool_member.hpp"
#include "run/queue.hpp"

namespace cleave::cli {
namespace {

/// Those of the processes that started this one, else of our own.
Result<std::pair<os::JobServer, std::string>> find_slots(std::uint32_t lanes, const std::string& folder) {
  std::string path = os::environment("CLEAVE_JOB_SLOTS").value_or("");
  auto found = path.empty() ? os::JobServer::from_environment()
                            : os::JobServer::from_make_flags("--jobserver-auth=fifo:" + path);
  if (!found) {
    run::warn(found.error().what);
  } else if (*found) {
    if (auto guarded = (*found)->tokens().give_back_when_killed(); !guarded) run::warn(guarded.error().what);
    return std::pair(std::move(**found), path);
  }
  path = folder + "/job-slots";
  auto made = os::JobServer::make(lanes, path);
  if (!made) return made.error();
  return std::pair(std::move(*made), path);
}

}  // namespace

Pool::Pool(const RunRequest& request, std::vector<PoolProgram>& programs, std::uint32_t lanes, std::string folder,
           os::JobServer slots, std::string slots_path, bool colour)
    : request_(request),
      programs_(programs),
      lanes_(lanes),
      folder_(std::move(folder)),
      slots_(std::move(slots)),
      slots_path_(std::move(slots_path)),
      colour_(colour),
      began_(os::monotonic_now()),
      lane_taken_(lanes, false),
      memory_(os::MemoryGauge::of_this_process()) {}

Result<Pool> Pool::make(const RunRequest& request, std::vector<PoolProgram>& programs, std::uint32_t lanes,
                        std::string folder, bool colour) {
  auto slots = find_slots(lanes, folder);
  if (!slots) return slots.error();
  return Pool(request, programs, lanes, std::move(folder), std::move((*slots).first), (*slots).second, colour);
}

/// The loop: heed signals, start what may start, wait, and take in what ended.
Result<void> Pool::run(os::SignalWatch& signals) {
  while (true) {
    heed(signals);
    start_what_can();
    if (auto finished = finish_idle(); !finished) return finished;
    if (!any_running() && !waits(false) && !waits(true)) return {};
    wait(signals);
    if (auto looked = look(); !looked) return looked;
    show();
    check_failures();
  }
}

bool Pool::waits(bool serial) const {
  return std::ranges::any_of(programs_, [&](const PoolProgram& program) {
    if (program.ended) return false;
    return program.sharded ? !serial && !program.started : program.run->has_work(serial);
  });
}

void Pool::start_what_can() {
  held_up_ = false;
  while (stopped_.empty() && start_one()) {
  }
  if (plain_.empty()) gate_.release();
}

/// Programs that shard themselves come first, because what they take is theirs to share; the smaller pieces of the
/// others fill the end. Serial tests of programs without Cleave come last, when nothing else is left.
bool Pool::start_one() {
  if (weight_now() >= lanes_) return false;
  for (PoolProgram& program : programs_) {
    if (program.sharded && !program.started && !program.ended) return start_sharded(program);
  }
  for (PoolProgram* const program : ready_programs()) {
    if (!start_plain(*program, false)) continue;
    turn_ = static_cast<std::size_t>(program - programs_.data()) + 1;
    return true;
  }
  if (any_running()) return false;
  for (PoolProgram& program : programs_) {
    if (!program.sharded && !program.ended && program.run->has_work(true)) return start_plain(program, true);
  }
  return false;
}

bool Pool::start_sharded(PoolProgram& program) {
  if (!any_running()) slots_.refill();
  if (!slots_.try_acquire()) return false;
  os::ProgramImage image;
  image.arguments.push_back(program.path);
  image.arguments.push_back("--cleave-jobs=" + std::to_string(lanes_));
  for (const std::string& flag : request_.flags) {
    if (!flag.starts_with("--cleave-jobs") && !flag.starts_with("--cleave-colour")) image.arguments.push_back(flag);
  }
  image.arguments.insert(image.arguments.end(), request_.arguments.begin(), request_.arguments.end());
  image.environment = os::all_environment();
  std::erase_if(image.environment, [](const std::string& one) {
    return one.starts_with("CLEAVE_JOB_SLOTS=") || one.starts_with("CLEAVE_POOL=") || one.starts_with("CLEAVE_JOBS=") ||
           one.starts_with("CLEAVE_COLOUR=") || one.starts_with(std::string(PoolGuard::kVariable) + "=");
  });
  image.environment.push_back(std::string(run::kPoolVariable) + "=" + folder_);
  // What it prints goes through a pipe, and then to where this process prints.
  image.environment.push_back(std::string("CLEAVE_COLOUR=") + (colour_ ? "always" : "never"));
  if (!slots_path_.empty()) image.environment.push_back("CLEAVE_JOB_SLOTS=" + slots_path_);
  program.started = true;
  auto job = ShardedJob::start(image);
  if (!job) {
    slots_.release();
    end_with(program, "the program could not be started: " + job.error().what, run::kBroken);
    tell_end(program);
    return true;
  }
  sharded_.push_back({&program, std::move(*job)});
  return true;
}

/// Programs with Cleave run their serial tests while nobody holds the gate.
bool Pool::enter_gate() {
  if (gate_.held()) return true;
  auto lock = os::FileLock::try_acquire(folder_ + run::kPoolGate, true);
  if (!lock || !lock->held()) return false;
  gate_ = std::move(*lock);
  return true;
}

/// Those without Cleave that have work: what is more urgent first, and in turn where nothing is.
std::vector<PoolProgram*> Pool::ready_programs() {
  std::vector<PoolProgram*> ready;
  for (std::size_t i = 0; i < programs_.size(); ++i) {
    PoolProgram& program = programs_[(turn_ + i) % programs_.size()];
    if (!program.sharded && !program.ended && program.run->has_work(false)) ready.push_back(&program);
  }
  std::ranges::stable_sort(ready, [](const PoolProgram* a, const PoolProgram* b) {
    return a->run->priority(false) > b->run->priority(false);
  });
  return ready;
}

bool Pool::start_plain(PoolProgram& program, bool serial) {
  if (!any_running()) slots_.refill();
  if (!enter_gate() || !slots_.try_acquire()) return false;
  Needs needs;
  auto next = program.run->next(serial, lanes_, [&](const plan::Constraints& wanted) { return take(wanted, needs); });
  if (!next) {
    held_up_ = true;
    slots_.release();
    return false;
  }
  Batch batch = std::move(*next);
  const auto free = std::ranges::find(lane_taken_, false);
  const auto lane = static_cast<std::uint32_t>(free - lane_taken_.begin());
  auto place = place_of(program, lane, batch, slots_path_, request_);
  auto job =
      place ? PlainJob::start(program.plain, program.run->selecting(batch), *place) : Result<PlainJob>(place.error());
  program.started = true;
  if (!job) {
    slots_.release();
    give_back(needs);
    tell(program, program.run->could_not_start(batch, job.error().what), {});
    return true;
  }
  lane_taken_[lane] = true;
  ++program.jobs;
  plain_.push_back({&program, std::move(batch), std::move(*job), lane, std::move(needs)});
  return true;
}

void Pool::wait(os::SignalWatch& signals) const {
  std::chrono::milliseconds pause(100);
  std::vector<int> fds{signals.poll_fd()};
  bool all_tell = true;
  for (const Plain& each : plain_) {
    fds.push_back(each.job.poll_fd());
    pause = std::min(pause, each.job.pause());
    all_tell = all_tell && each.job.poll_fd() >= 0;
  }
  for (const Sharded& each : sharded_) {
    fds.push_back(each.job.poll_fd());
    fds.push_back(each.job.output_fd());
    all_tell = all_tell && each.job.poll_fd() >= 0;
  }
  const bool more = stopped_.empty() && weight_now() < lanes_ && waits(false);
  if (more && !held_up_) fds.push_back(slots_.wait_fd());
  // What is waited for may also be the gate, which cannot be polled.
  if (more || !all_tell) pause = std::min(pause, std::chrono::milliseconds(10));
  std::erase(fds, -1);
  os::wait_readable(fds, pause);
}

/// What `cleave status` shows of programs without Cleave; the others tell by their own files. What cannot be written is
/// no harm.
void Pool::show() {
  constexpr std::chrono::milliseconds kApart{100};
  const auto now = os::monotonic_now();
  if (now < next_show_) return;
  next_show_ = now + kApart;
  look_at_red();
  for (const PoolProgram& program : programs_) {
    if (program.sharded || program.ended || !program.started) continue;
    StatusBoard board = program.run->board();
    for (const Plain& each : plain_) {
      if (each.program != &program) continue;
      PlainJob::Now running = each.job.now();
      using State = StatusBoard::Lane::State;
      board.done += running.ended;
      board.lanes.push_back({each.job.shard(), running.test.empty() ? State::rests : State::runs,
                             std::move(running.test), running.since});
    }
    std::string bytes = encode_board(board);
    std::string& shown = shown_[&program];
    if (shown.empty())
      (void)os::write_file(folder_ + run::kPoolRuns + std::to_string(shown_.size()), program.context.directory);
    if (bytes == shown) continue;
    shown = std::move(bytes);
    (void)os::write_file(program.context.file(kLiveBoard), shown);
  }
}

/// Of programs with Cleave, what is red already: one of them may run for long.
void Pool::look_at_red() {
  if (!request_.options.has_fail_fast) return;
  for (const Sharded& each : sharded_) {
    const auto directory = os::read_file(folder_ + run::kPoolRuns + std::to_string(each.job.pid()));
    if (!directory) continue;
    const auto queue = run::Queue::snapshot(*directory + "/queue-1");
    if (!queue) continue;
    each.program->red = queue->red;
    each.program->selected = static_cast<std::uint32_t>(queue->holders.size());
  }
}

Result<void> Pool::look() {
  const auto now = os::monotonic_now();
  for (std::size_t i = 0; i < plain_.size();) {
    plain_[i].job.watch(now);
    if (!plain_[i].job.ended()) {
      ++i;
      continue;
    }
    Plain ended = std::move(plain_[i]);
    plain_.erase(plain_.begin() + static_cast<std::ptrdiff_t>(i));
    if (auto taken = end_of(ended); !taken) return taken;
  }
  for (std::size_t i = 0; i < sharded_.size();) {
    const bool ended = sharded_[i].job.ended();
    run::print(sharded_[i].job.printed(now));
    if (!ended) {
      ++i;
      continue;
    }
    Sharded gone = std::move(sharded_[i]);
    sharded_.erase(sharded_.begin() + static_cast<std::ptrdiff_t>(i));
    end_of(gone);
  }
  return {};
}

Result<void> Pool::end_of(Plain& ended) {
  PoolProgram& program = *ended.program;
  BatchEnd end = ended.job.finish();
  slots_.release();
  give_back(ended.needs);
  lane_taken_[ended.lane] = false;
  --program.jobs;
  const BatchEnd shown{{}, end.status, end.killed, end.timed_out, end.shard, end.start, end.wall, end.output};
  tell(program, program.run->took(ended.batch, std::move(end)), shown);
  program.red = program.run->red();
  return {};
}

void Pool::end_of(Sharded& ended) {
  PoolProgram& program = *ended.program;
  const int pid = ended.job.pid();
  const os::ExitStatus status = ended.job.finish();
  slots_.release();
  const std::string words = ended.job.last_words();
  const auto directory = os::read_file(folder_ + run::kPoolReports + std::to_string(pid));
  finish_sharded(program, status, directory ? *directory : std::string(), request_);
  const bool not_meant = program.code == run::kNothingToRun && !request_.options.filter.empty();
  if (!not_meant) run::print(words);
  const report::Totals totals = report::totals_of(program.report);
  program.red = totals.failed + totals.crashed + totals.timed_out - std::min(totals.quarantined, totals.failed);
  tell_end(program);
}

/// Programs without Cleave that have nothing more to run.
Result<void> Pool::finish_idle() {
  for (PoolProgram& program : programs_) {
    if (program.sharded) {
      if (stopped_.empty() || program.started || program.ended) continue;
      end_with(program, "the program was not started: " + stopped_, run::kRed);
      tell_end(program);
      continue;
    }
    if (program.ended || program.jobs > 0 || program.run->has_work(false) || program.run->has_work(true)) continue;
    // What was left out on purpose is no missing outcome.
    const bool cut_short = interrupted_by_.empty() && !stopped_.empty();
    const std::string by = cut_short ? "fail-fast" : interrupted_by_;
    if (auto finished = finish_plain(program, os::monotonic_now() - began_, by); !finished) return finished;
    tell_end(program);
  }
  return {};
}

void Pool::tell(PoolProgram& program, const News& news, const BatchEnd& end) {
  const report::RunReport& report = program.run->report();
  if (request_.options.output == "stream") {
    std::string lines;
    const std::string text = report::printable(report::output_text(end.output));
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t newline = std::min(text.find('\n', begin), text.size());
      lines += "[" + program.name + " " + end.shard + "] " + text.substr(begin, newline - begin) + "\n";
      begin = newline + 1;
    }
    run::print(lines);
  }
  std::string text;
  for (const std::uint32_t test : news.red) {
    report::Attempt attempt = report.rows[test].attempts.back();
    if (request_.options.output == "capture") attempt.output = {};
    text += report::failure_block(report, report.list.tests[test], attempt, colour_);
  }
  for (std::size_t i = report.problems.size() - news.problems; i < report.problems.size(); ++i)
    text += report::problem_block(report.problems[i], colour_);
  run::print(text);
}

void Pool::tell_end(const PoolProgram& program) const {
  if (program.code == run::kNothingToRun) return;
  if (program.report.rows.empty()) {
    for (const report::Problem& problem : program.report.problems)
      run::print(report::problem_block(
          {program.name + ": " + problem.title, "", "", "", {}, {}, {}, problem.warning, problem.run_broken}, colour_));
    return;
  }
  const std::string summary = report::summary(program.report, false);
  run::print(report::printable(program.name) + ": " + summary.substr(0, summary.find('\n') + 1));
}

void Pool::heed(os::SignalWatch& signals) {
  const int count = signals.count();
  if (count == signals_heeded_) return;
  signals_heeded_ = count;
  interrupted_by_ = os::signal_name(signals.last());
  stop("interrupted by " + interrupted_by_, signals.last());
}

void Pool::check_failures() {
  const plan::FailureLimit& limit = request_.options.fail_fast;
  if (!stopped_.empty() || !request_.options.has_fail_fast || (limit.count == 0 && limit.percent <= 0)) return;
  std::uint32_t red = 0;
  bool reached = false;
  for (const PoolProgram& program : programs_) {
    red += program.red;
    if (limit.percent <= 0) continue;
    const auto selected = std::max<std::size_t>(program.selected, program.report.rows.size());
    reached =
        reached || (program.red > 0 && program.red >= std::ceil(limit.percent * static_cast<double>(selected) / 100));
  }
  reached = reached || (limit.count > 0 && red >= limit.count);
  if (!reached) return;
  constexpr int kTerminate = 15;
  stop("fail-fast: " + std::to_string(red) + (red == 1 ? " test is red" : " tests are red"), kTerminate);
}

/// Nothing more starts. Programs with Cleave end by themselves, and hear each further signal; what others run is
/// killed.
void Pool::stop(const std::string& why, int signal) {
  for (const Sharded& each : sharded_) each.job.signal(signal);
  if (!stopped_.empty()) return;
  stopped_ = why;
  for (Plain& each : plain_) each.job.kill(why);
  for (PoolProgram& program : programs_) {
    if (!program.sharded && !program.ended) program.run->stop(why);
  }
}

}  // namespace cleave::cli
