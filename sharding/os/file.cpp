#include "os/file.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>

namespace cleave::os {
namespace {

constexpr mode_t kPrivateFile = 0600;
constexpr mode_t kPrivateDirectory = 0700;
/// Stands between a file's name and six characters, as long as its new bytes are being written.
constexpr std::string_view kTemporary = ".tmp-";

Result<Fd> open_path(const std::string& path, int flags) {
  const int fd = ::open(path.c_str(), flags | O_CLOEXEC, kPrivateFile);
  if (fd < 0) return system_error("open " + path, errno);
  return Fd(fd);
}

/// A FIFO where a file is expected holds up whoever opens, reads or fills it, as long as it pleases who made it.
Result<Fd> unless_fifo(Result<Fd> opened, const std::string& path) {
  struct stat status {};
  if (opened && ::fstat(opened->get(), &status) == 0 && S_ISFIFO(status.st_mode))
    return Error{Errc::system, "open " + path + ": it is a FIFO, not a file", 0};
  return opened;
}

/// What a file claims to be is room made for, up to here.
constexpr off_t kExpected = off_t{64} << 20;

Result<std::string> read_all(const Fd& fd, const std::string& path) {
  std::string bytes;
  struct stat status {};
  if (::fstat(fd.get(), &status) == 0 && S_ISREG(status.st_mode)) {
    bytes.reserve(static_cast<std::size_t>(std::clamp<off_t>(status.st_size, 0, kExpected)));
  }
  char buffer[65536];
  while (true) {
    auto got = read_some(fd.get(), buffer, sizeof buffer);
    if (!got) return Error{Errc::system, "read " + path + ": " + got.error().what, got.error().sys_errno};
    if (*got == 0) return bytes;
    bytes.append(buffer, *got);
  }
}

int lock_fd(int fd, int operation) noexcept {
  int result = 0;
  do {
    result = ::flock(fd, operation);
  } while (result != 0 && errno == EINTR);
  return result;
}

void remove_below(int parent, const char* name, int depth) noexcept {
  if (::unlinkat(parent, name, 0) == 0 || errno == ENOENT) return;
  const int fd = ::openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return;
  ::fchmod(fd, kPrivateDirectory);
  DIR* const directory = ::fdopendir(fd);
  if (directory == nullptr) {
    ::close(fd);
    return;
  }
  constexpr int kDeepest = 200;  // One descriptor is open per level.
  while (const dirent* entry = ::readdir(directory)) {
    const std::string_view child = entry->d_name;
    if (child != "." && child != ".." && depth < kDeepest) remove_below(::dirfd(directory), entry->d_name, depth + 1);
  }
  ::closedir(directory);
  ::unlinkat(parent, name, AT_REMOVEDIR);
}

bool is_special(const std::string& path) noexcept {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode);
}

mode_t mode_of_users_files() noexcept {
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return 0666 & ~mask;
}

Result<void> replace_file(const std::string& path, const WriteInPieces& write, mode_t mode) {
  if (auto made = make_directories(directory_of(path)); !made) return made.error();
  std::string temporary = path + std::string(kTemporary) + "XXXXXX";
  Fd fd(::mkostemp(temporary.data(), O_CLOEXEC));
  if (!fd.valid()) return system_error("write " + path, errno);
  ::fchmod(fd.get(), mode);
  Result<void> written;
  write([&](std::string_view bytes) {
    if (written) written = write_all(fd.get(), bytes);
  });
  fd.reset();
  if (written && ::rename(temporary.c_str(), path.c_str()) == 0) return {};
  const int why = written ? errno : written.error().sys_errno;
  ::unlink(temporary.c_str());
  return system_error("write " + path, why);
}

}  // namespace

Result<Fd> open_shared_file(const std::string& path) {
  return unless_fifo(open_path(path, O_RDWR | O_CREAT | O_NOFOLLOW), path);
}

Result<Fd> open_append(const std::string& path) {
  return unless_fifo(open_path(path, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW), path);
}

Result<Fd> open_users_append(const std::string& path) {
  constexpr mode_t kAsTheUmaskHasIt = 0666;
  int fd = -1;
  do {
    fd = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, kAsTheUmaskHasIt);
  } while (fd < 0 && errno == EINTR);
  if (fd < 0) return system_error("open " + path + " for appending", errno);
  return moved_up(Fd(fd));
}

Result<Fd> open_nameless(const std::string& directory) {
  if (auto fd = open_path(directory, O_RDWR | O_APPEND | O_TMPFILE); fd) return fd;
  // File systems without O_TMPFILE: a name for a moment.
  std::string path = directory + "/.captureXXXXXX";
  const int fd = ::mkostemp(path.data(), O_APPEND | O_CLOEXEC);
  if (fd < 0) return system_error("open a capture file in " + directory, errno);
  ::unlink(path.c_str());
  return Fd(fd);
}

Result<Fd> open_to_read(const std::string& path) { return open_path(path, O_RDONLY); }

Result<Fd> open_null() { return open_path("/dev/null", O_RDONLY); }

Result<std::string> make_private_folder(const std::string& beginning) {
  std::string path = beginning + "XXXXXX";
  if (::mkdtemp(path.data()) == nullptr) return system_error("make the folder " + path, errno);
  return path;
}

Result<Fd> make_fifo(const std::string& path) {
  ::unlink(path.c_str());
  if (::mkfifo(path.c_str(), 0600) != 0) return system_error("make the FIFO " + path, errno);
  const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd < 0) return system_error("open " + path, errno);
  return moved_up(Fd(fd));
}

Result<Fd> open_fifo_to_write(const std::string& path) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd < 0) return system_error("open " + path, errno);
  return Fd(fd);
}

Result<std::string> read_file(const std::string& path) {
  const auto fd = unless_fifo(open_path(path, O_RDONLY | O_NONBLOCK), path);
  if (!fd) return fd.error();
  return read_all(*fd, path);
}

Result<std::string> read_users_file(const std::string& path) {
  const auto fd = open_path(path, O_RDONLY);
  if (!fd) return fd.error();
  return read_all(*fd, path);
}

Result<void> write_file(const std::string& path, std::string_view bytes) {
  return write_file(path, [&](const TakePiece& take) { take(bytes); });
}

Result<void> write_file(const std::string& path, const WriteInPieces& write) {
  return replace_file(path, write, mode_of_users_files());
}

Result<void> write_private_file(const std::string& path, std::string_view bytes) {
  return write_private_file(path, [&](const TakePiece& take) { take(bytes); });
}

Result<void> write_private_file(const std::string& path, const WriteInPieces& write) {
  return replace_file(path, write, kPrivateFile);
}

Result<void> write_users_file(const std::string& path, std::string_view bytes) {
  if (!is_special(path)) return write_file(path, bytes);
  const Fd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY));
  if (!fd.valid()) return system_error("open " + path, errno);
  auto written = write_all(fd.get(), bytes);
  return written ? written : system_error("write " + path, written.error().sys_errno);
}

void remove_torn_writes(const std::string& path) noexcept {
  const std::string beginning = file_name_of(path) + std::string(kTemporary);
  for (const std::string& name : list_directory(directory_of(path))) {
    if (name.starts_with(beginning)) ::unlink((directory_of(path) + "/" + name).c_str());
  }
}

Result<void> make_directories(const std::string& path) {
  if (path.empty() || ::mkdir(path.c_str(), kPrivateDirectory) == 0) return {};
  if (errno == ENOENT) {
    if (auto parent = make_directories(directory_of(path)); !parent) return parent.error();
    if (::mkdir(path.c_str(), kPrivateDirectory) == 0) return {};
  }
  const int why = errno;
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) return {};
  return system_error("make folder " + path, why);
}

void remove_tree(const std::string& path) noexcept { remove_below(AT_FDCWD, path.c_str(), 0); }

std::vector<std::string> list_directory(const std::string& path) {
  std::vector<std::string> names;
  DIR* const directory = ::opendir(path.c_str());
  if (directory == nullptr) return names;
  while (const dirent* entry = ::readdir(directory)) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  ::closedir(directory);
  std::sort(names.begin(), names.end());
  return names;
}

Result<void> replace_link(const std::string& target, const std::string& link, const std::string& temporary) {
  ::unlink(temporary.c_str());
  if (::symlink(target.c_str(), temporary.c_str()) != 0) return system_error("link " + link, errno);
  if (::rename(temporary.c_str(), link.c_str()) == 0) return {};
  const int why = errno;
  ::unlink(temporary.c_str());
  return system_error("link " + link, why);
}

std::string read_link(const std::string& path) {
  char buffer[4096];
  const ssize_t size = ::readlink(path.c_str(), buffer, sizeof buffer);
  return size < 0 ? std::string() : std::string(buffer, static_cast<std::size_t>(size));
}

bool exists(const std::string& path) noexcept { return ::access(path.c_str(), F_OK) == 0; }

std::uint64_t size_of(const std::string& path) noexcept {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

std::optional<std::chrono::nanoseconds> modified_at(const std::string& path) noexcept {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  return std::chrono::seconds(status.st_mtim.tv_sec) + std::chrono::nanoseconds(status.st_mtim.tv_nsec);
}

bool is_empty_directory(const std::string& path) noexcept { return exists(path) && list_directory(path).empty(); }

std::string directory_of(std::string_view path) {
  const auto slash = path.rfind('/');
  if (slash == std::string_view::npos) return ".";
  return std::string(slash == 0 ? path.substr(0, 1) : path.substr(0, slash));
}

std::string file_name_of(std::string_view path) {
  const auto slash = path.rfind('/');
  return std::string(slash == std::string_view::npos ? path : path.substr(slash + 1));
}

std::string absolute_path(std::string_view path) {
  if (path.starts_with('/')) return std::string(path);
  char* const current = ::getcwd(nullptr, 0);
  std::string result = current == nullptr ? "" : current;
  std::free(current);
  return result + "/" + std::string(path);
}

bool is_locked(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return false;
  // "1: FLOCK  ADVISORY  WRITE 4711 fe:00:1234 0 EOF"; the device in hexadecimal digits, the inode in decimal ones.
  std::array<char, 64> file{};
  std::snprintf(file.data(), file.size(), " %02x:%02x:%llu ", major(status.st_dev), minor(status.st_dev),
                static_cast<unsigned long long>(status.st_ino));
  const auto locks = read_file("/proc/locks");
  return locks && locks->find(file.data()) != std::string::npos;
}

Result<FileLock> FileLock::acquire(const std::string& path) {
  auto fd = open_shared_file(path);
  if (!fd) return fd.error();
  if (lock_fd(fd->get(), LOCK_EX) != 0) return system_error("lock " + path, errno);
  FileLock lock;
  lock.fd_ = std::move(*fd);
  return lock;
}

Result<FileLock> FileLock::try_acquire(const std::string& path, bool shared) {
  auto fd = open_shared_file(path);
  if (!fd) return fd.error();
  FileLock lock;
  if (lock_fd(fd->get(), (shared ? LOCK_SH : LOCK_EX) | LOCK_NB) == 0) {
    lock.fd_ = std::move(*fd);
  } else if (errno != EWOULDBLOCK) {
    return system_error("lock " + path, errno);
  }
  return lock;
}

FdLock::FdLock(int fd) noexcept : fd_(fd) { lock_fd(fd_, LOCK_EX); }

FdLock::~FdLock() { lock_fd(fd_, LOCK_UN); }

Result<Mapping> Mapping::map(int fd, std::size_t size, std::size_t offset) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return system_error("fstat", errno);
  if (static_cast<std::size_t>(status.st_size) < offset + size) {
    // Reserves the blocks, so that a full disk is an error here and not a SIGBUS at some later store.
    if (const int why = ::posix_fallocate(fd, 0, static_cast<off_t>(offset + size)); why != 0) {
      return system_error("reserve " + std::to_string(offset + size) + " bytes", why);
    }
  }
  return of_flags(MAP_SHARED, fd, size, offset);
}

Result<Mapping> Mapping::rest(int fd, std::size_t offset) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return system_error("fstat", errno);
  const auto size = static_cast<std::size_t>(status.st_size);
  if (offset >= size) return Error{Errc::corrupt, "has only " + std::to_string(size) + " bytes", 0};
  return of_flags(MAP_SHARED, fd, size - offset, offset);
}

Result<Mapping> Mapping::shared(std::size_t size) { return of_flags(MAP_SHARED | MAP_ANONYMOUS, -1, size, 0); }

Result<Mapping> Mapping::of_flags(int flags, int fd, std::size_t size, std::size_t offset) {
  void* const data = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, flags, fd, static_cast<off_t>(offset));
  if (data == MAP_FAILED) return system_error("mmap", errno);
  Mapping mapping;
  mapping.data_ = data;
  mapping.size_ = size;
  return mapping;
}

void Mapping::keep_from_forks() noexcept { (void)::madvise(data_, size_, MADV_DONTFORK); }

Mapping::~Mapping() {
  if (data_ != nullptr) ::munmap(data_, size_);
}

}  // namespace cleave::os
