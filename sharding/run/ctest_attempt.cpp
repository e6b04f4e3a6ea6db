#include "run/ctest_attempt.hpp"

#include <map>

namespace cleave::run {

Attempt next_attempt(const report::Journal& journal, const plan::Plan&, std::string_view) {
  Attempt next;
  std::map<std::uint32_t, bool> green;  // Of the last execution, by item.
  bool ended_green = true;
  std::uint32_t queue = 1;
  for (const report::Record& record : journal.records) {
    if (const auto* begin = std::get_if<report::ExecutionBegin>(&record)) {
      next.execution = begin->execution + 1;
      queue = begin->queue == 0 ? queue : begin->queue;
      green.clear();
      ended_green = false;  // Until its end is read.
    } else if (const auto* attempt = std::get_if<report::AttemptRecord>(&record)) {
      green[attempt->item] = plan::is_green(attempt->attempt.outcome);
    } else if (const auto* end = std::get_if<report::ExecutionEnd>(&record)) {
      ended_green = end->exit_code == 0;
    }
  }
  if (journal.records.empty()) return next;
  if (ended_green) {
    next.queue = queue + 1;
    return next;
  }
  next.again = true;
  next.queue = queue;
  bool any_red = false;
  for (const auto& [item, was_green] : green) any_red = any_red || !was_green;
  for (const auto& [item, was_green] : green) {
    if (!was_green || !any_red) next.items.push_back(item);
  }
  return next;
}

}  // namespace cleave::run
