// cleave-stacks PID [TID]: prints the stacks of all threads of another process, the one of TID first. It reads the
// process with ptrace, from outside: whatever lock the process is stuck in, nothing of it has to run.
// Exit codes: 0 stacks of at least one thread; 1 none could be read (standard error says why); 2 usage.
#include <elfutils/libdwfl.h>

#include <algorithm>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "os/file.hpp"
#include "plan/whole_number.hpp"
#include "stacks/symbols.hpp"

namespace cleave::stacks {
namespace {

constexpr int kMostThreads = 64;
constexpr std::size_t kMostLines = 64;
/// Of a recursion without end. Each frame costs about a microsecond.
constexpr std::size_t kMostFrames = 1024;
constexpr int kLargestPid = 1 << 22;

/// One address on a stack.
struct Frame {
  Dwarf_Addr pc = 0;     ///< Within the calling instruction, or of the instruction that was interrupted.
  bool stopped = false;  ///< The code did not call: it was interrupted, by a signal or by us.
};

struct Walk {
  std::vector<Frame> frames;
  bool cut = false;
};

int take_frame(Dwfl_Frame* state, void* argument) {
  Walk& walk = *static_cast<Walk*>(argument);
  if (walk.frames.size() == kMostFrames) {
    walk.cut = true;
    return DWARF_CB_ABORT;
  }
  Frame frame;
  if (!dwfl_frame_pc(state, &frame.pc, &frame.stopped)) return DWARF_CB_ABORT;
  // A return address may be the first byte of the next line, or even of the next function.
  if (!frame.stopped) --frame.pc;
  walk.frames.push_back(frame);
  return DWARF_CB_OK;
}

int take_thread(Dwfl_Thread* thread, void* argument) {
  static_cast<std::vector<int>*>(argument)->push_back(dwfl_thread_tid(thread));
  return DWARF_CB_OK;
}

/// As the thread calls itself.
std::string name_of_thread(int pid, int tid) {
  auto name = os::read_file("/proc/" + std::to_string(pid) + "/task/" + std::to_string(tid) + "/comm");
  if (!name) return {};
  while (!name->empty() && name->back() == '\n') name->pop_back();
  return *name;
}

/// The lines of one stack. Equal ones that follow each other are counted, and what called main() is nobody's concern.
class StackText {
 public:
  void add(const Place& place) {
    if (over_) return;
    std::string line = place.function.empty() ? "?" : place.function;
    if (!place.where.empty()) line += " at " + place.where;
    if (line == last_) {
      ++repeated_;
      return;
    }
    tell_repeated();
    text_ += "  #" + std::to_string(lines_) + (lines_ < 10 ? "  " : " ") + line + "\n";
    ++lines_;
    last_ = std::move(line);
    over_ = place.function == "main";
  }
  bool full() const noexcept { return lines_ >= kMostLines; }
  /// main() was the last one.
  bool over() const noexcept { return over_; }
  std::string take(bool more) {
    tell_repeated();
    if (more && !over_) text_ += "  … and more frames\n";
    return std::move(text_);
  }

 private:
  void tell_repeated() {
    if (repeated_ > 0) text_ += "  … the same " + std::to_string(repeated_) + " times more\n";
    repeated_ = 0;
  }

  std::string text_;
  std::string last_;
  std::size_t lines_ = 0;
  std::size_t repeated_ = 0;
  bool over_ = false;
};

class Process {
 public:
  explicit Process(int pid) : pid_(pid) {
    callbacks_.find_elf = dwfl_linux_proc_find_elf;
    callbacks_.find_debuginfo = dwfl_standard_find_debuginfo;
    callbacks_.debuginfo_path = &debuginfo_path_;
    dwfl_ = dwfl_begin(&callbacks_);
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process() { dwfl_end(dwfl_); }

  /// Empty, or why it cannot be looked at.
  std::string attach() {
    if (dwfl_ == nullptr) return dwfl_errmsg(-1);
    const int read = dwfl_linux_proc_report(dwfl_, pid_);
    if (read > 0) return os::system_error("/proc/" + std::to_string(pid_), read).what;
    if (read < 0 || dwfl_report_end(dwfl_, nullptr, nullptr) != 0) return dwfl_errmsg(-1);
    const int attached = dwfl_linux_proc_attach(dwfl_, pid_, false);
    if (attached > 0) return os::system_error("process " + std::to_string(pid_), attached).what;
    if (attached < 0) return dwfl_errmsg(-1);
    return {};
  }

  /// All threads, the one of `first` at the front when it is there.
  std::vector<int> threads(int first) {
    std::vector<int> tids;
    dwfl_getthreads(dwfl_, take_thread, &tids);
    std::sort(tids.begin(), tids.end());
    const auto front = std::find(tids.begin(), tids.end(), first);
    if (front != tids.end()) std::rotate(tids.begin(), front, front + 1);
    return tids;
  }

  /// The stack as text; empty when the thread could not be stopped. `crashed`: it is in the signal handler that waits
  /// for this program, which is left out with all above it.
  std::string stack_of(int tid, bool crashed) {
    Walk walk;
    dwfl_getthread_frames(dwfl_, tid, take_frame, &walk);
    auto begin = walk.frames.begin();
    if (begin == walk.frames.end()) return {};
    if (crashed) {
      const auto is_stopped = [](const Frame& frame) { return frame.stopped; };
      const auto trampoline = std::find_if(begin + 1, walk.frames.end(), is_stopped);
      if (trampoline != walk.frames.end()) begin = trampoline;
      if (begin + 1 < walk.frames.end() && (begin + 1)->stopped) ++begin;
    }
    StackText text;
    while (begin != walk.frames.end() && !text.full() && !text.over()) {
      for (const Place& place : symbols_->at((begin++)->pc)) text.add(place);
    }
    return text.take(walk.cut || (text.full() && begin != walk.frames.end()));
  }

  /// To be called once attach() has succeeded.
  void load_symbols() { symbols_.emplace(dwfl_); }

 private:
  int pid_;
  char* debuginfo_path_ = nullptr;
  Dwfl_Callbacks callbacks_{};
  Dwfl* dwfl_ = nullptr;
  std::optional<Symbols> symbols_;
};

int print_stacks(int pid, int first) {
  Process process(pid);
  if (const std::string why = process.attach(); !why.empty()) {
    std::fprintf(stderr, "%s\n", why.c_str());
    return 1;
  }
  process.load_symbols();
  const std::vector<int> tids = process.threads(first);
  int shown = 0;
  std::string why = "it has no thread any more";
  for (const int tid : tids) {
    if (shown == kMostThreads) {
      std::printf("… and %zu more threads\n", tids.size() - static_cast<std::size_t>(shown));
      break;
    }
    const bool crashed = tid == first;
    const std::string stack = process.stack_of(tid, crashed);
    if (stack.empty()) {
      why = dwfl_errmsg(-1);
      continue;
    }
    std::printf("thread %d (%s)%s:\n%s", tid, name_of_thread(pid, tid).c_str(), crashed ? ", got the signal" : "",
                stack.c_str());
    // Whoever started this may end it at a limit: what is known by then has been said.
    std::fflush(stdout);
    ++shown;
  }
  if (shown > 0) return 0;
  std::fprintf(stderr, "threads of process %d: %s\n", pid, why.c_str());
  return 1;
}

}  // namespace
}  // namespace cleave::stacks

int main(int argc, char** argv) {
  int numbers[2] = {0, 0};
  bool legal = argc == 2 || argc == 3;
  for (int i = 1; legal && i < argc; ++i) {
    const auto number = cleave::plan::whole_number<int>(argv[i], 1, cleave::stacks::kLargestPid);
    if (!number) {
      std::fprintf(stderr, "cleave-stacks: '%s' is not a number of a process or thread, 1 to %d\n", argv[i],
                   cleave::stacks::kLargestPid);
      return 2;
    }
    numbers[i - 1] = *number;
  }
  if (!legal) {
    std::fprintf(
        stderr, "usage: cleave-stacks PID [TID]\n  prints the stacks of all threads of a process, that of TID first\n");
    return 2;
  }
  return cleave::stacks::print_stacks(numbers[0], numbers[1]);
}
