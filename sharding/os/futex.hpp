#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace cleave::os {

/// Sleeps while the word is `value`, at most for `at_most`; may return early. The word may stand in a mapped file: then
/// wake_all() of every process that maps it ends the sleep.
void sleep_while(const std::atomic<std::uint32_t>& word, std::uint32_t value,
                 std::chrono::nanoseconds at_most) noexcept;
/// Wakes everybody who sleeps on the word, which the caller has changed.
void wake_all(std::atomic<std::uint32_t>& word) noexcept;

}  // namespace cleave::os
