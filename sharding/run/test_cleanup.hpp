#pragma once

#include "cleave/detail/adapter_api.hpp"
#include "run/undo_stack.hpp"

namespace cleave::run {

/// What the test that runs in this worker wants undone at its end.
UndoStack& test_cleanups();
/// In a program that goes on without Cleave: who could tell when a test ends.
void set_plain_adapter(const detail::Adapter& adapter) noexcept;
/// What is undone when this process has run its last test.
UndoStack& process_cleanups();

}  // namespace cleave::run
