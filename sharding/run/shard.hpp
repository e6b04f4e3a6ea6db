#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "os/file.hpp"
#include "plan/lane.hpp"
#include "report/progress.hpp"
#include "run/admission.hpp"
#include "run/journal.hpp"
#include "run/last_look.hpp"
#include "run/last_words.hpp"
#include "run/launcher.hpp"
#include "run/queue.hpp"
#include "run/run_context.hpp"
#include "run/sanitizer_log.hpp"
#include "run/shard_fixtures.hpp"
#include "run/work_source.hpp"

namespace cleave::run {

/// What every lane does at this moment; asked for only when somebody wants to see it.
using LanesNow = std::function<std::vector<report::LaneState>()>;

/// Where the failures of a run are told while it goes on.
class Listener {
 public:
  virtual ~Listener() = default;
  /// Every attempt that a worker begins, before its outcome. One that never came to its beginning has an outcome only.
  virtual void on_begin(const report::TestBegin&) {}
  /// Every attempt, when it has its outcome.
  virtual void on_attempt(const report::AttemptRecord& record) = 0;
  virtual void on_problem(const report::Problem& problem) = 0;
  /// Bytes that a worker of `shard` printed, as they come; only with --cleave-output=stream.
  virtual void on_output(const std::string& shard, std::string_view bytes) = 0;
  /// Once for each part of a run that a signal stops: what runs may come to its end until `until`, in monotonic time.
  virtual void on_stopping(const std::string& /*signal*/, const LanesNow& /*lanes*/,
                           std::chrono::nanoseconds /*until*/) {}
  /// Each time around the loop. Returns the monotonic time at which it wants to be called again, though nothing may
  /// have happened by then.
  virtual std::chrono::nanoseconds on_round(const LanesNow& lanes, std::chrono::nanoseconds now) = 0;
};

struct ShardSetup {
  const Caller* caller = nullptr;
  const RunContext* context = nullptr;
  std::string shard;       ///< "shard-3"
  std::string part;        ///< The part of the plan it works on.
  std::uint32_t lane = 0;  ///< In the queue.
  std::uint32_t execution = 1;
  std::uint32_t queue_number = 1;    ///< 0 with `only`.
  std::uint32_t workers_beside = 1;  ///< How many shards share the part.
  Queue* queue = nullptr;
  /// Not null: run exactly these items again, instead of claiming from the queue.
  std::unique_ptr<std::vector<std::uint32_t>> only;
  ShardFixtures* fixtures = nullptr;
  Admission* admission = nullptr;
  JournalWriter* journal = nullptr;
  Listener* listener = nullptr;
};

/// One lane at work: performs what plan::Lane decides, with real processes, files and locks.
class Shard {
 public:
  explicit Shard(ShardSetup setup);
  ~Shard();
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  /// Starts a worker when there is none and something to do, and gives one that waits what there is for it.
  void start_next();
  bool done() const;
  bool idle() const;
  /// Since when it waits for something to do, in monotonic time; nanoseconds::max() when it has something, or is done.
  std::chrono::nanoseconds waiting_since() const;
  /// Descriptors whose readiness means work for pump().
  std::vector<int> poll_fds() const;
  /// Takes in all that happened: events, the end of the worker, deadlines until `now`.
  void pump(std::chrono::nanoseconds now);
  std::chrono::nanoseconds deadline() const;
  /// Ends the worker now; what it runs becomes "not run: why".
  void stop_now(const std::string& why);
  /// As plan::Lane::spare().
  void spare(std::chrono::nanoseconds pause);
  /// Once no shard has a worker any more: ends what their workers left behind outside of their process groups, and
  /// tells of it. `before` are the children that this process had from the start.
  void end_orphans(const std::vector<int>& before);
  /// True when an attempt or problem of this shard was red.
  bool red() const noexcept { return red_; }
  bool broken() const noexcept { return broken_; }
  std::uint32_t attempts() const noexcept { return attempts_; }
  report::LaneState state() const;
  const std::string& name() const noexcept { return setup_.shard; }

 private:
  ShardSource::Setup source_setup();
  void offer();
  void perform(std::vector<plan::Command> commands);
  void do_start(const plan::command::Start& wish);
  void do_kill(const plan::command::Kill& kill);
  void do_give(const plan::command::Give& gift);
  std::vector<BatchItem> batch_of(const plan::command::Give& gift) const;
  void do_record(const plan::command::Record& record);
  void end_item(std::uint32_t item, plan::Outcome outcome);
  std::uint32_t attempt_number(std::uint32_t attempt) const;
  void do_problem(const plan::command::Trouble& trouble);
  void read_events();
  bool take_events();
  void damaged(const std::string& how);
  void tell_begin(const plan::event::Started& started);
  void worker_ended(os::ExitStatus status, int pid);
  void tell_of_strays(const std::vector<os::Stray>& ended, const std::string& whose);
  void stream();
  void show();
  report::Output output(std::uint64_t begin, std::uint64_t end, bool red) const;
  report::UnixTime wall(plan::Nanoseconds monotonic) const;
  void problem(report::Problem problem);

  /// How long events may lie while there are many.
  static constexpr std::chrono::milliseconds kLookPause{10};

  ShardSetup setup_;
  ShardSource source_;
  plan::Lane lane_;
  WorkerProcess worker_;
  LastLook look_;
  SanitizerLog sanitizers_;
  LastWords last_words_;                                     ///< Of the worker that ended, until they are told.
  std::string buffer_;                                       ///< Of the worker's events: what is not yet a whole frame.
  plan::Nanoseconds look_again_ = plan::Nanoseconds::max();  ///< When to read events that no bell was rung for.
  bool answered_ = false;  ///< What the worker may ask was answered before it started.
  std::uint64_t streamed_ = 0;
  std::string waited_for_;  ///< Of the worker that was killed at a limit: what it waited for.
  plan::Nanoseconds wall_offset_{};
  unsigned cpus_ = 0;             ///< Of each worker.
  std::int64_t shown_item_ = -1;  ///< What the queue shows of this lane.
  plan::Nanoseconds shown_since_{};
  std::chrono::nanoseconds idle_since_{};  ///< Since when there is no worker.
  bool admitted_ = false;                  ///< The worker has a slot.
  bool red_ = false;
  bool broken_ = false;
  std::uint32_t attempts_ = 0;
  std::uint32_t workers_ = 0;  ///< Started so far.
  int worker_pid_ = 0;         ///< Of the last one that pump() saw, also while its last words are read.
};

/// Runs the shards side by side until all are done, or a signal ends it: at the first SIGINT or SIGTERM what runs may
/// end within a grace of 10 s and nothing new starts; at the second everything is killed. Returns "SIGINT" and so on,
/// or an empty string. A signal that came before counts as well.
std::string run_shards(std::vector<std::unique_ptr<Shard>>& shards, const std::function<void()>& flush, Queue* queue,
                       os::SignalWatch& signals, Listener& listener);

}  // namespace cleave::run
