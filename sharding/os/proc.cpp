// What /proc tells about other processes: ancestors, children, groups, command lines.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <ctime>

#include "os/file.hpp"
#include "os/machine.hpp"
#include "os/process.hpp"

namespace cleave::os {
namespace {

/// The fields of /proc/PID/stat that matter here.
struct ProcStat {
  std::string command;
  char state = '?';
  int parent = 0;
  int group = 0;
  std::uint64_t start_ticks = 0;
};

std::optional<ProcStat> stat_of(int pid) {
  auto text = read_file("/proc/" + std::to_string(pid) + "/stat");
  if (!text) return std::nullopt;
  // The command is in parentheses and may itself hold any character: the last ')' ends it.
  const auto open = text->find('(');
  const auto close = text->rfind(')');
  if (open == std::string::npos || close == std::string::npos || close + 2 >= text->size()) return std::nullopt;
  ProcStat stat;
  stat.command = text->substr(open + 1, close - open - 1);
  std::string_view rest(*text);
  rest.remove_prefix(close + 2);
  for (int field = 3; !rest.empty(); ++field) {
    const auto space = rest.find(' ');
    const std::string_view value = rest.substr(0, space);
    const char* const end = value.data() + value.size();
    if (field == 3 && !value.empty()) stat.state = value[0];
    if (field == 4) std::from_chars(value.data(), end, stat.parent);
    if (field == 5) std::from_chars(value.data(), end, stat.group);
    if (field == 22) {
      std::from_chars(value.data(), end, stat.start_ticks);
      break;
    }
    if (space == std::string_view::npos) break;
    rest.remove_prefix(space + 1);
  }
  return stat;
}

std::vector<int> all_pids() {
  std::vector<int> pids;
  for (const std::string& name : list_directory("/proc")) {
    int pid = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (error == std::errc() && end == name.data() + name.size()) pids.push_back(pid);
  }
  return pids;
}

}  // namespace

std::vector<int> child_pids() {
  std::vector<int> pids;
  const int self = current_pid();
  for (const int pid : all_pids()) {
    const auto stat = stat_of(pid);
    if (stat && stat->parent == self) pids.push_back(pid);
  }
  return pids;
}

std::vector<Stray> strays(const std::vector<int>& known) {
  std::vector<Stray> found;
  for (const int pid : child_pids()) {
    if (std::find(known.begin(), known.end(), pid) != known.end()) continue;
    if (const auto stat = stat_of(pid)) found.push_back(Stray{pid, stat->command, stat->state == 'Z'});
  }
  return found;
}

std::vector<Stray> end_strays(const std::vector<int>& known) {
  constexpr std::chrono::seconds kPatience{5};
  const auto limit = monotonic_now() + kPatience;
  std::vector<Stray> ended;
  for (auto found = strays(known); !found.empty() && monotonic_now() < limit; found = strays(known)) {
    for (const Stray& stray : found) {
      const auto is_this = [&](const Stray& other) { return other.pid == stray.pid; };
      if (!stray.dead && std::none_of(ended.begin(), ended.end(), is_this)) ended.push_back(stray);
    }
    kill_strays(found);
  }
  return ended;
}

std::vector<Stray> group_members(int group) {
  // The usual case without a look at every process of the machine.
  if (::kill(-group, 0) != 0) return {};
  std::vector<Stray> found;
  for (const int pid : all_pids()) {
    const auto stat = stat_of(pid);
    if (stat && stat->group == group && stat->state != 'Z') found.push_back(Stray{pid, stat->command, false});
  }
  return found;
}

void kill_strays(const std::vector<Stray>& found) noexcept {
  for (const Stray& stray : found) ::kill(stray.pid, SIGKILL);
  // A killed process is reaped by its parent: by this one, once it is an orphan. Bounded, since a parent may linger.
  constexpr int kRounds = 200;
  for (int round = 0; round < kRounds; ++round) {
    bool any = false;
    for (const Stray& stray : found) {
      const int got = ::waitpid(stray.pid, nullptr, WNOHANG);
      if (got == 0) any = true;
    }
    if (!any) return;
    const timespec pause{0, 1'000'000};
    ::nanosleep(&pause, nullptr);
  }
}

ProcessKey ctest_or_parent() noexcept {
  const int parent = parent_pid();
  ProcessKey nearest{parent, 0};
  int pid = parent;
  for (int depth = 0; depth < 64 && pid > 1; ++depth) {
    const auto stat = stat_of(pid);
    if (!stat) break;
    if (pid == parent) nearest.start_ticks = stat->start_ticks;
    if (stat->command == "ctest") return ProcessKey{pid, stat->start_ticks};
    pid = stat->parent;
  }
  return nearest;
}

int group_of(int pid) noexcept {
  const auto stat = stat_of(pid);
  return stat ? stat->group : 0;
}

int own_group() noexcept { return ::getpgrp(); }

ProcessKey ProcessKey::of(int pid) {
  const auto stat = stat_of(pid);
  return ProcessKey{pid, stat && stat->state != 'Z' ? stat->start_ticks : 0};
}

int pid_of(std::string_view key) noexcept {
  int pid = 0;
  std::from_chars(key.data(), key.data() + std::min(key.find('-'), key.size()), pid);
  return pid;
}

std::vector<std::string> descendants_of(int pid) {
  struct Each {
    int pid;
    ProcStat stat;
  };
  std::vector<Each> all;
  for (const int each : all_pids()) {
    if (auto stat = stat_of(each)) all.push_back({each, std::move(*stat)});
  }
  std::vector<int> family{pid};
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < family.size(); ++i) {
    for (const Each& each : all) {
      if (each.stat.parent != family[i] || each.stat.state == 'Z') continue;
      family.push_back(each.pid);
      keys.push_back(ProcessKey{each.pid, each.stat.start_ticks}.text());
    }
  }
  return keys;
}

std::vector<std::string> processes_with(std::string_view assignment) {
  std::vector<std::string> keys;
  const std::string wanted = std::string(1, '\0').append(assignment) + '\0';
  for (const int pid : all_pids()) {
    auto environment = read_file("/proc/" + std::to_string(pid) + "/environ");
    if (!environment || (std::string(1, '\0') + *environment).find(wanted) == std::string::npos) continue;
    const ProcessKey key = ProcessKey::of(pid);
    if (key.start_ticks != 0) keys.push_back(key.text());
  }
  return keys;
}

bool is_alive(std::string_view key) noexcept {
  const auto dash = key.find('-');
  if (dash == std::string_view::npos) return false;
  const int pid = pid_of(key);
  std::uint64_t start = 0;
  std::from_chars(key.data() + dash + 1, key.data() + key.size(), start);
  const auto stat = stat_of(pid);
  return stat && stat->start_ticks == start && stat->state != 'Z';
}

std::vector<std::string> command_line_of(int pid) {
  std::vector<std::string> arguments;
  auto text = read_file("/proc/" + std::to_string(pid) + "/cmdline");
  if (!text) return arguments;
  std::string_view rest(*text);
  while (!rest.empty()) {
    const auto end = rest.find('\0');
    arguments.emplace_back(rest.substr(0, end));
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  return arguments;
}

}  // namespace cleave::os
