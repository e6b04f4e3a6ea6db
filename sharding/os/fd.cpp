#include "os/fd.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>

namespace cleave::os {
namespace {

constexpr int kFirstPipeFd = 200;

/// One bit for each descriptor that an Fd owns. Without a lock and without memory of its own, because Fds are made and
/// dropped by several threads of a test process, also while another thread forks. A descriptor past the end is only
/// CLOEXEC.
constexpr std::size_t kTracked = std::size_t{1} << 20;
constexpr std::size_t kBits = 64;
constinit std::array<std::atomic<std::uint64_t>, kTracked / kBits> g_owned{};
/// No tracked descriptor is larger; keeps close_owned_except() short.
constinit std::atomic<int> g_largest{-1};

void track(int fd, bool owned) noexcept {
  const auto number = static_cast<std::size_t>(fd);
  if (fd < 0 || number >= kTracked) return;
  const std::uint64_t bit = std::uint64_t{1} << (number % kBits);
  if (!owned) {
    g_owned[number / kBits].fetch_and(~bit, std::memory_order_relaxed);
    return;
  }
  g_owned[number / kBits].fetch_or(bit, std::memory_order_relaxed);
  int largest = g_largest.load(std::memory_order_relaxed);
  while (largest < fd && !g_largest.compare_exchange_weak(largest, fd, std::memory_order_relaxed)) {
  }
}

bool is_tracked(int fd) noexcept {
  const auto number = static_cast<std::size_t>(fd);
  return (g_owned[number / kBits].load(std::memory_order_relaxed) >> (number % kBits) & 1U) != 0;
}

}  // namespace

Fd moved_up(Fd fd) {
  const int high = ::fcntl(fd.get(), F_DUPFD_CLOEXEC, kFirstPipeFd);
  return high < 0 ? std::move(fd) : Fd(high);  // When the limit on descriptors is that low, it stays where it is.
}

Error system_error(std::string operation, int sys_errno) {
  operation += ": ";
  operation += std::strerror(sys_errno);
  return Error{Errc::system, std::move(operation), sys_errno};
}

bool is_bad_descriptor(const Error& error) noexcept { return error.sys_errno == EBADF; }

void open_standard_streams() noexcept {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    // The lowest number that is free is this one.
    if (::fcntl(fd, F_GETFD) < 0 && errno == EBADF) ::open("/dev/null", fd == STDIN_FILENO ? O_RDONLY : O_WRONLY);
  }
}

Fd::Fd(int fd) noexcept : fd_(fd) { track(fd, true); }

void Fd::reset() noexcept {
  const int fd = release();
  if (fd < 0) return;
  const int saved = errno;
  ::close(fd);
  errno = saved;
}

int Fd::release() noexcept {
  const int fd = std::exchange(fd_, -1);
  track(fd, false);
  return fd;
}

Fd duplicate(int fd) {
  const int high = ::fcntl(fd, F_DUPFD_CLOEXEC, kFirstPipeFd);
  return Fd(high >= 0 ? high : ::fcntl(fd, F_DUPFD_CLOEXEC, 0));
}

Result<Fd> opened_again(int fd) {
  const std::string path = "/proc/self/fd/" + std::to_string(fd);
  Fd opened(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  if (!opened.valid()) return system_error("open " + path, errno);
  return moved_up(std::move(opened));
}

Result<Fd> adopt_to_write(int fd) {
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags < 0) return system_error("use descriptor " + std::to_string(fd), errno);
  if ((flags & O_ACCMODE) == O_RDONLY) {
    return Error{Errc::system, "use descriptor " + std::to_string(fd) + ": it is open for reading only", EBADF};
  }
  return fd <= STDERR_FILENO ? duplicate(fd) : moved_up(Fd(fd));
}

void close_owned_except(std::span<const int> kept) noexcept {
  const int largest = g_largest.load(std::memory_order_relaxed);
  for (int fd = 0; fd <= largest; ++fd) {
    if (!is_tracked(fd) || std::find(kept.begin(), kept.end(), fd) != kept.end()) continue;
    ::close(fd);
    track(fd, false);
  }
}

Result<Pipe> Pipe::create() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return system_error("pipe2", errno);
  return Pipe{moved_up(Fd(ends[0])), moved_up(Fd(ends[1]))};
}

Result<std::size_t> read_some(int fd, void* data, std::size_t size) {
  while (true) {
    const ssize_t got = ::read(fd, data, size);
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR) return system_error("read", errno);
  }
}

Result<std::string> read_at(int fd, std::uint64_t offset, std::size_t size) {
  std::string bytes(size, '\0');
  std::size_t have = 0;
  while (have < size) {
    const ssize_t got = ::pread(fd, bytes.data() + have, size - have, static_cast<off_t>(offset + have));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error("pread", errno);
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
  }
  bytes.resize(have);
  return bytes;
}

Result<void> write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(fd, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return system_error("write", errno);
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return {};
}

void set_nonblocking(int fd) noexcept { ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK); }

void redirect(int fd, int target) noexcept { ::dup2(fd, target); }

bool is_terminal(int fd) noexcept { return ::isatty(fd) == 1; }

void keep_on_exec(int fd, bool keep) noexcept { ::fcntl(fd, F_SETFD, keep ? 0 : FD_CLOEXEC); }

std::uint64_t end_offset(int fd) noexcept {
  const off_t end = ::lseek(fd, 0, SEEK_END);
  return end < 0 ? 0 : static_cast<std::uint64_t>(end);
}

}  // namespace cleave::os
