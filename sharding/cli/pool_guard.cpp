#include "cli/pool_guard.hpp"

#include <chrono>

#include "os/fd.hpp"
#include "os/file.hpp"
#include "os/machine.hpp"

namespace cleave::cli {
namespace {

void end_all(const std::string& assignment) {
  constexpr int kRounds = 200;
  for (int round = 0; round < kRounds; ++round) {
    const auto found = os::processes_with(assignment);
    if (found.empty()) return;
    for (const std::string& key : found) os::signal_process(os::pid_of(key), true);
    os::sleep_for(std::chrono::milliseconds(5));
  }
}

[[noreturn]] void guard(const os::ProcessKey& tool, const std::string& assignment) {
  os::become_daemon();
  os::name_process("cleave guard");
  os::close_owned_except({});
  // Nobody waits for the end of our output.
  if (auto null = os::open_null()) {
    for (const int stream : {0, 1, 2}) os::redirect(null->get(), stream);
  }
  const os::Fd ended = os::watch_process(tool.pid);
  while (os::is_alive(tool.text())) {
    constexpr std::chrono::milliseconds kPause{200};
    if (ended.valid()) {
      os::wait_readable({ended.get()}, std::chrono::minutes(1));
    } else {
      os::sleep_for(kPause);
    }
  }
  end_all(assignment);
  os::exit_now(0);
}

}  // namespace

Result<PoolGuard> PoolGuard::start(const std::string& run_id) {
  const os::ProcessKey tool = os::ProcessKey::of(os::current_pid());
  os::set_environment(kVariable, run_id);
  const auto pid = os::fork_flushed();
  if (!pid) return pid.error();
  if (*pid == 0) guard(tool, std::string(kVariable) + "=" + run_id);
  return PoolGuard(os::Child(*pid));
}

}  // namespace cleave::cli
