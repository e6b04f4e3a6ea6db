#pragma once

#include <functional>
#include <string>

#include "cleave/detail/fixture_api.hpp"

namespace cleave::run {

/// @name What the fixtures library stands on in a program that runs without Cleave: one process, which sets up what it
/// uses and undoes it when it exits. What a process forks shares its folder and undoes nothing. Thread-safe.
/// @{
detail::FixtureReply plain_payload(const std::string& name);
/// Made at the first call: a private folder below $TMPDIR.
std::string plain_folder();
/// Runs `undo` when the process exits, before its fixtures are torn down.
void plain_at_exit(std::function<void()> undo);
std::uint16_t plain_port(std::string_view name);
/// @}

}  // namespace cleave::run
