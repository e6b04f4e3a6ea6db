// How a shard hears of what its worker does.
#include <algorithm>

#include "os/machine.hpp"
#include "run/shard.hpp"

namespace cleave::run {
void Shard::read_events() {
  if (!worker_.ring.valid()) return;
  char rung[256];
  const auto got = worker_.events.valid() ? os::read_some(worker_.events.get(), rung, sizeof rung) : std::size_t{1};
  if (got && *got == 0) worker_.events.reset();
  // As long as much happens, a look now and then is cheaper than to be rung for each event. And without a bell nobody
  // rings: the worker ends, or a test closed what is not its own and runs on.
  if (take_events() || !worker_.events.valid()) {
    look_again_ = os::monotonic_now() + kLookPause;
  } else if (os::monotonic_now() >= look_again_) {
    look_again_ = std::chrono::nanoseconds::max();
    while (worker_.ring.valid() && !worker_.ring.fall_asleep()) take_events();
  }
}

/// True when there were any.
bool Shard::take_events() {
  const std::size_t before = buffer_.size();
  if (!worker_.ring.read(buffer_)) {
    damaged("its memory is not as the worker leaves it");
    return true;
  }
  if (buffer_.size() == before) return false;
  plan::FrameCutter cutter(buffer_, plan::kLargestEventType);
  const plan::Nanoseconds now = os::monotonic_now();
  while (const auto frame = cutter.next()) {
    auto e = plan::decode(*frame);
    if (!e) {
      damaged(e.error().what);
      return true;
    }
    perform(lane_.on_event(*e, source_, now));
    if (const auto* started = std::get_if<plan::event::Started>(&*e)) tell_begin(*started);
  }
  if (cutter.corrupt()) {
    damaged("something else was written among them");
    return true;
  }
  buffer_.erase(0, cutter.used());
  return true;
}

/// Unless it is a test that nobody asked for.
void Shard::tell_begin(const plan::event::Started& started) {
  if (lane_.running_item() < 0 || lane_.running_since() != started.when) return;
  setup_.listener->on_begin({static_cast<std::uint32_t>(lane_.running_item()), attempt_number(lane_.running_attempt()),
                             setup_.shard, wall(started.when), worker_pid_});
}

/// Only a test that writes to memory it does not own can do this: nothing the worker says counts any more.
void Shard::damaged(const std::string& how) {
  report::Problem out;
  out.title = setup_.shard + ": the worker's events are damaged";
  out.detail = how + "; a test wrote to memory that it does not own";
  out.run_broken = true;
  problem(std::move(out));
  worker_.ring = {};
  buffer_.clear();
  perform(lane_.on_damage("ended, because the worker's events are damaged: whether the test passed is not known"));
}

}  // namespace cleave::run
