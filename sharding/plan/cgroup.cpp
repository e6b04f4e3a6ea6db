#include "plan/cgroup.hpp"

#include <algorithm>
#include <optional>

namespace cleave::plan {
namespace {

/// What stands before the next `separator`, which goes too; all of it when there is none.
std::string_view take(std::string_view& text, char separator) {
  const auto end = text.find(separator);
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return part;
}

bool lists(std::string_view names, std::string_view name) {
  while (!names.empty()) {
    if (take(names, ',') == name) return true;
  }
  return false;
}

/// The kernel writes blanks, tabs, line ends and backslashes of a path as three octal digits.
std::string unescaped(std::string_view path) {
  const auto octal = [](char c) { return c >= '0' && c <= '7'; };
  std::string plain;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] == '\\' && i + 3 < path.size() && octal(path[i + 1]) && octal(path[i + 2]) && octal(path[i + 3])) {
      plain += static_cast<char>((path[i + 1] - '0') * 64 + (path[i + 2] - '0') * 8 + (path[i + 3] - '0'));
      i += 3;
    } else {
      plain += path[i];
    }
  }
  return plain;
}

/// The group of the process: of version 2 when `controller` is empty.
std::optional<std::string> group_of(std::string_view self_cgroup, std::string_view controller) {
  while (!self_cgroup.empty()) {
    std::string_view path = take(self_cgroup, '\n');
    const std::string_view number = take(path, ':');
    const std::string_view controllers = take(path, ':');
    if (!path.starts_with('/')) continue;
    const bool fits = controller.empty() ? number == "0" && controllers.empty() : lists(controllers, controller);
    if (fits) return std::string(path);
  }
  return std::nullopt;
}

struct Mount {
  std::string root;
  std::string point;
};

/// Where the hierarchy is mounted: version 2 when `controller` is empty.
std::optional<Mount> mount_of(std::string_view mountinfo, std::string_view controller) {
  while (!mountinfo.empty()) {
    std::string_view line = take(mountinfo, '\n');
    const auto dash = line.find(" - ");
    if (dash == std::string_view::npos) continue;
    std::string_view kind = line.substr(dash + 3);
    const std::string_view type = take(kind, ' ');
    take(kind, ' ');
    if (controller.empty() ? type != "cgroup2" : type != "cgroup" || !lists(kind, controller)) continue;
    for (int field = 0; field < 3; ++field) take(line, ' ');
    Mount mount;
    mount.root = unescaped(take(line, ' '));
    mount.point = unescaped(take(line, ' '));
    if (mount.root.starts_with('/') && mount.point.starts_with('/')) return mount;
  }
  return std::nullopt;
}

std::vector<std::string> folders(const std::optional<std::string>& group, const std::optional<Mount>& mount) {
  if (!group || !mount) return {};
  const std::string root = mount->root == "/" ? "" : mount->root;
  const bool inside = group->starts_with(root) && (group->size() == root.size() || (*group)[root.size()] == '/');
  std::string below = inside ? group->substr(root.size()) : "";
  if (below == "/.." || below.starts_with("/../")) below.clear();  // Outside of this process's cgroup namespace.
  std::vector<std::string> all;
  while (!below.empty() && below != "/") {
    all.push_back(mount->point + below);
    below.resize(below.rfind('/'));
  }
  all.push_back(mount->point);
  return all;
}

}  // namespace

CgroupFolders cgroup_folders(std::string_view self_cgroup, std::string_view mountinfo, std::string_view controller) {
  CgroupFolders found;
  found.v2 = folders(group_of(self_cgroup, ""), mount_of(mountinfo, ""));
  if (!controller.empty()) found.v1 = folders(group_of(self_cgroup, controller), mount_of(mountinfo, controller));
  return found;
}

}  // namespace cleave::plan
