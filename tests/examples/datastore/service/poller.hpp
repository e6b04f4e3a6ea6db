#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>

namespace datastore {

/// A thread that calls `work` in a fixed rhythm, as the batch jobs and consumers of the service do. What `work` throws
/// is written to stderr, and the next turn comes as usual.
class Poller {
 public:
  Poller(std::chrono::milliseconds interval, std::function<void()> work);
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;
  /// Waits for the turn that is going on.
  ~Poller();

  /// The next turn begins now.
  void hurry();

 private:
  void run();

  std::chrono::milliseconds interval_;
  std::function<void()> work_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool hurried_ = false;
  bool ended_ = false;
  std::thread thread_;
};

/// Milliseconds since 1970.
std::int64_t wall_clock();

}  // namespace datastore
