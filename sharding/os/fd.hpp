#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "plan/result.hpp"

namespace cleave::os {

/// An Error of kind `system` with the text "operation: strerror(errno)".
Error system_error(std::string operation, int sys_errno);
/// True when the descriptor was not open, or open for something else.
bool is_bad_descriptor(const Error& error) noexcept;

/// Opens /dev/null where standard input, output or error is closed: else the next file that is opened takes its place,
/// and what is printed goes there.
void open_standard_streams() noexcept;

/// Owns one descriptor. Every one that an Fd owns is known to close_owned_except(), so that a forked worker can drop
/// all that belongs to its supervisor. The destructor keeps errno.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) noexcept;
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    Fd taken(std::move(other));
    std::swap(fd_, taken.fd_);
    return *this;
  }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  ~Fd() { reset(); }

  int get() const noexcept { return fd_; }
  bool valid() const noexcept { return fd_ >= 0; }
  /// Closes it, if there is one.
  void reset() noexcept;
  /// Gives it away: no longer known, no longer closed.
  int release() noexcept;

 private:
  int fd_ = -1;
};

/// In a forked child: closes every descriptor that an Fd owned at the fork, except those in `kept`.
void close_owned_except(std::span<const int> kept) noexcept;

/// Two ends, both CLOEXEC, numbered from 200 upwards where the limit allows, out of the way of tests that look at
/// descriptor numbers.
struct Pipe {
  Fd read_end;
  Fd write_end;
  static Result<Pipe> create();
};

/// The same descriptor under a number from 200 upwards where the limit allows.
Fd moved_up(Fd fd);

/// Another descriptor for the same open file, CLOEXEC, numbered from 200 upwards where the limit allows.
Fd duplicate(int fd);

/// The open file anew, to read and write: what is locked through `fd` is not locked through that.
Result<Fd> opened_again(int fd);

/// The descriptor that whoever started this process left open for writing, as one of ours: workers do not get it any
/// more, unless it is one of the standard streams. An error when nothing is open there, or not for writing.
Result<Fd> adopt_to_write(int fd);

/// Reads what is there, at most `size` bytes, again after EINTR. 0 at the end. EAGAIN is an Error like any other.
Result<std::size_t> read_some(int fd, void* data, std::size_t size);
/// Reads at an offset; fewer bytes than asked for only at the end of the file.
Result<std::string> read_at(int fd, std::uint64_t offset, std::size_t size);
/// Writes all of it, again after EINTR and short writes.
Result<void> write_all(int fd, std::string_view bytes);
/// Switches O_NONBLOCK on.
void set_nonblocking(int fd) noexcept;
/// Makes `target` refer to what `fd` refers to (dup2); used for the standard streams of a worker.
void redirect(int fd, int target) noexcept;
/// True when the descriptor is a terminal.
bool is_terminal(int fd) noexcept;
/// Keeps the descriptor open across exec, or not.
void keep_on_exec(int fd, bool keep) noexcept;
/// Where the next write to an O_APPEND descriptor will go: the size of the file behind it.
std::uint64_t end_offset(int fd) noexcept;

}  // namespace cleave::os
