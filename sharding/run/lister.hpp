#pragma once

#include <chrono>

#include "plan/result.hpp"
#include "plan/test_case.hpp"
#include "run/launcher.hpp"
#include "run/stacks.hpp"

namespace cleave::run {

/// Finds out which tests the program has and which of them it would run, by letting its main go up to the point where
/// the framework starts. An Error says why that point was not reached (main returned, crashed, or took longer than
/// `limit`; zero: no limit), with the tail of what the program printed, and where it crashed or was at the limit.
Result<plan::TestList> list_tests(const Program& program, std::uint32_t seed, const std::string& capture_directory,
                                  std::chrono::nanoseconds limit, const StackReader& reader);

}  // namespace cleave::run
