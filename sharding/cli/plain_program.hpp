#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "cli/plain_list.hpp"
#include "cli/program_kind.hpp"
#include "plan/result.hpp"

namespace cleave::cli {

/// A test program without Cleave, as it is called.
struct PlainProgram {
  std::string path;                    ///< Absolute.
  std::vector<std::string> arguments;  ///< The user's, for every process.
  Framework framework = Framework::gtest;
};

/// A program with what is in it.
struct ListedProgram {
  PlainProgram program;
  plan::TestList list;
  std::vector<plan::Constraints> constraints;  ///< By test.
};

/// The environment of the processes of programs without Cleave, before what differs from process to process: nothing in
/// it makes them leave out tests or write other files than they are told to.
std::vector<std::string> plain_environment();

/// An Error of kind `usage` for an argument that would take away what the tool needs: another reporter or output of
/// Catch2, or a request to list.
Result<void> check_plain_arguments(const std::string& path, const ProgramKind& kind,
                                   const std::vector<std::string>& arguments);

/// Asks the program for its tests, by its framework's flags; runs none. An Error of kind `broken` says what it
/// answered.
Result<ListedProgram> list_plain_program(const std::string& path, const ProgramKind& kind,
                                         const std::vector<std::string>& arguments, const PlainRules& rules = {});

/// The arguments with which a process writes its results to `file`.
std::vector<std::string> reporting_arguments(Framework framework, const std::string& file);

}  // namespace cleave::cli
