// What a worker that asks for tests is told: these, not yet, or that there are none for it.
#include <algorithm>

#include "plan/lane.hpp"

namespace cleave::plan {

/// Of the worker at hand, as far as that was known when it started.
bool Lane::may_get_more() const {
  const bool shares =
      options_.isolation == Isolation::shard || (options_.isolation == Isolation::suite && !options_.one_at_a_time);
  return options_.pulls && shares && !worker_.only_batch;
}

/// False when it is to be let go.
bool Lane::serve(WorkSource& source, Nanoseconds now, std::vector<Command>& out) {
  const bool may_go_on = may_get_more() && pending_.empty() && retries_.due() > now && source.stopped().empty();
  if (!may_go_on) return false;
  Claim claimed = source.claim(worker_.item, want(source), claim_isolation(), budget());
  const auto other_repetition = [&](std::uint32_t item) {
    return plan_.items[item].repetition != plan_.items[static_cast<std::uint32_t>(worker_.item)].repetition;
  };
  const auto cut = std::find_if(claimed.items.begin(), claimed.items.end(), other_repetition);
  pending_.assign(cut, claimed.items.end());
  claimed.items.erase(cut, claimed.items.end());
  exclusive_ = claimed.exclusive;
  if (claimed.items.empty()) {
    worker_.waiting = claimed.worth_waiting && pending_.empty() && now - worker_.waiting_since < options_.patience;
    return worker_.waiting;
  }
  // How long it waited is not the tests' time.
  if (worker_.waiting) worker_.since = now;
  worker_.waiting = false;
  worker_.asking = false;
  give(claimed.items, now);
  out.push_back(gift(std::move(claimed.items)));
  return true;
}

void Lane::dismiss(Nanoseconds now, std::vector<Command>& out) {
  worker_.waiting = false;
  worker_.dismissed = true;
  worker_.since = now;
  out.push_back(command::Dismiss{});
}

std::vector<Command> Lane::offer(WorkSource& source, Nanoseconds now, bool may_run) {
  std::vector<Command> out;
  if (!waiting()) return out;
  const bool over = now - worker_.waiting_since >= options_.patience || !source.stopped().empty();
  if (!may_run && !over) return out;
  if (!may_run || !serve(source, now, out)) dismiss(now, out);
  return out;
}

}  // namespace cleave::plan
