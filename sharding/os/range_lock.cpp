#include "os/range_lock.hpp"

#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <mutex>
#include <vector>

namespace cleave::os {
namespace {

constinit std::mutex g_guard;
constinit std::atomic<std::uint64_t> g_generation{1};

/// The descriptors of all RangeLocks of this process. Guarded by g_guard; never destroyed.
std::vector<int>& open_locks() {
  static auto* const fds = new std::vector<int>();
  return *fds;
}

void before_fork() { g_guard.lock(); }

void after_fork_in_parent() { g_guard.unlock(); }

void after_fork_in_child() {
  for (const int fd : open_locks()) ::close(fd);
  open_locks().clear();
  g_generation.fetch_add(1, std::memory_order_relaxed);
  g_guard.unlock();
}

void watch_forks() {
  static const bool watched = [] {
    open_locks();
    return ::pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child) == 0;
  }();
  CLEAVE_ASSERT(watched);
}

struct flock range(std::uint64_t byte, int type) {
  struct flock lock {};
  lock.l_type = static_cast<short>(type);
  lock.l_whence = SEEK_SET;
  lock.l_start = static_cast<off_t>(byte);
  lock.l_len = 1;
  return lock;
}

int type_of(bool exclusive) { return exclusive ? F_WRLCK : F_RDLCK; }

}  // namespace

ForkGuard::ForkGuard() {
  watch_forks();
  g_guard.lock();
}

ForkGuard::~ForkGuard() { g_guard.unlock(); }

std::uint64_t fork_generation() noexcept { return g_generation.load(std::memory_order_relaxed); }

Result<RangeLock> RangeLock::open(const std::string& path) {
  RangeLock lock;
  {
    const ForkGuard guard;
    auto opened = open_shared_file(path);
    if (!opened) return opened.error();
    Fd fd = moved_up(std::move(*opened));
    open_locks().push_back(fd.get());
    lock.fd_ = fd.release();
    lock.generation_ = fork_generation();
  }
  struct stat status {};
  if (::fstat(lock.fd_, &status) != 0) return system_error("fstat " + path, errno);
  lock.file_ = FileId{status.st_dev, status.st_ino};
  return lock;
}

Result<bool> RangeLock::try_lock(std::uint64_t byte, bool exclusive) {
  struct flock lock = range(byte, type_of(exclusive));
  if (::fcntl(fd_, F_OFD_SETLK, &lock) == 0) return true;
  if (errno == EAGAIN || errno == EACCES) return false;
  return system_error("lock", errno);
}

Result<void> RangeLock::lock(std::uint64_t byte, bool exclusive) {
  struct flock lock = range(byte, type_of(exclusive));
  while (::fcntl(fd_, F_OFD_SETLKW, &lock) != 0) {
    if (errno != EINTR) return system_error("lock", errno);
  }
  return {};
}

Result<bool> RangeLock::is_taken(std::uint64_t byte, bool exclusive) const {
  struct flock lock = range(byte, type_of(exclusive));
  if (::fcntl(fd_, F_OFD_GETLK, &lock) != 0) return system_error("lock", errno);
  return lock.l_type != F_UNLCK;
}

void RangeLock::unlock(std::uint64_t byte) noexcept {
  const int saved = errno;
  struct flock lock = range(byte, F_UNLCK);
  ::fcntl(fd_, F_OFD_SETLK, &lock);
  errno = saved;
}

void RangeLock::close() noexcept {
  const int fd = std::exchange(fd_, -1);
  if (fd < 0 || generation_ != fork_generation()) return;
  const int saved = errno;
  const ForkGuard guard;
  auto& fds = open_locks();
  fds.erase(std::remove(fds.begin(), fds.end(), fd), fds.end());
  ::close(fd);
  errno = saved;
}

void RangeLock::swap(RangeLock& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(generation_, other.generation_);
  std::swap(file_, other.file_);
}

}  // namespace cleave::os
