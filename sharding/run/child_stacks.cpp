#include "run/child_stacks.hpp"

#include <algorithm>

#include "os/process.hpp"
#include "os/threads.hpp"
#include "plan/stack_text.hpp"
#include "report/text.hpp"

namespace cleave::run {
namespace {

using std::chrono::nanoseconds;

/// Of one process: enough for dozens of threads, and eight of them leave room for the worker's own.
constexpr std::size_t kMostText = 32 << 10;

std::string command_of(int pid) {
  std::string command;
  for (const std::string& argument : os::command_line_of(pid)) command += (command.empty() ? "" : " ") + argument;
  return report::one_line(command);
}

}  // namespace

ChildStacks ChildStacks::below(int pid) {
  ChildStacks children;
  const std::vector<std::string> keys = os::descendants_of(pid);
  for (const std::string& key : keys) {
    if (children.all_.size() == kMost) break;
    const int child = os::pid_of(key);
    const std::vector<plan::ThreadState> threads = os::threads_of(child);
    if (threads.empty()) continue;  // It has ended since.
    children.all_.push_back({child, plan::process_title(child, command_of(child), threads.front()), nullptr});
  }
  children.others_ = keys.size() > kMost ? keys.size() - kMost : 0;
  return children;
}

void ChildStacks::begin(const StackReader& reader, const std::string& scratch) {
  if (reader.off || reader.program.empty()) return;
  for (Each& each : all_) each.taking = std::make_unique<StackTaking>(reader, each.pid, 0, scratch);
}

std::vector<int> ChildStacks::poll_fds() const {
  std::vector<int> fds;
  for (const Each& each : all_) {
    if (each.taking && !each.taking->done()) fds.push_back(each.taking->poll_fd());
  }
  return fds;
}

nanoseconds ChildStacks::deadline() const {
  nanoseconds next = nanoseconds::max();
  for (const Each& each : all_) {
    if (each.taking && !each.taking->done()) next = std::min(next, each.taking->deadline());
  }
  return next;
}

bool ChildStacks::done() const {
  return std::all_of(all_.begin(), all_.end(), [](const Each& each) { return !each.taking || each.taking->done(); });
}

std::string ChildStacks::finish() {
  std::string text;
  for (Each& each : all_) {
    text += each.title + "\n";
    if (!each.taking) continue;
    std::string stacks = each.taking->finish();
    if (stacks.size() > kMostText) stacks = stacks.substr(0, stacks.rfind('\n', kMostText)) + "\n… and more\n";
    text += stacks;
  }
  if (others_ > 0) text += "… and " + std::to_string(others_) + " more processes\n";
  all_.clear();
  others_ = 0;
  return text;
}

}  // namespace cleave::run
