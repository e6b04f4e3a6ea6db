#pragma once

#include <chrono>
#include <string>

#include "os/file.hpp"
#include "plan/result.hpp"

namespace cleave::os {

/// A file that holds the time of the newest start, so that processes that know nothing of each other (the shards of one
/// ctest) start their workers apart. Nothing is booked ahead and no lock is held: a process that dies while it waits
/// delays nobody, and whatever stands in the file delays nobody for longer than plan::kStaleStart. All processes of one
/// machine may have the same file open; it is theirs to remove.
class StartCell {
 public:
  /// Makes the file (0600) when it is not there. An Error of kind `corrupt` when it is something else than such a file.
  static Result<StartCell> open(const std::string& path);

  /// Zero when a worker may start now: then `now` is the newest start, and no other process gets the same answer within
  /// `apart` of it. Otherwise how long to wait before asking again, at most `apart`; somebody else may come first then.
  /// `now` is a time of monotonic_now().
  std::chrono::nanoseconds try_start(std::chrono::nanoseconds apart, std::chrono::nanoseconds now) noexcept;

 private:
  explicit StartCell(Mapping mapping) noexcept : mapping_(std::move(mapping)) {}

  Mapping mapping_;
};

}  // namespace cleave::os
