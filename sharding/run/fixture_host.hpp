#pragma once

#include <optional>
#include <string>

namespace cleave::run {

/// The life of a fixture host once it has come to where the program's tests would start: does what its keeper says, and
/// answers. When the keeper is gone, or a signal asks this process to end, it tears down and ends.
[[noreturn]] void serve_fixtures(int command_fd, int event_fd) noexcept;

/// In a fixture host: the payload of a fixture that this very process holds.
std::optional<std::string> held_payload(const std::string& name);

}  // namespace cleave::run
