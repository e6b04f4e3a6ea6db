#pragma once

#include <string>

namespace cleave::run {

/// The stacks of all threads of a worker that runs on, as text for people; empty when they cannot be had.
std::string stacks_of_worker(int pid);

}  // namespace cleave::run
