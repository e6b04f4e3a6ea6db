#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "plan/claim.hpp"
#include "plan/event.hpp"
#include "plan/message.hpp"
#include "plan/outcome.hpp"
#include "plan/planner.hpp"
#include "plan/retry.hpp"

namespace cleave::plan {

/// How a worker process ended, as a value.
struct WorkerEnd {
  bool signalled = false;
  int code = 0;              ///< Exit status, or the number of the signal.
  std::string signal_name;   ///< "SIGSEGV".
  std::uint64_t offset = 0;  ///< Bytes of captured output at the end.
};

/// What a lane wants done. Performed in order.
namespace command {

/// Start a worker that will be given `items`.
struct Start {
  std::vector<std::uint32_t> items;
  std::uint32_t attempt = 1;  ///< Of the items, in this execution.
  bool only = false;          ///< The answers are known: these, once each, and then nothing more.
  bool one_suite = false;     ///< What else it may be given is of the same suite.
};
/// Answer the worker that asks.
struct Give {
  std::vector<std::uint32_t> items;
  bool may_run_again = false;  ///< The worker may ask to run what fails a second time at once.
};
/// Answer the worker that asks whether the test that failed runs a second time.
struct Again {
  std::uint32_t attempt = 0;  ///< Of the item, in this execution; 0: it does not.
};
/// Answer the worker that asks: there is nothing more for it.
struct Dismiss {};
/// End the worker and its process group now.
struct Kill {
  bool after_a_look = false;  ///< It came to its limit: first find out where it is.
};
/// Locks, weight and memory of the item in hand are no longer needed.
struct Unlock {};
/// An attempt came to its one outcome; without `last` another attempt of the same item follows. Bytes [output_begin,
/// output_end) of the captured output are its own.
struct Record {
  std::uint32_t item = 0;
  std::uint32_t attempt = 1;
  Rung rung = Rung::first;
  bool last = true;
  Outcome outcome = Outcome::not_run;
  Nanoseconds start{};  ///< Monotonic.
  Nanoseconds duration{};
  std::string reason;
  std::vector<Message> messages;
  Properties properties;
  std::uint64_t output_begin = 0;
  std::uint64_t output_end = 0;
};
/// A failure that belongs to no test.
struct Trouble {
  std::string title;
  std::string suite;
  std::string detail;
  std::vector<Message> messages;
  bool run_broken = false;
  std::uint64_t output_begin = 0;
  std::uint64_t output_end = 0;
  bool warning = false;  ///< Leaves the run green.
};
/// A property of the run (`suite` empty) or of a suite.
struct Property {
  std::string suite;
  std::string key;
  std::string value;
};
/// The attempt on record was the item's last after all, because the run stops.
struct GiveUp {
  std::uint32_t item = 0;
};
/// No shard shall start anything more; `why` completes "not run: …".
struct StopAll {
  std::string why;
};
/// What the set-up and the tear-down of a suite took together in one worker; with `suite` empty, what it took from the
/// start of a worker to its first test or suite. Only what came to its end without a failure is told.
struct Cost {
  std::string suite;
  Nanoseconds duration{};
};

}  // namespace command

using Command = std::variant<command::Start, command::Give, command::Again, command::Dismiss, command::Kill,
                             command::Unlock, command::Record, command::Trouble, command::Property, command::GiveUp,
                             command::StopAll, command::Cost>;

/// Where a lane gets its items.
class WorkSource {
 public:
  virtual ~WorkSource() = default;
  /// As plan::claim(), for this lane. What is doomed comes to its outcome here.
  virtual Claim claim(std::int64_t after, std::uint32_t want, Isolation isolation, Nanoseconds budget) = 0;
  /// True when the item runs by itself in a batch: it holds locks, weight or memory.
  virtual bool is_exclusive(std::uint32_t item) = 0;
  /// As plan::claim_again().
  virtual bool claim_again(std::uint32_t item, bool alone) = 0;
  /// True when another lane runs something at the moment.
  virtual bool others_work() = 0;
  /// True when the run allows one more retry; it is then spent.
  virtual bool spend_retry() = 0;
  /// How many items nobody claimed so far.
  virtual std::uint32_t free_items() = 0;
  /// Not empty once no more work shall start: why.
  virtual std::string stopped() = 0;
};

struct LaneOptions {
  std::string shard;  ///< "shard-3", for titles.
  bool pulls = false;
  Isolation isolation = Isolation::shard;
  Nanoseconds test_timeout{};  ///< Zero: none.
  std::uint32_t lanes = 1;     ///< How many lanes share the work; sizes batches.
  Nanoseconds batch_time{};    ///< How long a batch should take at least.
  Nanoseconds batch_cost{};    ///< What each further batch costs: the start of a worker, where one takes no second one.
  Nanoseconds expected_test{};  ///< What a test takes, from former runs; zero: the first batches find out.
  std::uint32_t items = 1;      ///< How many items there are to share in all.
  /// For how long a worker waits when there is nothing for it yet. What a start costs is little against it.
  Nanoseconds patience{};
  bool one_at_a_time = false;  ///< What a failure may stop is not given before it is known; costs a round trip a test.
  RetryPolicy retry;
};

/// How long a batch should take when each costs `cost`: the chunk of Kruskal and Weiss ("Allocating independent
/// subtasks on parallel processors", IEEE TSE 11, 1985), k = (√2 · n · h / (σ · p · √ln p))^(2/3) tasks, for n =
/// `items` tasks of `mean` length, p = `lanes`, h = `cost`, with σ taken to be the mean. Zero for no cost.
Nanoseconds chunk_time(std::uint32_t items, Nanoseconds mean, std::uint32_t lanes, Nanoseconds cost);

/// One shard: never two tests at once, one worker process at a time. Decides; performs nothing and knows no clock, so
/// that every sequence of events can be tested. The driver calls one function for each thing that happens and performs
/// the commands that come back.
///
/// States: idle (no worker) → working (a worker runs or asks) ⇄ waiting (it asked, and there is nothing yet) → leaving
/// (nothing more to give; its exit is awaited) → idle.
class Lane {
 public:
  Lane(LaneOptions options, const TestList& list, const Plan& plan);

  /// To be called while idle(): takes work and starts a worker. Empty when there is nothing at the moment; then done()
  /// tells whether there will be any.
  std::vector<Command> next(WorkSource& source, Nanoseconds now);
  /// To be called while waiting(): gives the worker what there is now, or lets it go. Gives nothing unless it
  /// `may_run`.
  std::vector<Command> offer(WorkSource& source, Nanoseconds now, bool may_run);
  /// The worker said something.
  std::vector<Command> on_event(const Event& event, WorkSource& source, Nanoseconds now);
  /// The worker ended; everything it said was handed over before.
  std::vector<Command> on_exit(const WorkerEnd& end, WorkSource& source, Nanoseconds now);
  /// The worker could not be started.
  std::vector<Command> on_start_failed(const std::string& why);
  /// Kills what has run for too long. Call at deadline() at the latest.
  std::vector<Command> on_tick(Nanoseconds now);
  /// Ends the worker at once; what it runs becomes "not run: <why>".
  std::vector<Command> stop_now(const std::string& why);
  /// What the worker says is not what a worker says. Ends it; what it runs becomes "crashed: <why>".
  std::vector<Command> on_damage(const std::string& why);
  /// The driver itself stood still for so long. What could happen meanwhile is yet to be heard of, so that what runs
  /// has as much time left as it had before.
  void spare(Nanoseconds pause);

  bool idle() const noexcept { return !worker_.alive; }
  /// The worker asked for tests, and has no answer yet.
  bool waiting() const noexcept { return worker_.alive && worker_.waiting; }
  /// Since when, while waiting().
  Nanoseconds waiting_since() const noexcept { return worker_.waiting_since; }
  /// Idle, and the source has nothing for this lane any more.
  bool done() const noexcept { return done_ && idle() && pending_.empty() && retries_.empty(); }
  /// When next() has something to do again although nothing happened; Nanoseconds::max() for never.
  Nanoseconds wakes() const { return retries_.due(); }
  /// When on_tick() has something to do; Nanoseconds::max() for never.
  Nanoseconds deadline() const noexcept;
  /// The item that runs at this moment, or -1; for progress displays.
  std::int64_t running_item() const noexcept { return worker_.alive && worker_.current ? worker_.item : -1; }
  Nanoseconds running_since() const noexcept { return worker_.since; }
  /// Of the item that runs, counted as in command::Record; 0 when none does.
  std::uint32_t running_attempt() const noexcept {
    return running_item() < 0 ? 0 : retries_.attempt_of(static_cast<std::uint32_t>(worker_.item));
  }

 private:
  struct Worker {
    bool alive = false;
    bool asking = false;
    bool waiting = false;  ///< It asks, and may be given something later.
    Nanoseconds waiting_since{};
    bool finished = false;
    bool dismissed = false;
    bool failed = false;  ///< A test or a phase of it reported a failure.
    bool ran_a_test = false;
    bool current = false;    ///< A test is running.
    std::int64_t item = -1;  ///< The one that runs or ran last.
    bool again = false;      ///< That one failed, and is to run a second time before anything else does.
    Nanoseconds since{};     ///< Since when the test or the phase runs.
    detail::Phase phase = detail::Phase::start;
    std::string suite;
    std::vector<Message> messages;
    Properties properties;
    std::uint64_t offset = 0;  ///< Where the output of the test or phase begins.
    std::string killed;        ///< Why we killed it; empty when we did not.
    bool timed_out = false;
    bool damaged = false;  ///< Killed because of what it said.
    Nanoseconds spared{};  ///< No deadline is earlier.
    Nanoseconds batch_start{};
    std::uint32_t batch_size = 0;
    bool only_batch = false;             ///< It is given nothing more: a retry has a process to itself.
    bool only = false;                   ///< As in command::Start: what it says may be heard late, and all at once.
    Nanoseconds last_end{};              ///< Of its tests, by itself.
    std::optional<Nanoseconds> started;  ///< When its start began; nothing once that was told as a Cost.
    std::optional<Nanoseconds> set_up;   ///< What the set-up of the suite at hand took.
  };

  Isolation isolation_of(std::uint32_t item) const;
  bool may_get_more() const;
  Isolation claim_isolation() const noexcept { return options_.one_at_a_time ? Isolation::test : options_.isolation; }
  bool share_process(std::uint32_t one, std::uint32_t other) const;
  std::uint32_t want(WorkSource& source) const;
  Nanoseconds budget() const;
  void learn(Nanoseconds now);
  bool serve(WorkSource& source, Nanoseconds now, std::vector<Command>& out);
  void dismiss(Nanoseconds now, std::vector<Command>& out);
  void give(std::vector<std::uint32_t> items, Nanoseconds now);
  std::vector<Command> start(std::vector<std::uint32_t> items, std::uint32_t attempt, Nanoseconds now);
  std::vector<Command> start_retry(WorkSource& source, Nanoseconds now);
  std::vector<Command> start_pending(WorkSource& source, Nanoseconds now);
  std::vector<Command> start_claimed(WorkSource& source, Nanoseconds now);
  std::vector<Command> retire();
  void give_up_retries(std::vector<Command>& out);
  std::int64_t take_index(std::uint32_t index);
  void measure_phase(Nanoseconds end, bool starts_are_over, std::vector<Command>& out);
  void close_phase(std::uint64_t offset, std::vector<Command>& out);
  void record_current(Outcome outcome, std::string reason, Nanoseconds now, std::uint64_t offset, WorkSource& source,
                      std::vector<Command>& out);
  command::Give gift(std::vector<std::uint32_t> items) const;
  void leave_process(Nanoseconds now, std::vector<Command>& out);
  void record_rest(Outcome outcome, const std::string& reason, std::vector<Command>& out);
  void judge_rest(const std::string& how, WorkSource& source, const WorkerEnd& end, std::vector<Command>& out);
  void judge_exit(const std::string& how, const WorkerEnd& end, std::vector<Command>& out);
  std::string phase_text() const;
  void unlock(std::vector<Command>& out);

  void on(const event::Asks&, WorkSource& source, Nanoseconds now, std::vector<Command>& out);
  void on(const event::Started& e, WorkSource& source, Nanoseconds now, std::vector<Command>& out);
  void on(const event::Said& e, WorkSource& source, Nanoseconds now, std::vector<Command>& out);
  void on(const event::Recorded& e, WorkSource& source, Nanoseconds now, std::vector<Command>& out);
  void on(const event::Ended& e, WorkSource& source, Nanoseconds now, std::vector<Command>& out);
  void on(const event::Entered& e, WorkSource& source, Nanoseconds now, std::vector<Command>& out);
  void on(const event::AsksAgain& e, WorkSource& source, Nanoseconds now, std::vector<Command>& out);
  void on(const event::Finished&, WorkSource& source, Nanoseconds now, std::vector<Command>& out);
  void on(const event::Refused& e, WorkSource& source, Nanoseconds now, std::vector<Command>& out);
  void on(const event::Listed&, WorkSource&, Nanoseconds, std::vector<Command>&) {}
  void on(const event::ListDone&, WorkSource&, Nanoseconds, std::vector<Command>&) {}

  LaneOptions options_;
  const TestList& list_;
  const Plan& plan_;
  Worker worker_;
  std::deque<std::uint32_t> batch_;    ///< Given to the worker, not started.
  std::deque<std::uint32_t> pending_;  ///< Claimed, for the next worker.
  bool exclusive_ = false;             ///< Locks, weight or memory are held for the one item in hand.
  RetryBook retries_;
  bool done_ = false;
  std::uint32_t deaths_in_a_row_ = 0;   ///< Workers that died before they ran a test.
  bool retired_ = false;                ///< It claims nothing more.
  std::uint32_t crashes_in_a_row_ = 0;  ///< Tests that ended their worker, with none that did not in between.
  double seconds_per_test_ = -1;        ///< Of the last batches; negative: nothing known.
  std::uint32_t last_want_ = 0;
};

}  // namespace cleave::plan
