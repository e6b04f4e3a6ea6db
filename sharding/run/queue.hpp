#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "os/file.hpp"
#include "os/process.hpp"
#include "plan/claim.hpp"
#include "plan/planner.hpp"
#include "plan/result.hpp"
#include "report/merge.hpp"
#include "run/begin_marks.hpp"

namespace cleave::run {

/// The work of one run, shared by all its shards through a mapped file with a plan::Board in it. Every change happens
/// under the lock of the kernel on that file, which a dying process gives back; what it had claimed stays claimed, so
/// that nothing runs twice and merge() can tell what was lost. Holds no pointer and no address.
/// Workers that are forked have the marks of the file only, at the same address as here: what a test writes to memory
/// that it does not own cannot change what other shards stand on.
class Queue {
 public:
  /// Opens the queue at `path`, or makes it for `plan`. An error of kind `broken` when the file was made for another
  /// plan or by another version. `plan` outlives the queue.
  static Result<Queue> open(const std::string& path, const plan::Plan& plan, const plan::BoardOptions& options);
  /// What stands in the file now; an error when it is none.
  static Result<report::QueueSnapshot> snapshot(const std::string& path);

  /// From now on this process is the lane: when it is gone without leave(), the other lanes count what it had as lost.
  void enter(std::uint32_t lane);
  void leave(std::uint32_t lane);
  /// For those who look on: what the lane runs (negative: nothing), and since when.
  void show(std::uint32_t lane, std::int64_t item, report::UnixTime since);

  plan::Claim claim(const plan::ClaimRequest& request, const plan::NeedsLocks& needs, const plan::TakeLocks& take);
  bool claim_again(const plan::ClaimRequest& request, std::uint32_t item, bool alone, const plan::NeedsLocks& needs,
                   const plan::TakeLocks& take);
  /// The item came to its end. Stops the run when that is one red item too many. Others see it at once when they may
  /// wait for it, and at the next claim of this process when not.
  void finish(std::uint32_t item, plan::ItemEnd end);
  /// The lane runs nothing at the moment.
  void rest(std::uint32_t lane);
  /// True when another lane runs something at the moment.
  bool others_work(std::uint32_t lane) const;
  /// True when the run allows one more retry; it is then spent.
  bool spend_retry();
  std::uint32_t free_items(std::uint32_t part) const;
  /// How many items are neither finished nor dropped, over all parts.
  std::uint32_t open_items() const;
  /// As plan::Board::reopen(), of an execution that CTest repeats, where a test waits for another. Nowhere has any of
  /// the items begun after that.
  void reopen(const std::vector<std::uint32_t>& items, std::uint32_t lane);
  /// Of an item that was reopened: what it waits for, or why it does not run; neither: it may run now.
  struct Turn {
    bool waits = false;
    std::string why_not;
  };
  Turn turn_of(std::uint32_t item, std::uint32_t lane);
  /// Why what waits at the barrier is not run.
  std::string why_doomed(std::uint32_t barrier) const;
  /// Nothing more shall start; the first reason stays.
  void stop(const std::string& why);
  /// The reason, or an empty string.
  std::string stopped() const;
  /// Where the workers of the lane mark what they begin.
  BeginMarks marks_of(std::uint32_t lane);

 private:
  plan::Board board() const;
  void tell_ends();
  void lose_dead_lanes();
  void stop_locked(const std::string& why);

  os::Fd fd_;
  os::Mapping mapping_;
  os::Mapping marks_;  ///< What workers write: by lane what they start plus 1 (4 bytes), then by item a 1 once begun.
  const plan::Plan* plan_ = nullptr;
  std::vector<std::pair<std::uint32_t, plan::ItemEnd>> untold_;  ///< Ends that the board does not have yet.
};

}  // namespace cleave::run
