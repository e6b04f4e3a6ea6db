#pragma once

#include <cstdint>
#include <string>

#include "os/file.hpp"
#include "plan/result.hpp"

namespace cleave::os {

/// While one lives, no thread of this process forks, so that what it guards is whole in every child. For short work
/// that neither waits nor forks. Not recursive; process-wide.
class ForkGuard {
 public:
  ForkGuard();
  ~ForkGuard();
  ForkGuard(const ForkGuard&) = delete;
  ForkGuard& operator=(const ForkGuard&) = delete;
};

/// Another number in a process than in every process that it forks.
std::uint64_t fork_generation() noexcept;

/// Tells files apart, also one from another that took its path.
struct FileId {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  bool operator==(const FileId&) const = default;
};

/// A file opened once more, whose bytes can be locked: exclusively, or shared with others. The locks belong to the
/// opening ("open file description locks", F_OFD_SETLK), so that two RangeLocks exclude each other within one process
/// as between processes. The kernel frees them when this is closed or its process dies, however it dies. A forked child
/// has none of them: its copy of the descriptor, which would keep the locks of a dead parent, is closed within fork().
class RangeLock {
 public:
  RangeLock() = default;
  /// Makes the file (0600) when it is not there; never through a symbolic link.
  static Result<RangeLock> open(const std::string& path);
  RangeLock(RangeLock&& other) noexcept { swap(other); }
  RangeLock& operator=(RangeLock&& other) noexcept {
    RangeLock taken(std::move(other));
    swap(taken);
    return *this;
  }
  RangeLock(const RangeLock&) = delete;
  RangeLock& operator=(const RangeLock&) = delete;
  /// Not while this thread has a ForkGuard.
  ~RangeLock() { close(); }

  const FileId& file() const noexcept { return file_; }
  /// True when the byte is locked by this now. Changes a lock of this one's between exclusive and shared.
  Result<bool> try_lock(std::uint64_t byte, bool exclusive);
  /// Waits in the kernel until the byte is locked by this; goes on waiting after a signal.
  Result<void> lock(std::uint64_t byte, bool exclusive);
  /// True when try_lock() would have failed at this moment.
  Result<bool> is_taken(std::uint64_t byte, bool exclusive) const;
  void unlock(std::uint64_t byte) noexcept;
  /// Maps the beginning of the file; see Mapping::map. The mapping, and its copy in every forked child, keeps this
  /// opening alive with all of its locks: so never lock what was mapped.
  Result<Mapping> map(std::size_t size) const { return Mapping::map(fd_, size); }
  /// Gives back all locks. In a forked child, where they are gone already, nothing happens.
  void close() noexcept;

 private:
  void swap(RangeLock& other) noexcept;

  int fd_ = -1;
  std::uint64_t generation_ = 0;
  FileId file_;
};

}  // namespace cleave::os
