#pragma once

#include <vector>

#include "plan/stack_text.hpp"

namespace cleave::os {

/// The threads of a process as /proc shows them to everybody, the first one first; empty when it is gone.
std::vector<plan::ThreadState> threads_of(int pid);

}  // namespace cleave::os
