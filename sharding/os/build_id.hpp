#pragma once

#include <string>

namespace cleave::os {

/// The bytes by which the linker tells this build of the program from every other (`--build-id`); empty when it wrote
/// none. Says nothing of shared libraries.
std::string build_id();

}  // namespace cleave::os
