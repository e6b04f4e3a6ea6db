#pragma once

#include <string_view>

#include "plan/cgroup.hpp"

namespace cleave::os {

/// The folders in which this process's limits of one controller stand; none where the kernel shows no cgroups.
plan::CgroupFolders cgroup_folders(std::string_view controller);

}  // namespace cleave::os
