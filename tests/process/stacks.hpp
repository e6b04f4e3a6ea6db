#pragma once

#include <fstream>

#include "own_run.hpp"

namespace cleave::test {

/// A folder whose runs read stacks with the cleave-stacks of this build.
class StackSandbox : public Sandbox {
 public:
  StackSandbox() {
    set("CLEAVE_STACKS", CLEAVE_STACKS_PROGRAM);
    // A sanitizer's own handler takes the signals that these tests are about.
    set("ASAN_OPTIONS", "handle_segv=0");
    set("TSAN_OPTIONS", "handle_segv=0");
  }
  /// The only attempt of the test.
  nlohmann::json attempt(const std::string& binary, const std::string& test) const {
    const nlohmann::json row = test_named(report(binary), test);
    return row.is_null() ? row : row["attempts"][0];
  }
  std::string stacks(const std::string& binary, const std::string& test) const {
    return attempt(binary, test).value("stacks", std::string());
  }
};

/// "stuck.hpp:21", the line of the programs' header that has this comment.
inline std::string line_with(const std::string& comment) {
  std::ifstream header(CLEAVE_STUCK_HEADER);
  int number = 0;
  for (std::string line; std::getline(header, line);) {
    ++number;
    if (line.ends_with("// " + comment)) return "stuck.hpp:" + std::to_string(number);
  }
  ADD_FAILURE() << "no line ends with // " << comment;
  return {};
}

inline bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// True where the program cleave-stacks was built: elsewhere the test is skipped, but not in CI.
inline bool has_reader() { return !std::string_view(CLEAVE_STACKS_PROGRAM).empty(); }

}  // namespace cleave::test
