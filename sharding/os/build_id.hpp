#pragma once

#include <string>
#include <vector>

namespace cleave::os {

/// The bytes by which the linker tells this build of the program from every other (`--build-id`); empty when it wrote
/// none. Says nothing of shared libraries.
std::string build_id();

/// The paths of the shared libraries that this process has loaded.
std::vector<std::string> loaded_libraries();

/// True in a program that was built with an address, thread, memory or undefined-behaviour sanitizer.
bool is_sanitized() noexcept;

}  // namespace cleave::os
