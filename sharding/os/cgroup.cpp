#include "os/cgroup.hpp"

#include "os/file.hpp"

namespace cleave::os {

plan::CgroupFolders cgroup_folders(std::string_view controller) {
  const auto groups = read_file("/proc/self/cgroup");
  const auto mounts = read_file("/proc/self/mountinfo");
  if (!groups || !mounts) return {};
  return plan::cgroup_folders(*groups, *mounts, controller);
}

}  // namespace cleave::os
