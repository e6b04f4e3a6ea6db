#pragma once

#include <string>
#include <vector>

#include "plan/cgroup.hpp"
#include "plan/memory.hpp"

namespace cleave::os {

/// How much memory a new test may take, as the kernel shows it: the least of what /proc/meminfo and each cgroup from
/// this process's own up to the mount point leave, of version 1 and 2. Any process may have one. Where the files stand
/// is looked up once, so that a process that is moved to another cgroup needs a new one.
class MemoryGauge {
 public:
  static MemoryGauge of_this_process();
  /// For other places than those of this process.
  MemoryGauge(std::string meminfo, plan::CgroupFolders folders);

  /// At this moment. What cannot be read sets no limit. Reads a few small files: measured with three groups, 40 µs
  /// where none has a limit, and 240 µs where the kernel has to add up the usage of each.
  plan::MemoryRoom read() const;

 private:
  std::string meminfo_;
  plan::CgroupFolders folders_;
};

}  // namespace cleave::os
