#pragma once

#include <cstdint>
#include <optional>

namespace cleave::os {

struct TerminalSize {
  std::uint32_t columns = 0;
  std::uint32_t rows = 0;
};

/// How large the terminal is at this moment. Nothing when the descriptor is none, or one that does not know.
std::optional<TerminalSize> terminal_size(int fd) noexcept;

/// True when the terminal behind the descriptor is this process's to draw on: it is not in the background there.
bool is_in_foreground(int fd) noexcept;

/// @name SIGUSR1, which asks this process what it does.
/// @{
/// It is counted from here on, instead of ending the process. What the user had switched off stays off. Workers get
/// back what was before (become_worker()).
void take_questions() noexcept;
void drop_questions() noexcept;
/// How many came so far. A signal also ends the wait of wait_readable().
unsigned questions() noexcept;
/// @}

}  // namespace cleave::os
