#pragma once

#include <cstdint>
#include <vector>

#include "report/merge.hpp"

namespace cleave::run {

/// What the next execution of a CTest entry within one run is for. CTest executes an entry again under --repeat; it
/// does not say why, but its own rules do: after a green execution it can only be `until-fail`, which wants everything
/// once more; after a red one only `until-pass` or `after-timeout`, which want what was not green.
struct Attempt {
  std::uint32_t execution = 1;
  std::uint32_t queue = 1;  ///< The shared queue to claim from: the n-th time around has the n-th queue.
  bool again = false;       ///< Run `items`, and nothing from a queue.
  std::vector<std::uint32_t> items;
};

/// From the journal of the entry so far (no records: its first execution). `held` are the items that its lane holds in
/// the queue of its last execution: those of them without an outcome (the entry was killed) count as not green. A red
/// execution without any such item is repeated as a whole.
Attempt next_attempt(const report::Journal& journal, const std::vector<std::uint32_t>& held);
/// The number of the queue that the last execution claimed from; 0 when there was none.
std::uint32_t last_queue(const report::Journal& journal);
/// The number, unique within the run, of the attempt at the item that the last execution was killed in. An execution
/// has `retries` + 1 numbers for each item.
std::uint32_t lost_attempt(const report::Journal& journal, std::uint32_t item, std::uint32_t retries);
/// True when the last execution told of an outcome of the item.
bool told_last(const report::Journal& journal, std::uint32_t item);
/// False when the last execution was killed before it could close its journal.
bool has_ended(const report::Journal& journal);

}  // namespace cleave::run
