#include "os/own_folder.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "os/fd.hpp"

namespace cleave::os {

std::string machine_folder() { return "/tmp/cleave-" + std::to_string(::geteuid()); }

Result<void> make_own_folder(const std::string& path) {
  constexpr mode_t kPrivate = 0700;
  constexpr mode_t kWritableByOthers = 0022;
  if (::mkdir(path.c_str(), kPrivate) != 0 && errno != EEXIST) return system_error("make folder " + path, errno);
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) return system_error("look at folder " + path, errno);
  std::string why;
  if (S_ISLNK(status.st_mode)) {
    why = "is a link";
  } else if (!S_ISDIR(status.st_mode)) {
    why = "is no folder";
  } else if (status.st_uid != ::geteuid()) {
    why = "belongs to user " + std::to_string(status.st_uid) + ", not to user " + std::to_string(::geteuid());
  } else if ((status.st_mode & kWritableByOthers) != 0) {
    why = "can be written by others";
  }
  if (!why.empty()) return Error{Errc::broken, "folder " + path + ": " + why + ": it is not used", 0};
  return {};
}

}  // namespace cleave::os
