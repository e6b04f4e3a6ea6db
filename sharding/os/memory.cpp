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

/// A limit that is no less than all of the machine's memory binds nobody: then the group's usage is not looked at,
/// which would cost the kernel more than all the rest.
plan::MemoryRoom room_of(const std::string& folder, const Names& names, std::uint64_t machine_total) {
  const auto limit = text_of(folder, names.limit);
  const auto soft_limit = text_of(folder, names.soft_limit);
  plan::MemoryGroupTexts texts{limit, soft_limit, std::nullopt, std::nullopt};
  if (plan::memory_of_group(texts).total >= machine_total) return {};
  const auto usage = text_of(folder, names.usage);
  const auto statistics = text_of(folder, "memory.stat");
  texts.usage = usage;
  texts.statistics = statistics;
  return plan::memory_of_group(texts);
}

}  // namespace

MemoryGauge MemoryGauge::of_this_process() { return MemoryGauge("/proc/meminfo", cgroup_folders("memory")); }

MemoryGauge::MemoryGauge(std::string meminfo, plan::CgroupFolders folders)
    : meminfo_(std::move(meminfo)), folders_(std::move(folders)) {}

plan::MemoryRoom MemoryGauge::read() const {
  plan::MemoryRoom machine;
  if (const auto text = read_file(meminfo_)) machine = plan::memory_of_machine(*text);
  plan::MemoryRoom room = machine;
  for (const std::string& folder : folders_.v2) room = narrower(room, room_of(folder, kV2, machine.total));
  for (const std::string& folder : folders_.v1) room = narrower(room, room_of(folder, kV1, machine.total));
  return room;
}

}  // namespace cleave::os
