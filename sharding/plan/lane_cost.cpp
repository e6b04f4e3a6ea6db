// What a worker's time goes to beside its tests: its start, and the set-up and tear-down of suites.
#include "plan/lane.hpp"

namespace cleave::plan {

/// To be called when a test or a phase begins, with the phase before it still in force.
/// @param starts_are_over what begins is a test, or a suite: the start of the worker came to its end.
void Lane::measure_phase(Nanoseconds end, bool starts_are_over, std::vector<Command>& out) {
  const bool failed = !worker_.messages.empty();
  const Nanoseconds took = std::max(end - worker_.since, Nanoseconds(0));
  if (worker_.phase == detail::Phase::suite_set_up) {
    worker_.set_up = failed ? std::nullopt : std::optional(took);
  } else if (worker_.phase == detail::Phase::suite_tear_down && worker_.set_up) {
    if (!failed) out.push_back(command::Cost{worker_.suite, *worker_.set_up + took});
    worker_.set_up.reset();
  }
  if (starts_are_over && worker_.started) {
    if (!failed) out.push_back(command::Cost{"", std::max(end - *worker_.started, Nanoseconds(0))});
    worker_.started.reset();
  }
}

}  // namespace cleave::plan
