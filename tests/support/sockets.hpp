#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>

namespace cleave::test {

/// A listening TCP socket on one loopback address, on a port that the kernel chose.
class Listener {
 public:
  explicit Listener(int family = AF_INET) : fd_(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_addr = in6addr_loopback;
    const bool is_v4 = family == AF_INET;
    const auto* address = is_v4 ? reinterpret_cast<const sockaddr*>(&v4) : reinterpret_cast<const sockaddr*>(&v6);
    up_ = ::bind(fd_, address, is_v4 ? sizeof v4 : sizeof v6) == 0 && ::listen(fd_, 16) == 0;
    sockaddr_in6 bound{};
    socklen_t size = sizeof bound;
    ::getsockname(fd_, reinterpret_cast<sockaddr*>(&bound), &size);
    port_ = ntohs(bound.sin6_port);  // At the same place as in sockaddr_in.
  }
  ~Listener() { close(); }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  bool up() const noexcept { return up_; }
  int fd() const noexcept { return fd_; }
  std::uint16_t port() const noexcept { return port_; }
  void close() noexcept {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

 private:
  int fd_;
  bool up_ = false;
  std::uint16_t port_ = 0;
};

/// A port on which nobody listens.
inline std::uint16_t closed_port() { return Listener().port(); }

/// Answers every connection with the same bytes, and closes it, or keeps it open until this object goes.
class Answerer {
 public:
  explicit Answerer(std::string answer, bool keep_open = false, int family = AF_INET)
      : listener_(family), answer_(std::move(answer)), keep_open_(keep_open), thread_([this] { serve(); }) {}
  ~Answerer() {
    stop_ = true;
    thread_.join();
  }
  Answerer(const Answerer&) = delete;
  Answerer& operator=(const Answerer&) = delete;

  bool up() const noexcept { return listener_.up(); }
  std::uint16_t port() const noexcept { return listener_.port(); }
  /// What the last client sent; only once it has its answer.
  std::string request() const { return request_; }

 private:
  void serve() {
    int open = -1;
    while (!stop_) {
      pollfd polled{listener_.fd(), POLLIN, 0};
      if (::poll(&polled, 1, 5) <= 0) continue;
      const int client = ::accept4(listener_.fd(), nullptr, nullptr, SOCK_CLOEXEC);
      if (client < 0) continue;
      char bytes[4096];
      const ssize_t got = ::recv(client, bytes, sizeof bytes, 0);
      request_.assign(bytes, got > 0 ? static_cast<std::size_t>(got) : 0);
      if (!answer_.empty()) ::send(client, answer_.data(), answer_.size(), MSG_NOSIGNAL);
      if (open >= 0) ::close(open);
      open = client;
      if (!keep_open_) {
        ::close(open);
        open = -1;
      }
    }
    if (open >= 0) ::close(open);
  }

  Listener listener_;
  std::string answer_;
  bool keep_open_;
  std::string request_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace cleave::test
