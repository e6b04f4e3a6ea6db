#include "run/aside.hpp"

#include "os/fd.hpp"
#include "os/machine.hpp"

namespace cleave::run {

Aside Aside::begin(const std::function<bool()>& work) {
  Aside aside;
  if (os::usable_cpus() < 2 || os::thread_count() > 1) return aside;
  const int parent = os::current_pid();
  const auto pid = os::fork_flushed();
  if (!pid) return aside;
  if (*pid != 0) {
    aside.child_ = os::Child(*pid);
    return aside;
  }
  os::become_worker(parent);
  os::name_process("cleave-aside");
  os::close_owned_except({});  // A lock that its parent frees must be free.
  bool did = false;
  try {
    did = work();
  } catch (...) {  // No memory: its caller sees to that.
  }
  os::exit_now(did ? 0 : 1);
}

bool Aside::done(std::chrono::milliseconds patience) {
  const auto give_up = os::monotonic_now() + patience;
  while (child_.running()) {
    if (const auto status = child_.try_wait()) return !status->signalled && status->code == 0;
    if (os::monotonic_now() >= give_up) break;
    constexpr std::chrono::milliseconds kWithoutPidfd{1};
    constexpr std::chrono::milliseconds kLook{50};
    const int fd = child_.poll_fd();
    os::wait_readable(fd < 0 ? std::vector<int>{} : std::vector<int>{fd}, fd < 0 ? kWithoutPidfd : kLook);
  }
  child_ = os::Child();
  return false;
}

}  // namespace cleave::run
