#include "plan/stack_text.hpp"

namespace cleave::plan {
namespace {

/// More than this is no reading for anybody; 64 threads of 64 frames each fit.
constexpr std::size_t kMostText = 512 << 10;
constexpr std::size_t kMostThreads = 64;
/// Of a command line.
constexpr std::size_t kMostCommand = 200;

enum class Kind { plain, eu_stack, gdb };

Kind kind_of(std::string_view program) {
  const std::string_view name = program.substr(program.rfind('/') + 1);
  if (name == "eu-stack") return Kind::eu_stack;
  return name.starts_with("gdb") ? Kind::gdb : Kind::plain;
}

std::string_view words_for(char state) {
  switch (state) {
    case 'R': return "runs";
    case 'S': return "waits";
    case 'D': return "waits for a device";
    case 'T': return "is stopped";
    case 't': return "is stopped by a debugger";
    case 'Z':
    case 'X': return "has ended";
    default: return "is in an unknown state";
  }
}

std::string doing_of(const ThreadState& thread) {
  std::string out(words_for(thread.state));
  if (!thread.call.empty()) out += ", in " + thread.call;
  if (!thread.kernel_place.empty()) out += ", in the kernel at " + thread.kernel_place;
  return out;
}

}  // namespace

std::vector<std::string> stack_arguments(const std::string& program, int pid, int thread) {
  const std::string process = std::to_string(pid);
  switch (kind_of(program)) {
    case Kind::eu_stack: return {program, "-i", "-s", "-n", "64", "-p", process};
    case Kind::gdb:
      return {program,
              "-nx",
              "-batch",
              "-ex",
              "set debuginfod enabled off",
              "-ex",
              "set print thread-events off",
              "-p",
              process,
              "-ex",
              "thread apply all bt 64"};
    case Kind::plain: break;
  }
  std::vector<std::string> arguments{program, process};
  if (thread > 0) arguments.push_back(std::to_string(thread));
  return arguments;
}

std::string readable_stacks(const std::string& program, std::string_view printed) {
  std::string_view text = printed;
  if (kind_of(program) == Kind::gdb) {
    // Before the first thread it tells what it loads.
    const std::size_t first = text.find("\nThread ");
    if (first == std::string_view::npos) return {};
    text.remove_prefix(first + 1);
    // And behind the last one that it leaves the process alone.
    text = text.substr(0, text.find("\n[Inferior "));
  }
  if (text.find('#') == std::string_view::npos) return {};
  std::string out(text.substr(0, kMostText));
  while (!out.empty() && out.back() == '\n') out.pop_back();
  out += text.size() > kMostText ? "\n… and more\n" : "\n";
  return out;
}

std::string stacks_without_frames(std::string_view why, const std::vector<ThreadState>& threads) {
  std::string out = "no stacks could be read: ";
  out.append(why).append("\n");
  std::size_t shown = 0;
  for (const ThreadState& thread : threads) {
    if (shown++ == kMostThreads) {
      out += "… and " + std::to_string(threads.size() - kMostThreads) + " more threads\n";
      break;
    }
    out += "thread " + std::to_string(thread.tid) + " (" + thread.name + ") ";
    out += doing_of(thread) + "\n";
  }
  return out;
}

std::string process_title(int pid, std::string_view command, const ThreadState& first) {
  std::string shown(command.empty() ? std::string_view(first.name) : command.substr(0, kMostCommand));
  if (command.size() > kMostCommand) {
    // Never a part of a character.
    std::size_t end = kMostCommand;
    while (end > 0 && (static_cast<unsigned char>(command[end]) & 0xC0) == 0x80) --end;
    shown = std::string(command.substr(0, end)) + "…";
  }
  return "process " + std::to_string(pid) + " (" + shown + "), started here: " + doing_of(first);
}

}  // namespace cleave::plan
