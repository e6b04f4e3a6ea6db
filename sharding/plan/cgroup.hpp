#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cleave::plan {

/// Where the kernel shows one controller's files ("memory", "cpu") for a process: the folder of its own group first,
/// then that of each ancestor up to the mount point. A limit of any of them binds. A version that is not mounted, or
/// does not have the controller, has no folders; on a machine with both versions one of them may lack the files.
struct CgroupFolders {
  std::vector<std::string> v2;
  std::vector<std::string> v1;
};

/// Reads /proc/self/cgroup and /proc/self/mountinfo. A container whose own group is the root of its mount is looked at
/// from there; a group that lies outside of the mount leaves the mount point alone. Lines that are none are passed
/// over.
CgroupFolders cgroup_folders(std::string_view self_cgroup, std::string_view mountinfo, std::string_view controller);

}  // namespace cleave::plan
