#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "os/file.hpp"
#include "plan/claim.hpp"
#include "plan/planner.hpp"
#include "plan/result.hpp"
#include "report/merge.hpp"

namespace cleave::run {

/// The work of one run, shared by all its shards through a mapped file. Every claim happens under the lock of the
/// kernel on that file, which a dying process gives back; what it had claimed stays claimed, so that nothing runs twice
/// and merge() can tell what was lost. Holds no pointer and no address.
class Queue {
 public:
  /// Opens the queue at `path`, or makes it for `plan` and `lanes`. An error of kind `broken` when the file was made
  /// for another plan or by another version.
  static Result<Queue> open(const std::string& path, const plan::Plan& plan, std::uint32_t lanes);
  /// What stands in the file now; an error when it is none.
  static Result<report::QueueSnapshot> snapshot(const std::string& path);

  plan::Claim claim(std::uint32_t part, const plan::ClaimRequest& request, const plan::NeedsLocks& needs,
                    const plan::TakeLocks& take);
  std::uint32_t free_items(std::uint32_t part) const;
  /// Nothing more shall start; the first reason stays.
  void stop(const std::string& why);
  /// The reason, or an empty string.
  std::string stopped() const;
  /// Where a worker of the lane stores the number of the item that it starts, plus 1: outlives every process.
  std::atomic<std::uint32_t>* running_slot(std::uint32_t lane);

 private:
  os::Fd fd_;
  os::Mapping mapping_;
};

}  // namespace cleave::run
