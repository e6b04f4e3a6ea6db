#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "plan/planner.hpp"
#include "report/model.hpp"
#include "report/record.hpp"

namespace cleave::report {

/// The bytes of one journal, read.
struct Journal {
  std::string file;  ///< For messages.
  std::vector<Record> records;
  std::string unreadable;  ///< Why it could not be read; empty when it could.
  /// Further records, whole and not read yet: those of 100,000 tests take 30 MB as values, and 9 MB so.
  std::string bytes;
};

/// All records of the journal, in order; attempts that are passed over may be left out.
void for_each_record(const Journal& journal, const std::function<void(const Record&)>& look,
                     Attempts attempts = Attempts::wanted);

/// Who holds what in one queue, as it stands when the run ends.
struct QueueSnapshot {
  std::vector<std::uint32_t> holders;  ///< By item: lane + 1, or 0.
  std::vector<std::uint32_t> running;  ///< By lane: item + 1 that its worker started last, or 0.
  std::vector<std::uint8_t> begun;     ///< By item: 1 when a worker began it.
  /// By lane, what its supervisor knows to run at this moment.
  struct Now {
    std::uint32_t item = 0;
    UnixTime since{};
  };
  std::map<std::uint32_t, Now> now;
  std::uint32_t red = 0;         ///< Items that ended red, as far as it was told.
  bool retries_ran_out = false;  ///< A test was not tried again because the run allowed no more retries.
};

/// A CTest entry that was started, and ended before it had a journal.
struct LostStart {
  std::string shard;
  int pid = 0;
};

/// What is known of a run besides its journals.
struct MergeInput {
  RunReport frame;  ///< Everything but rows, problems, properties and notes; `list` is the whole list.
  const plan::Plan* plan = nullptr;
  std::vector<Journal> journals;
  std::map<std::uint32_t, QueueSnapshot> queues;  ///< By number, from 1.
  std::vector<LostStart> lost_starts;
  std::vector<bool> cached;             ///< By test, or empty: it passed before and was not run.
  std::vector<std::string> quarantine;  ///< By test, as TestRow::quarantine; may be empty.
  /// Every selected test must have run, also those of parts that no entry worked on.
  bool all_parts_required = false;
};

/// Joins the journals into the one report. Pure; the order of the journals does not matter.
/// - Every selected test of a part that was worked on has at least one attempt: what no journal tells becomes "not
/// run",
///   or "crashed" when a worker began it and the shard that was to hear of its end was killed, with the reason.
/// - Parts that nobody worked on are left out of the rows' attempts and named in a note; with `all_parts_required` they
///   are "not run".
/// - An entry that was started and has no beginning in a journal breaks the run; its part counts as worked on.
/// - An attempt that is told twice breaks the run.
RunReport merge(MergeInput input);

/// True when the last execution of at least one entry ended red or did not end: then CTest knows of a red run.
bool any_entry_ended_red(const std::vector<Journal>& journals);

}  // namespace cleave::report
