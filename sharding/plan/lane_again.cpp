// A test that failed runs a second time at once, in the process in which it failed.
#include "plan/lane.hpp"

namespace cleave::plan {

/// A batch holds first attempts, or one retry in a process of its own.
command::Give Lane::gift(std::vector<std::uint32_t> items) const {
  const bool may_run_again = retries_.next_is_in_same_process(items.front());
  return command::Give{std::move(items), may_run_again};
}

/// Whether it does was decided when its failure came on record; since then only the run can have stopped.
void Lane::on(const event::AsksAgain& e, WorkSource& source, Nanoseconds now, std::vector<Command>& out) {
  const bool due = worker_.again && plan_.items[static_cast<std::uint32_t>(worker_.item)].index == e.index;
  if (due && source.stopped().empty()) {
    out.push_back(command::Again{retries_.attempt_of(static_cast<std::uint32_t>(worker_.item))});
    return;
  }
  leave_process(now, out);
  out.push_back(command::Again{});
}

/// The worker went on to something else: a set-up failed the test rather than its body, it died, or the run stops.
void Lane::leave_process(Nanoseconds now, std::vector<Command>& out) {
  if (!worker_.again) return;
  worker_.again = false;
  worker_.failed = true;
  retries_.leave_process(static_cast<std::uint32_t>(worker_.item), now);
  unlock(out);
}

}  // namespace cleave::plan
