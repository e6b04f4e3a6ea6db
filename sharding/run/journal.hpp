#pragma once

#include <string>

#include "os/fd.hpp"
#include "plan/codec.hpp"
#include "report/merge.hpp"
#include "report/record.hpp"

namespace cleave::run {

/// Appends records to the journal of one entry. One writer at a time (an entry is executed by one process).
class JournalWriter {
 public:
  static Result<JournalWriter> open(const std::string& path);
  /// Keeps the record until flush().
  void add(const report::Record& record) { report::encode(record, buffer_); }
  /// Writes what was added, as a whole. An error is kept and told by failed().
  void flush();
  /// Why a write failed; empty when none did. A run whose journal is not whole is broken.
  const std::string& failed() const noexcept { return failed_; }

 private:
  os::Fd fd_;
  std::string path_;
  std::string buffer_;
  std::string failed_;
};

/// All journals of a run directory.
std::vector<report::Journal> read_journals(const std::string& run_directory);
/// The same with records that are not read yet, but known to be whole.
std::vector<report::Journal> load_journals(const std::string& run_directory);
/// One of them; no records when it is not there.
report::Journal read_journal(const std::string& path);

}  // namespace cleave::run
