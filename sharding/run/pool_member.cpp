#include "run/pool_member.hpp"

#include <chrono>

#include "os/machine.hpp"
#include "run/failure.hpp"

namespace cleave::run {

PoolMember::PoolMember() : folder_(os::environment(kPoolVariable).value_or("")) {}

void PoolMember::enter(bool alone, os::SignalWatch& signals) {
  constexpr std::chrono::milliseconds kPause{10};
  while (signals.count() == 0) {
    auto lock = os::FileLock::try_acquire(folder_ + kPoolGate, !alone);
    if (!lock) {
      warn("tests of other programs may run beside the serial ones: " + lock.error().what);
      return;
    }
    if (lock->held()) {
      gate_ = std::move(*lock);
      return;
    }
    os::wait_readable({signals.poll_fd()}, kPause);
  }
}

void PoolMember::tell_run(const std::string& directory) const {
  (void)os::write_file(folder_ + kPoolRuns + std::to_string(os::current_pid()), directory);
}

Result<void> PoolMember::tell_report(const std::string& directory) const {
  auto written = os::write_private_file(folder_ + kPoolReports + std::to_string(os::current_pid()), directory);
  if (!written) return Error{Errc::broken, "tell cleave run where the report is: " + written.error().what, 0};
  return {};
}

}  // namespace cleave::run
