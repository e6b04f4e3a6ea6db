#pragma once

#include "run/undo_stack.hpp"

namespace cleave::run {

/// What the test that runs in this worker wants undone at its end.
UndoStack& test_cleanups();
/// What is undone when this process has run its last test.
UndoStack& process_cleanups();

}  // namespace cleave::run
