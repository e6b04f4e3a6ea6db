#include "os/memory.hpp"

#include <optional>

#include "os/cgroup.hpp"
#include "os/file.hpp"

namespace cleave::os {
namespace {

/// The names of a version's files; empty for one that it does not have.
struct Names {
  std::string_view limit;
  std::string_view soft_limit;
  std::string_view usage;
};
constexpr Names kV2{"memory.max", "memory.high", "memory.current"};
constexpr Names kV1{"memory.limit_in_bytes", "", "memory.usage_in_bytes"};

std::optional<std::string> text_of(const std::string& folder, std::string_view name) {
  if (name.empty()) return std::nullopt;
  auto text = read_file(folder + "/" + std::string(name));
  if (!text) return std::nullopt;
  return std::move(*text);
}

plan::MemoryRoom room_of(const std::string& folder, const Names& names) {
  const auto limit = text_of(folder, names.limit);
  const auto soft_limit = text_of(folder, names.soft_limit);
  if (!limit && !soft_limit) return {};  // Version 2's root has neither, nor has a group without the controller.
  const auto usage = text_of(folder, names.usage);
  const auto statistics = text_of(folder, "memory.stat");
  return plan::memory_of_group(plan::MemoryGroupTexts{limit, soft_limit, usage, statistics});
}

}  // namespace

MemoryGauge MemoryGauge::of_this_process() { return MemoryGauge("/proc/meminfo", cgroup_folders("memory")); }

MemoryGauge::MemoryGauge(std::string meminfo, plan::CgroupFolders folders)
    : meminfo_(std::move(meminfo)), folders_(std::move(folders)) {}

plan::MemoryRoom MemoryGauge::read() const {
  plan::MemoryRoom room;
  if (const auto text = read_file(meminfo_)) room = plan::memory_of_machine(*text);
  for (const std::string& folder : folders_.v2) room = narrower(room, room_of(folder, kV2));
  for (const std::string& folder : folders_.v1) room = narrower(room, room_of(folder, kV1));
  return room;
}

}  // namespace cleave::os
