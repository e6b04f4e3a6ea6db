#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "plan/result.hpp"
#include "report/model.hpp"

namespace cleave::report {

/// Version of the journal format: frames (plan/codec.hpp) whose type byte is the place in Record.
inline constexpr std::uint32_t kJournalVersion = 4;

/// Opens each execution of an entry; a journal holds one or more executions.
struct ExecutionBegin {
  std::uint32_t version = kJournalVersion;
  std::string run_id;
  std::string shard;            ///< "shard-3", "serial", "lock-db".
  std::string part;             ///< The part of the plan that it works on: "parallel", "serial", …
  std::uint32_t execution = 1;  ///< 1 for the first time this entry is executed in this run.
  std::uint32_t queue = 1;      ///< The queue it claims from; 0: it repeats items of its own.
  std::uint32_t lane = 0;       ///< Its number in that queue.
  std::int32_t pid = 0;
  UnixTime when{};
};
/// One attempt of one item of the plan.
struct AttemptRecord {
  std::uint32_t item = 0;
  Attempt attempt;
};
/// An attempt of an item begins. Told while a run goes on, and not part of journals.
struct TestBegin {
  std::uint32_t item = 0;
  std::uint32_t attempt = 1;
  std::string shard;
  UnixTime when{};
  std::int32_t pid = 0;  ///< Of the process that runs it.
};
struct ProblemRecord {
  Problem problem;
};
struct PropertyRecord {
  std::string suite;
  std::string key;
  std::string value;
};
/// No shard starts anything more from here on.
struct StopRecord {
  std::string why;
};
/// Closes an execution that came to its end.
struct ExecutionEnd {
  std::int32_t exit_code = 0;
  std::string interrupted_by;
  UnixTime when{};
};
/// What a set-up, tear-down or start took.
struct CostRecord {
  SuiteCost cost;
};

using Record =
    std::variant<ExecutionBegin, AttemptRecord, ProblemRecord, PropertyRecord, StopRecord, ExecutionEnd, CostRecord>;

/// Appends the record as one frame.
void encode(const Record& record, std::string& out);

/// All whole records of a journal. A torn last frame (the writer was killed) is left out without a word: what it would
/// have told is found missing by merge(). Bytes that are no journal are an Error of kind `corrupt`.
Result<std::vector<Record>> decode_journal(std::string_view bytes);

/// Whether a reader wants the attempts, which are most of a journal.
enum class Attempts : std::uint8_t { wanted, passed_over };

/// The same one record at a time, which `take` may take apart. What comes before an error has been handed over by then.
/// Attempts that are passed over must be whole all the same.
Result<void> visit_journal(std::string_view bytes, const std::function<void(Record&)>& take,
                           Attempts attempts = Attempts::wanted);

}  // namespace cleave::report
