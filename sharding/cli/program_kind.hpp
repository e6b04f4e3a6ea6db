#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "plan/result.hpp"

namespace cleave::cli {

/// What a test program is, as far as its bytes tell: nothing is executed to find out.
struct ProgramKind {
  bool sharded = false;  ///< Cleave is linked to it, and takes the place of its main.
  bool gtest = false;    ///< It has GoogleTest in it, or loads it.
  bool catch2 = false;   ///< The same of Catch2.
};

/// True when the bytes are those of a program of this system.
bool is_program(std::string_view bytes) noexcept;

ProgramKind kind_of(std::string_view bytes) noexcept;

/// kind_of() of a file. An Error of kind `usage` names it and says why it cannot be run: it is not there, no program,
/// not executable, or has neither Cleave nor a framework in it, so that nobody knows how to ask it for its tests.
Result<ProgramKind> kind_of_file(const std::string& path);

}  // namespace cleave::cli
