#include "os/threads.hpp"

#include <sys/syscall.h>

#include <algorithm>
#include <charconv>

#include "os/file.hpp"

namespace cleave::os {
namespace {

/// Those that a test waits in; each is there on every architecture that has it.
const char* name_of_call(long number) noexcept {
  switch (number) {
    case SYS_futex: return "futex (a lock, a condition or the end of a thread)";
    case SYS_read: return "read";
    case SYS_write: return "write";
    case SYS_ppoll: return "ppoll";
    case SYS_pselect6: return "pselect6";
    case SYS_epoll_pwait: return "epoll_pwait";
    case SYS_nanosleep: return "nanosleep";
    case SYS_clock_nanosleep: return "clock_nanosleep";
    case SYS_wait4: return "wait4 (the end of a child)";
    case SYS_waitid: return "waitid (the end of a child)";
    case SYS_accept: return "accept";
    case SYS_accept4: return "accept4";
    case SYS_connect: return "connect";
    case SYS_recvfrom: return "recvfrom";
    case SYS_recvmsg: return "recvmsg";
    case SYS_sendto: return "sendto";
    case SYS_flock: return "flock (a lock on a file)";
    case SYS_fcntl: return "fcntl";
    case SYS_rt_sigsuspend: return "sigsuspend (a signal)";
    case SYS_rt_sigtimedwait: return "sigtimedwait (a signal)";
    case SYS_semtimedop: return "semtimedop (a semaphore)";
#ifdef SYS_poll
    case SYS_poll: return "poll";
    case SYS_select: return "select";
    case SYS_epoll_wait: return "epoll_wait";
    case SYS_pause: return "pause (a signal)";
#endif
    default: return nullptr;
  }
}

/// A file of one line, without its end.
std::string line_of(const std::string& path) {
  auto text = read_file(path);
  return text ? text->substr(0, text->find('\n')) : std::string();
}

}  // namespace

std::vector<plan::ThreadState> threads_of(int pid) {
  std::vector<plan::ThreadState> threads;
  const std::string tasks = "/proc/" + std::to_string(pid) + "/task";
  for (const std::string& name : list_directory(tasks)) {
    plan::ThreadState thread;
    std::from_chars(name.data(), name.data() + name.size(), thread.tid);
    const std::string task = tasks + "/" + name;
    thread.name = line_of(task + "/comm");
    const std::string stat = line_of(task + "/stat");
    const std::size_t state = stat.rfind(") ");
    if (state == std::string::npos || state + 2 >= stat.size()) continue;
    thread.state = stat[state + 2];
    // "202 0x7f…": only with the right to trace it.
    const std::string call = line_of(task + "/syscall");
    long number = -1;
    if (std::from_chars(call.data(), call.data() + call.size(), number).ec == std::errc() && number >= 0) {
      const char* const known = name_of_call(number);
      thread.call = known != nullptr ? known : "system call " + std::to_string(number);
    }
    const std::string place = line_of(task + "/wchan");
    if (place != "0") thread.kernel_place = place;
    threads.push_back(std::move(thread));
  }
  std::sort(threads.begin(), threads.end(), [](const auto& a, const auto& b) { return a.tid < b.tid; });
  return threads;
}

}  // namespace cleave::os
