#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "os/fd.hpp"
#include "plan/result.hpp"

namespace cleave::os {

/// A TCP connection to the first address of `host` that accepts one; an empty host means 127.0.0.1, then ::1. `until`
/// is a time of monotonic_now(), shared by all addresses; looking a name up is not part of it, because getaddrinfo()
/// has no limit. A connection of the socket to itself, which Linux makes when it happens to choose the port that is
/// called as the port to call from, counts as refused. The error names every address and its cause.
Result<Fd> connect_tcp(const std::string& host, std::uint16_t port, std::chrono::nanoseconds until);

/// Sends all of it, without SIGPIPE when the other end is closed. Fails with ETIMEDOUT when it takes until then.
Result<void> send_all(const Fd& socket, std::string_view bytes, std::chrono::nanoseconds until);

/// Waits for bytes and appends at most `most` of them. False at the end of the stream. Fails with ETIMEDOUT when none
/// come until then.
Result<bool> receive_some(const Fd& socket, std::string& into, std::size_t most, std::chrono::nanoseconds until);

}  // namespace cleave::os
