#include "os/own_folder.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "os/fd.hpp"
#include "os/file.hpp"

namespace cleave::os {

std::string machine_folder() { return "/tmp/cleave-" + std::to_string(::geteuid()); }

namespace {

constexpr mode_t kPrivate = 0700;

std::string whose(const struct stat& status) {
  return "belongs to user " + std::to_string(status.st_uid) + ", not to user " + std::to_string(::geteuid());
}

/// Why the folder is not one that this user made, or an empty string.
std::string why_not_own(const struct stat& status) {
  if (S_ISLNK(status.st_mode)) return "is a link";
  if (!S_ISDIR(status.st_mode)) return "is no folder";
  return status.st_uid == ::geteuid() ? std::string() : whose(status);
}

Error not_used(const std::string& path, const std::string& why) {
  return Error{Errc::broken, "folder " + path + ": " + why + ": it is not used", 0};
}

}  // namespace

bool is_trusted(unsigned owner) noexcept {
  struct stat root {};
  return owner == 0 || owner == ::geteuid() || (::stat("/", &root) == 0 && owner == root.st_uid);
}

Result<void> make_own_folder(const std::string& path) {
  constexpr mode_t kWritableByOthers = 0022;
  if (::mkdir(path.c_str(), kPrivate) != 0 && errno != EEXIST) return system_error("make folder " + path, errno);
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) return system_error("look at folder " + path, errno);
  std::string why = why_not_own(status);
  if (why.empty() && (status.st_mode & kWritableByOthers) != 0) why = "can be written by others";
  if (!why.empty()) return not_used(path, why);
  return {};
}

Result<void> make_private_directories(const std::string& path) {
  if (auto made = make_directories(directory_of(path)); !made) return made.error();
  if (::mkdir(path.c_str(), kPrivate) == 0) return {};
  if (errno != EEXIST) return system_error("make folder " + path, errno);
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) return system_error("look at folder " + path, errno);
  const std::string why = why_not_own(status);
  if (!why.empty()) return not_used(path, why);
  return {};
}

Result<void> check_not_planted(const std::string& path) {
  constexpr mode_t kEverybodysPlace = S_ISVTX | S_IWOTH;
  for (std::string part = path; part.size() > 1; part = directory_of(part)) {
    struct stat status {};
    struct stat around {};
    if (::lstat(part.c_str(), &status) != 0 || ::stat(directory_of(part).c_str(), &around) != 0) continue;
    const bool open = (around.st_mode & kEverybodysPlace) == kEverybodysPlace;
    if (open && !is_trusted(status.st_uid)) return not_used(part, whose(status));
  }
  return {};
}

}  // namespace cleave::os
