#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "os/fd.hpp"
#include "plan/result.hpp"

namespace cleave::os {

/// Opens for reading and writing, makes it (0600) when it is not there, never through a symbolic link and never a FIFO.
Result<Fd> open_shared_file(const std::string& path);
/// Opens for appending, makes it (0600) when it is not there, never through a symbolic link and never a FIFO.
Result<Fd> open_append(const std::string& path);
/// Opens a file that the user named for appending, makes it as the umask has it when it is not there. Follows links, so
/// that /dev/stderr and a shell's >(…) can be named.
Result<Fd> open_users_append(const std::string& path);
/// A new file without a name in `directory`, for appending: it vanishes with its last descriptor.
Result<Fd> open_nameless(const std::string& directory);
/// Opens for reading.
Result<Fd> open_to_read(const std::string& path);
/// /dev/null for reading.
Result<Fd> open_null();
/// A FIFO (0600), open for reading and writing, so that it never ends; replaces what is there.
Result<Fd> make_fifo(const std::string& path);
/// Opens a FIFO for writing. An error when nobody reads it.
Result<Fd> open_fifo_to_write(const std::string& path);
/// Hands bytes on, from front to back.
using TakePiece = std::function<void(std::string_view)>;
using WriteInPieces = std::function<void(const TakePiece&)>;

/// The whole file. A FIFO is an error, never waited for.
Result<std::string> read_file(const std::string& path);
/// The whole file that the user named, which may also be a pipe: a shell's <(…).
Result<std::string> read_users_file(const std::string& path);
/// Replaces the file as a whole: readers see the old bytes or the new ones, never a part. Makes missing folders.
Result<void> write_file(const std::string& path, std::string_view bytes);
/// The same for bytes that nobody holds at once: `write` is called with what takes them piece by piece.
Result<void> write_file(const std::string& path, const WriteInPieces& write);
/// The same for a file that the user named. A device or a FIFO is written to: a file in its place would be no report,
/// and no /dev/null either.
Result<void> write_users_file(const std::string& path, std::string_view bytes);
/// The same for a file that only this user may read and write (0600). Unlike write_file() it may be called from several
/// threads at once.
Result<void> write_private_file(const std::string& path, std::string_view bytes);
Result<void> write_private_file(const std::string& path, const WriteInPieces& write);
/// Removes what write_file() left of the file's new bytes in processes that were killed. Only while nobody writes it.
void remove_torn_writes(const std::string& path) noexcept;
/// Makes the folder and its missing parents, `mode` 0700 for the new ones; fine when it is there already.
Result<void> make_directories(const std::string& path);
/// Makes a new folder (0700) whose path is `beginning` and six characters that no other has.
Result<std::string> make_private_folder(const std::string& beginning);
/// Removes a file, a link, or a folder with all below it, never following links; fine when it is not there.
void remove_tree(const std::string& path) noexcept;
/// The names in a folder, sorted, without "." and ".."; empty when it cannot be read.
std::vector<std::string> list_directory(const std::string& path);
/// Replaces the symbolic link as a whole. Until then it is at `temporary`, a path that only the caller uses and on the
/// same file system: in a folder that somebody removes, since a process that is killed may leave it there.
Result<void> replace_link(const std::string& target, const std::string& link, const std::string& temporary);
/// Where a symbolic link leads, or an empty string.
std::string read_link(const std::string& path);
bool exists(const std::string& path) noexcept;
/// In bytes; 0 when there is none.
std::uint64_t size_of(const std::string& path) noexcept;
/// When the file was last written, in wall-clock time since 1970; nothing when there is none.
std::optional<std::chrono::nanoseconds> modified_at(const std::string& path) noexcept;
bool is_empty_directory(const std::string& path) noexcept;
/// The path without its last part; "." when there is none.
std::string directory_of(std::string_view path);
/// The last part of the path.
std::string file_name_of(std::string_view path);
/// Absolute, against the current folder; nothing is resolved.
std::string absolute_path(std::string_view path);

/// True when some process holds a FileLock on the file, as far as this machine's kernel tells. Takes no lock, so that
/// nobody who wants it is turned away meanwhile. False when the file is not there.
bool is_locked(const std::string& path);

/// A lock of the kernel on a file of its own; freed when the last descriptor of it is closed, also by death.
class FileLock {
 public:
  /// Waits for it.
  static Result<FileLock> acquire(const std::string& path);
  /// Takes it when it is free; a FileLock with held() false when it is not.
  static Result<FileLock> try_acquire(const std::string& path, bool shared);
  bool held() const noexcept { return fd_.valid(); }
  /// A fork that keeps it open holds the lock too.
  int descriptor() const noexcept { return fd_.get(); }
  void release() noexcept { fd_.reset(); }

 private:
  Fd fd_;
};

/// Holds the lock of an open descriptor as long as it lives.
class FdLock {
 public:
  explicit FdLock(int fd) noexcept;
  ~FdLock();
  FdLock(const FdLock&) = delete;
  FdLock& operator=(const FdLock&) = delete;

 private:
  int fd_;
};

/// Memory shared with every process that maps the same file.
class Mapping {
 public:
  /// A multiple of the size of a page, 4 to 64 kB, wherever Cleave runs.
  static constexpr std::size_t kPage = 64 << 10;

  Mapping() = default;
  /// Maps `size` bytes of the file from `offset` on, which is a multiple of kPage. Makes the file so long.
  static Result<Mapping> map(int fd, std::size_t size, std::size_t offset = 0);
  /// All that is in the file now from `offset` on, which is a multiple of kPage. An error when that is nothing.
  static Result<Mapping> rest(int fd, std::size_t offset);
  /// Zeros that this process and its forks share, without a file.
  static Result<Mapping> shared(std::size_t size);
  Mapping(Mapping&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  Mapping& operator=(Mapping&& other) noexcept {
    Mapping taken(std::move(other));
    std::swap(data_, taken.data_);
    std::swap(size_, taken.size_);
    return *this;
  }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  ~Mapping();
  /// Processes that this one forks from now on have nothing at these addresses.
  void keep_from_forks() noexcept;
  void* data() const noexcept { return data_; }
  std::size_t size() const noexcept { return size_; }
  /// Gives it away: it stays mapped as long as the process lives.
  void* release() noexcept { return std::exchange(data_, nullptr); }

 private:
  static Result<Mapping> of_flags(int flags, int fd, std::size_t size, std::size_t offset);

  void* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace cleave::os
