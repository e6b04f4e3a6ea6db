#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "os/fd.hpp"
#include "run/run_context.hpp"

namespace cleave::run {

/// Finds what sanitizers said in one worker. They print to its standard error, which is captured: a test that dies of a
/// report has it in its own output. What else they say has to be looked for.
class SanitizerLog {
 public:
  /// Another worker.
  void at_another() { tests_.clear(); }
  /// Bytes [begin, end) of its output are those of this item of the plan.
  void ran(std::uint32_t item, std::uint64_t begin, std::uint64_t end) { tests_.push_back({item, begin, end}); }

  /// What a report in the worker's output says before `end`, with the test that ran: for a worker that fails at its end
  /// because of a report that it gave long before (ThreadSanitizer). Without a report, the test of a worker that ran
  /// only one; else empty.
  std::string printed(const RunContext& context, const os::Fd& output, std::uint64_t end) const;
  /// The logs that the worker `pid` wrote to a log_path of ASAN_OPTIONS and the like. Empty when there are none.
  static std::string written(int pid);

 private:
  struct Test {
    std::uint32_t item = 0;
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
  };
  std::vector<Test> tests_;
};

}  // namespace cleave::run
