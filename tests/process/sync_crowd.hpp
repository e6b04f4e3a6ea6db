#pragma once

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <exception>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "cleave/detail/fixture_api.hpp"
#include "cleave/sync.hpp"
#include "run/sync_report.hpp"
#include "run_program.hpp"
#include "sanitized.hpp"

namespace cleave::test {

using std::chrono::milliseconds;
using std::chrono::seconds;

inline double seconds_of(const std::function<void()>& call) {
  const auto begin = std::chrono::steady_clock::now();
  call();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

/// The text of the FixtureError that the call throws; empty when it throws nothing.
inline std::string error_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const FixtureError& error) {
    return error.what();
  }
  return {};
}

/// Numbers that a test shares with the processes it forks.
class Board {
 public:
  Board()
      : data_(static_cast<Slots*>(
            ::mmap(nullptr, sizeof(Slots), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0))) {}
  ~Board() { ::munmap(data_, sizeof(Slots)); }
  Board(const Board&) = delete;
  Board& operator=(const Board&) = delete;
  std::atomic<int>& operator[](std::size_t index) const { return (*data_)[index]; }
  /// Until somebody has set the number, or for two minutes, so that no process stays behind a test that failed.
  void wait_for(std::size_t index) const {
    for (int i = 0; i < 120'000 && (*this)[index] == 0; ++i) std::this_thread::sleep_for(milliseconds(1));
  }
  /// Raises the number to at least `value`.
  void raise(std::size_t index, int value) const {
    std::atomic<int>& slot = (*this)[index];
    int have = slot;
    while (have < value && !slot.compare_exchange_weak(have, value)) {
    }
  }

 private:
  using Slots = std::array<std::atomic<int>, 64>;
  Slots* data_;
};

/// Forked processes of a test. What is left of them when this goes is killed.
class Crowd {
 public:
  Crowd() = default;
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;
  ~Crowd() {
    for (const int pid : pids_) ::kill(pid, SIGKILL);
    for (const int pid : pids_) ::waitpid(pid, nullptr, 0);
  }

  /// Runs `work` in a new process, which ends with 0 unless that throws.
  int start(const std::function<void()>& work) {
    std::fflush(nullptr);
    const int pid = ::fork();
    if (pid == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      int code = 0;
      try {
        work();
      } catch (const std::exception& error) {
        std::fprintf(stderr, "process %d: %s\n", ::getpid(), error.what());
        code = 1;
      }
      ::_exit(code);
    }
    pids_.push_back(pid);
    return pid;
  }
  /// As the kernel's out-of-memory killer does it: no handler, no destructor. Reaped when it returns.
  void kill_one(int pid) {
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
    pids_.erase(std::remove(pids_.begin(), pids_.end(), pid), pids_.end());
  }
  /// True when that process ends by itself, with 0.
  bool succeeds(int pid) {
    int status = -1;
    const bool ended = soon([&] { return ::waitpid(pid, &status, WNOHANG) == pid; });
    if (ended) pids_.erase(std::remove(pids_.begin(), pids_.end(), pid), pids_.end());
    return ended && WIFEXITED(status) && WEXITSTATUS(status) == 0;
  }
  bool all_succeed() {
    bool good = true;
    for (const int pid : std::vector<int>(pids_)) good = succeeds(pid) && good;
    return good;
  }

 private:
  std::vector<int> pids_;
};

/// What the tests of the primitives have in common: names of their own, and a folder that all of their processes share.
class SyncTest : public testing::Test {
 protected:
  SyncTest() {
    static int count = 0;
    name_ = std::string(testing::UnitTest::GetInstance()->current_test_info()->name()) + "-" + std::to_string(++count);
  }
  /// The name of the test, and a number, so that it is another one when the test is repeated.
  const std::string& name() const { return name_; }
  std::string sync_folder() const { return folder_ + "/sync"; }
  std::string waits_of(int pid) const { return run::waits_of(sync_folder(), pid); }
  bool waits_soon(int pid) const {
    return soon([&] { return !waits_of(pid).empty(); });
  }
  /// What lock_holders() says of this test's name.
  std::string holders() const {
    for (const std::string& text : run::lock_holders(sync_folder())) {
      if (text.find("'" + name() + "'") != std::string::npos) return text;
    }
    return {};
  }

  Board board_;
  Crowd crowd_;

 private:
  // Made before the first fork: without Cleave it belongs to the process that asked first, and to its children.
  const std::string folder_ = detail::shared_folder();
  std::string name_;
};

}  // namespace cleave::test
