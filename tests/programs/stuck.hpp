#pragma once

/// What the programs `stacks` do before they crash or hang, in functions whose names and lines a stack must show.

#include <signal.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <mutex>
#include <thread>

namespace depot {

inline volatile int* volatile g_nowhere = nullptr;
inline volatile bool g_forever = true;

/// Where a stack ends at line __LINE__ of this file; the tests know the comments. UBSan leaves the fault to the kernel.
[[gnu::noinline]] __attribute__((no_sanitize("undefined"))) inline int read_label(int shelf) {
  return *g_nowhere + shelf;  // the fault
}
[[gnu::noinline]] inline int open_shelf(int shelf) { return read_label(shelf) + 1; }

[[gnu::noinline]] inline void give_up_stock() {
  if (g_forever) std::abort();  // the abort
}

inline void crash_in_a_second_thread() {
  std::thread second([] { g_forever = open_shelf(2) == 0; });
  second.join();
}

/// Not optimised into a loop: each frame is used after the call.
[[gnu::noinline]] inline int count_for_ever(volatile int* above) {
  volatile int frame[1024] = {};
  if (!g_forever) return 0;
  frame[0] = above == nullptr ? 1 : above[0] + 1;
  return count_for_ever(frame) + frame[0];
}

/// Two threads, two mutexes, each in another order.
inline std::mutex g_shelf;
inline std::mutex g_ledger;
inline std::once_flag g_both;
[[gnu::noinline]] inline void book_from_the_ledger() {
  g_ledger.lock();
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  g_shelf.lock();  // waits for the shelf
}
[[gnu::noinline]] inline void book_from_the_shelf() {
  g_shelf.lock();
  std::thread other(book_from_the_ledger);
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  g_ledger.lock();  // waits for the ledger
  other.join();
}

/// A signal handler that never returns.
[[gnu::noinline]] inline void wait_in_the_handler(int) {
  while (g_forever) ::pause();
}
inline void hang_in_a_signal_handler() {
  ::signal(SIGUSR1, wait_in_the_handler);
  ::raise(SIGUSR1);
}

/// Waits for two processes that do not end: one that may be looked at by whoever can, and one that is another program.
[[gnu::noinline]] inline void idle_in_a_child() {
  while (g_forever) ::pause();
}
[[gnu::noinline]] inline void wait_for_children() {
  if (::fork() == 0) {
    ::prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0);
    idle_in_a_child();
  }
  if (::fork() == 0) {
    ::execlp("sleep", "sleep", "300", static_cast<char*>(nullptr));
    ::_exit(127);
  }
  while (::wait(nullptr) > 0) {
  }
}

/// A handler that allocates, which it must not, in the middle of an allocation: as a rule both wait for malloc's lock.
inline void allocate_in_the_handler(int) { std::free(std::malloc(3000)); }
[[gnu::noinline]] inline void churn_for_ever() {
  std::thread other([] {
    while (g_forever) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  });
  ::signal(SIGALRM, allocate_in_the_handler);
  const itimerval often{{0, 50}, {0, 50}};
  ::setitimer(ITIMER_REAL, &often, nullptr);
  while (g_forever) {
    void* volatile memory = std::malloc(5000);
    std::free(memory);
  }
  other.join();
}

}  // namespace depot
