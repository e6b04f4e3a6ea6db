#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace cleave::plan {

/// What a sanitizer said among other output.
struct SanitizerReport {
  std::size_t offset = 0;
  std::string text;  ///< From its headline to its summary; empty: there is none.
};

/// The first report of a sanitizer in what a process printed.
SanitizerReport first_sanitizer_report(std::string_view output);

/// The files that sanitizers of the process `pid` write to instead of its standard error. `environment` holds
/// "NAME=value"; ASAN_OPTIONS and its like may have a log_path.
std::vector<std::string> sanitizer_logs(const std::vector<std::string>& environment, int pid);

/// True for the name, as the kernel has it, of a program that a sanitizer starts to read the stacks of its report. It
/// ends a moment after the process that died with the report.
bool is_symbolizer(std::string_view command);

}  // namespace cleave::plan
