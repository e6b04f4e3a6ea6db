#include "run/ctest_attempt.hpp"

#include <algorithm>
#include <map>

namespace cleave::run {

std::uint32_t last_queue(const report::Journal& journal) {
  std::uint32_t queue = 0;
  for (const report::Record& record : journal.records) {
    const auto* begin = std::get_if<report::ExecutionBegin>(&record);
    if (begin != nullptr && begin->queue != 0) {
      queue = begin->queue;
    }
  }
  return queue;
}

std::uint32_t lost_attempt(const report::Journal& journal, std::uint32_t item, std::uint32_t retries) {
  std::uint32_t before = 0;
  for (const report::Record& record : journal.records) {
    if (const auto* begin = std::get_if<report::ExecutionBegin>(&record)) {
      before = (begin->execution - 1) * (retries + 1);
    } else if (const auto* attempt = std::get_if<report::AttemptRecord>(&record)) {
      if (attempt->item == item) before = std::max(before, attempt->attempt.attempt);
    }
  }
  return before + 1;
}

bool told_last(const report::Journal& journal, std::uint32_t item) {
  bool told = false;
  for (const report::Record& record : journal.records) {
    if (std::holds_alternative<report::ExecutionBegin>(record)) told = false;
    const auto* attempt = std::get_if<report::AttemptRecord>(&record);
    told = told || (attempt != nullptr && attempt->item == item);
  }
  return told;
}

bool has_ended(const report::Journal& journal) {
  return journal.records.empty() || std::holds_alternative<report::ExecutionEnd>(journal.records.back());
}

Attempt next_attempt(const report::Journal& journal, const std::vector<std::uint32_t>& held) {
  Attempt next;
  if (journal.records.empty()) {
    return next;
  }
  std::map<std::uint32_t, bool> green;  // Of the last execution, by item.
  std::map<std::uint32_t, bool> last;   // The last outcome since the entry claimed from a queue.
  bool ended_green = true;
  for (const report::Record& record : journal.records) {
    if (const auto* begin = std::get_if<report::ExecutionBegin>(&record)) {
      next.execution = begin->execution + 1;
      if (begin->queue != 0) {
        last.clear();
      }
      green.clear();
      ended_green = false;  // Until its end is read.
    } else if (const auto* attempt = std::get_if<report::AttemptRecord>(&record)) {
      green[attempt->item] = plan::is_green(attempt->attempt.outcome);
      last[attempt->item] = plan::is_green(attempt->attempt.outcome);
    } else if (const auto* end = std::get_if<report::ExecutionEnd>(&record)) {
      ended_green = end->exit_code == 0;
    }
  }
  next.queue = std::max(1U, last_queue(journal));
  if (ended_green) {
    ++next.queue;
    return next;
  }
  next.again = true;
  for (const std::uint32_t item : held) {
    if (!last[item]) {
      green[item] = false;
    }
  }
  bool any_red = false;
  for (const auto& [item, was_green] : green) {
    any_red = any_red || !was_green;
  }
  for (const auto& [item, was_green] : green) {
    if (!was_green || !any_red) {
      next.items.push_back(item);
    }
  }
  return next;
}

}  // namespace cleave::run
