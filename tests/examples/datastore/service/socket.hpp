#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

namespace datastore {

/// A TCP socket that this value owns. Errors are std::system_error, unless it says otherwise.
class Socket {
 public:
  Socket() = default;
  explicit Socket(int fd) noexcept : fd_(fd) {}
  Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Socket& operator=(Socket&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket();

  /// Listens on 127.0.0.1. Port 0 takes a free one.
  static Socket listen(std::uint16_t port);
  /// To 127.0.0.1.
  static Socket connect(std::uint16_t port);

  explicit operator bool() const noexcept { return fd_ >= 0; }
  std::uint16_t port() const;
  /// The next connection; an empty socket when shut_down() was called.
  Socket accept() const;
  /// Appends what has come; false at the end, after an error, and when nothing has come for `patience`.
  bool receive(std::string& into, std::chrono::milliseconds patience) const;
  /// False when the other side has gone.
  bool send(const std::string& bytes) const;
  /// Ends all that goes on in other threads: accept() and receive() return. May be called more than once.
  void shut_down() const noexcept;

 private:
  int fd_ = -1;
};

}  // namespace datastore
