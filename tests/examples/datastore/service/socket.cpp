#include "socket.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace datastore {
namespace {

[[noreturn]] void fail(const std::string& what) { throw std::system_error(errno, std::generic_category(), what); }

sockaddr_in local(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

Socket create() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) fail("socket");
  const int yes = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  return Socket(fd);
}

}  // namespace

Socket::~Socket() {
  if (fd_ >= 0) ::close(fd_);
}

Socket Socket::listen(std::uint16_t port) {
  Socket made = create();
  const sockaddr_in address = local(port);
  if (::bind(made.fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    fail("bind 127.0.0.1:" + std::to_string(port));
  }
  if (::listen(made.fd_, 128) != 0) fail("listen on port " + std::to_string(port));
  return made;
}

Socket Socket::connect(std::uint16_t port) {
  Socket made = create();
  const sockaddr_in address = local(port);
  if (::connect(made.fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    fail("connect to 127.0.0.1:" + std::to_string(port));
  }
  return made;
}

std::uint16_t Socket::port() const {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  if (::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size) != 0) fail("getsockname");
  return ntohs(address.sin_port);
}

Socket Socket::accept() const {
  while (true) {
    const int fd = ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd >= 0) {
      const int yes = 1;
      ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
      return Socket(fd);
    }
    if (errno != EINTR && errno != ECONNABORTED) return {};
  }
}

bool Socket::receive(std::string& into, std::chrono::milliseconds patience) const {
  const auto end = std::chrono::steady_clock::now() + patience;
  std::array<char, 16384> chunk{};
  while (true) {
    pollfd ready{fd_, POLLIN, 0};
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    const int found = ::poll(&ready, 1, left.count() > 0 ? static_cast<int>(left.count()) : 0);
    if (found == 0) return false;
    const ssize_t got = found < 0 ? -1 : ::recv(fd_, chunk.data(), chunk.size(), 0);
    if (got > 0) {
      into.append(chunk.data(), static_cast<std::size_t>(got));
      return true;
    }
    if (got == 0 || errno != EINTR) return false;
  }
}

bool Socket::send(const std::string& bytes) const {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t sent = ::send(fd_, bytes.data() + done, bytes.size() - done, MSG_NOSIGNAL);
    if (sent > 0) {
      done += static_cast<std::size_t>(sent);
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

void Socket::shut_down() const noexcept {
  if (fd_ >= 0) ::shutdown(fd_, SHUT_RDWR);
}

}  // namespace datastore
