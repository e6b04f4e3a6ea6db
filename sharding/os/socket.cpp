#include "os/socket.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <vector>

#include "os/machine.hpp"

namespace cleave::os {
namespace {

using std::chrono::nanoseconds;

/// A name with more addresses is tried at the first of them only.
constexpr std::size_t kMostAddresses = 8;

struct Address {
  sockaddr_storage bytes{};
  socklen_t size = 0;

  const sockaddr* get() const noexcept { return reinterpret_cast<const sockaddr*>(&bytes); }
  /// "127.0.0.1" or "::1".
  std::string text() const {
    std::array<char, NI_MAXHOST> host{};
    const int failed = ::getnameinfo(get(), size, host.data(), host.size(), nullptr, 0, NI_NUMERICHOST);
    return failed != 0 ? "unknown address" : host.data();
  }
};

Result<std::vector<Address>> look_up(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int failed = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (failed == EAI_SYSTEM) return system_error("look up '" + host + "'", errno);
  if (failed != 0) return Error{Errc::system, "look up '" + host + "': " + ::gai_strerror(failed), 0};
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
  std::vector<Address> all;
  for (const addrinfo* at = found; at != nullptr && all.size() < kMostAddresses; at = at->ai_next) {
    Address address;
    std::memcpy(&address.bytes, at->ai_addr, at->ai_addrlen);
    address.size = at->ai_addrlen;
    all.push_back(address);
  }
  return all;
}

std::vector<Address> loopback(std::uint16_t port) {
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(port);
  v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  v6.sin6_addr = in6addr_loopback;
  std::vector<Address> both(2);
  std::memcpy(&both[0].bytes, &v4, sizeof v4);
  both[0].size = sizeof v4;
  std::memcpy(&both[1].bytes, &v6, sizeof v6);
  both[1].size = sizeof v6;
  return both;
}

/// 0 when the socket is ready for `events`, ETIMEDOUT when it is not until then, or the errno of poll.
int await(int fd, short events, nanoseconds until) noexcept {
  while (true) {
    const nanoseconds left = until - monotonic_now();
    if (left.count() <= 0) return ETIMEDOUT;
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
    timespec limit{};
    limit.tv_sec = seconds.count();
    limit.tv_nsec = (left - seconds).count();
    pollfd polled{fd, events, 0};
    const int ready = ::ppoll(&polled, 1, &limit, nullptr);
    if (ready > 0) return 0;
    if (ready < 0 && errno != EINTR) return errno;
  }
}

bool is_connected_to_itself(int fd) noexcept {
  Address here;
  Address there;
  here.size = there.size = sizeof here.bytes;
  auto* const mine = reinterpret_cast<sockaddr*>(&here.bytes);
  auto* const other = reinterpret_cast<sockaddr*>(&there.bytes);
  return ::getsockname(fd, mine, &here.size) == 0 && ::getpeername(fd, other, &there.size) == 0 &&
         here.size == there.size && std::memcmp(&here.bytes, &there.bytes, here.size) == 0;
}

/// 0, or the errno that says why there is no connection.
int connect_until(const Fd& fd, const Address& address, nanoseconds until) noexcept {
  if (::connect(fd.get(), address.get(), address.size) != 0) {
    if (errno != EINPROGRESS && errno != EINTR) return errno;
    if (const int why = await(fd.get(), POLLOUT, until); why != 0) return why;
    int why = 0;
    socklen_t size = sizeof why;
    if (::getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &why, &size) != 0) return errno;
    if (why != 0) return why;
  }
  return is_connected_to_itself(fd.get()) ? ECONNREFUSED : 0;
}

}  // namespace

Result<Fd> connect_tcp(const std::string& host, std::uint16_t port, nanoseconds until) {
  Result<std::vector<Address>> addresses = host.empty() ? loopback(port) : look_up(host, port);
  if (!addresses) return addresses.error();
  const std::string operation = "connect to port " + std::to_string(port) + " of ";
  std::string causes;
  int last = EADDRNOTAVAIL;
  for (std::size_t i = 0; i < addresses->size(); ++i) {
    const Address& address = (*addresses)[i];
    // An address that does not answer leaves the others their part of the time.
    const nanoseconds now = monotonic_now();
    const nanoseconds share = (until - now) / static_cast<std::int64_t>(addresses->size() - i);
    Fd fd(::socket(address.bytes.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    last = fd.valid() ? connect_until(fd, address, now + share) : errno;
    if (last == 0) return fd;
    causes += (causes.empty() ? "" : "; ") + address.text() + ": " + std::strerror(last);
  }
  return Error{Errc::system, operation + causes, last};
}

Result<void> send_all(const Fd& socket, std::string_view bytes, nanoseconds until) {
  while (!bytes.empty()) {
    const ssize_t put = ::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (put >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(put));
    } else if (errno == EAGAIN) {
      if (const int why = await(socket.get(), POLLOUT, until); why != 0) return system_error("send", why);
    } else if (errno != EINTR) {
      return system_error("send", errno);
    }
  }
  return {};
}

Result<bool> receive_some(const Fd& socket, std::string& into, std::size_t most, nanoseconds until) {
  const std::size_t before = into.size();
  while (true) {
    into.resize(before + most);
    const ssize_t got = ::recv(socket.get(), into.data() + before, most, 0);
    const int failed = errno;
    into.resize(before + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got >= 0) return got > 0;
    if (failed == EAGAIN) {
      if (const int why = await(socket.get(), POLLIN, until); why != 0) return system_error("receive", why);
    } else if (failed != EINTR) {
      return system_error("receive", failed);
    }
  }
}

}  // namespace cleave::os
