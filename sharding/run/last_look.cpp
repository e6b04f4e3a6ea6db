#include "run/last_look.hpp"

#include <algorithm>

#include "os/machine.hpp"

namespace cleave::run {
namespace {

/// A core of many gigabytes takes its time; a process that cannot die must not hold up the run.
constexpr std::chrono::seconds kLongestDeath{60};
/// A shard spends so long on looks in all: gdb takes seconds for each, and every test may crash.
constexpr std::chrono::seconds kAllLooks{60};

}  // namespace

void LastLook::at_another() {
  taking_.reset();
  children_ = {};
  crash_.reset();
  dead_by_ = {};
  kill_ = false;
  stacks_.clear();
}

void LastLook::give_up() noexcept {
  taking_.reset();
  children_ = {};
  dead_by_ = {};
}

bool LastLook::pending() const noexcept { return taking_ || os::monotonic_now() < dead_by_; }

void LastLook::begin(int pid, int thread) {
  begun_ = os::monotonic_now();
  if (spent_ > kAllLooks) {
    reader_.program.clear();
    reader_.why = "this shard has spent " + std::to_string(kAllLooks.count()) + " s on reading stacks";
  }
  taking_ = std::make_unique<StackTaking>(reader_, pid, thread, scratch_);
}

void LastLook::then_kill(WorkerProcess& worker, bool stop) {
  if (reader_.off) return worker.child.kill_group();
  kill_ = true;
  children_ = ChildStacks::below(worker.child.pid());
  // What a test does after its limit changes nothing any more, and a stack that stands still is a true one.
  if (stop) os::stop_group(worker.child.pid());
  if (!taking_) begin(worker.child.pid(), 0);
  children_.begin(reader_, scratch_);
}

void LastLook::pump(WorkerProcess& worker) {
  if (!taking_ && !crash_) {
    crash_ = os::told_crash(worker.crashes);
    if (crash_) begin(worker.child.pid(), crash_->thread);
  }
  if (!taking_ || !taking_->done() || !children_.done()) return;
  stacks_ = taking_->finish() + children_.finish();
  spent_ += os::monotonic_now() - begun_;
  taking_.reset();
  if (kill_) {
    worker.child.kill_group();
  } else {
    dead_by_ = os::monotonic_now() + kLongestDeath;
    os::allow_death(worker.crashes);
  }
}

std::vector<int> LastLook::poll_fds(const WorkerProcess& worker) const {
  std::vector<int> fds;
  if (worker.crashes.valid() && !crash_) fds.push_back(worker.crashes.get());
  // One that is done would be readable for as long as the others are not.
  if (taking_ && !taking_->done()) fds.push_back(taking_->poll_fd());
  if (taking_) {
    for (const int fd : children_.poll_fds()) fds.push_back(fd);
  }
  return fds;
}

std::chrono::nanoseconds LastLook::deadline() const {
  if (!taking_) return dead_by_;
  if (!taking_->done()) return std::min(taking_->deadline(), children_.deadline());
  return children_.done() ? os::monotonic_now() : children_.deadline();
}

std::string LastLook::stacks_at(const os::ExitStatus& status) const {
  const bool as_told = kill_ || (crash_ && status.signalled && status.code == crash_->signal);
  return as_told ? stacks_ : std::string();
}

}  // namespace cleave::run
