#include <algorithm>

#include "os/machine.hpp"
#include "run/shard.hpp"

namespace cleave::run {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

/// After the first signal, what runs may come to its end for so long.
constexpr std::chrono::seconds kGrace{10};
/// A shard that waits for something to do looks again after this share of the time for which it has waited. What
/// another process did is then noticed after so small a part of what there was to wait for.
constexpr int kShareOfWait = 64;
constexpr milliseconds kShortestPause{1};
constexpr milliseconds kLongestPause{5};
constexpr milliseconds kLongestWait{1000};
/// A round that took so much longer than it waited stood still: the supervisor was stopped, or the machine slept.
constexpr milliseconds kStoodStill{250};
/// Without pidfd_open the end of a worker is looked for this often.
constexpr milliseconds kBlindWait{10};

milliseconds time_to_wait(const std::vector<std::unique_ptr<Shard>>& shards, nanoseconds next_look, nanoseconds now) {
  nanoseconds next = std::min<nanoseconds>(next_look, now + kLongestWait);
  for (const auto& shard : shards) {
    if (shard->deadline() != nanoseconds::max()) next = std::min(next, shard->deadline());
    if (const nanoseconds since = shard->waiting_since(); since != nanoseconds::max()) {
      const nanoseconds pause = (now - since) / kShareOfWait;
      next = std::min(next, now + std::clamp<nanoseconds>(pause, kShortestPause, kLongestPause));
    }
    if (!shard->idle() && shard->poll_fds().back() < 0) next = std::min<nanoseconds>(next, now + kBlindWait);
  }
  return std::max(milliseconds(0), std::chrono::ceil<milliseconds>(next - now));
}

}  // namespace

/// The one loop. Each round: give idle shards work; write the journal; show how far it is; wait until something happens
/// (an event, the end of a worker, a signal, a deadline); take it in. Ends when every shard is done, or is idle after a
/// signal.
std::string run_shards(std::vector<std::unique_ptr<Shard>>& shards, const std::function<void()>& flush, Queue* queue,
                       os::SignalWatch& signals, Listener& listener) {
  std::string interrupted;
  nanoseconds give_up = nanoseconds::max();
  nanoseconds heard = os::monotonic_now();  ///< When shards were last told the time.
  const LanesNow lanes = [&] {
    std::vector<report::LaneState> states;
    for (const auto& shard : shards) {
      if (!shard->done()) states.push_back(shard->state());
    }
    return states;
  };
  while (true) {
    const int count = signals.count();
    const nanoseconds now = os::monotonic_now();
    if (count > 0 && interrupted.empty()) {
      interrupted = os::signal_name(signals.last());
      give_up = now + kGrace;
      queue->stop("interrupted by " + interrupted);
      listener.on_stopping(interrupted, lanes, give_up);
    }
    if (count > 1 || now >= give_up) {
      for (const auto& shard : shards) shard->stop_now("interrupted by " + interrupted + " while it ran");
    }
    bool all_done = true;
    for (const auto& shard : shards) {
      shard->start_next();
      all_done = all_done && shard->done();
    }
    flush();
    if (all_done) return interrupted;
    const nanoseconds next_look = listener.on_round(lanes, os::monotonic_now());

    std::vector<int> fds{signals.poll_fd()};
    for (const auto& shard : shards) {
      for (const int fd : shard->poll_fds()) fds.push_back(fd);
    }
    const milliseconds wait = std::min(time_to_wait(shards, next_look, os::monotonic_now()),
                                       interrupted.empty() ? kLongestWait : milliseconds(100));
    os::wait_readable(fds, wait);
    const nanoseconds woke = os::monotonic_now();
    // When it fell into the wait, nobody knows how much of that it took: all of the round is given.
    const nanoseconds pause = woke - heard > wait + kStoodStill ? woke - heard : nanoseconds(0);
    heard = woke;
    for (const auto& shard : shards) {
      if (pause.count() > 0) shard->spare(pause);
      shard->pump(woke);
    }
  }
}

}  // namespace cleave::run
