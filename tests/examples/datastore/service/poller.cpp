#include "poller.hpp"

#include <cstdio>
#include <exception>
#include <utility>

namespace datastore {

Poller::Poller(std::chrono::milliseconds interval, std::function<void()> work)
    : interval_(interval), work_(std::move(work)), thread_([this] { run(); }) {}

Poller::~Poller() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Poller::hurry() {
  {
    const std::lock_guard lock(mutex_);
    hurried_ = true;
  }
  changed_.notify_all();
}

void Poller::run() {
  auto next = std::chrono::steady_clock::now();
  std::unique_lock lock(mutex_);
  while (!ended_) {
    next += interval_;
    changed_.wait_until(lock, next, [this] { return ended_ || hurried_; });
    if (ended_) return;
    if (hurried_) next = std::chrono::steady_clock::now();
    hurried_ = false;
    lock.unlock();
    try {
      work_();
    } catch (const std::exception& error) {
      std::fprintf(stderr, "datastore_service: %s\n", error.what());
    }
    lock.lock();
  }
}

std::int64_t wall_clock() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

}  // namespace datastore
