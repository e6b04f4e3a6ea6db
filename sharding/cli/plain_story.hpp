#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "cli/plain_list.hpp"
#include "report/model.hpp"

namespace cleave::cli {

/// One test as a program without Cleave told of it.
struct ToldTest {
  std::string suite;  ///< Of Catch2 always empty: its reporters do not tell the class.
  std::string name;   ///< In the spelling of the reporter.
  std::string file;
  std::int32_t line = 0;
  bool ended = false;       ///< False for the one that was running when the process ended.
  report::Attempt attempt;  ///< Outcome, duration, messages, properties and output.
};

/// What one process told.
struct Story {
  bool complete = false;                  ///< The framework came to its own end.
  bool fatal = false;                     ///< A signal ended the run, and the framework could still say so.
  std::vector<ToldTest> tests;            ///< In the order in which they ran; only the last one may not have ended.
  std::vector<report::Problem> problems;  ///< Failures outside of any test.
};

/// A program built with GoogleTest: `json` is what --gtest_output=json: wrote, empty or torn when the process died;
/// then `output` (stdout and stderr together) tells what is known.
Story read_gtest_story(std::string_view json, std::string_view output);

/// A program built with Catch2: `xml` is what `-r xml -d yes -o FILE` wrote, which may end anywhere.
Story read_catch2_story(std::string_view xml);

/// What a process tells while it runs: GoogleTest's stdout, Catch2's XML, read as it grows.
class StoryWatch {
 public:
  explicit StoryWatch(Framework framework) : framework_(framework) {}

  /// Takes in what was written since; the bytes of a line that is not whole yet are to come again. Returns how many
  /// were taken in.
  std::size_t read(std::string_view more);
  std::uint32_t starts() const noexcept { return starts_; }
  std::uint32_t ends() const noexcept { return ends_; }
  /// The test that was started last and did not end, as the framework spells it; empty between two tests.
  const std::string& running() const noexcept { return running_; }

 private:
  void read_line(std::string_view line);

  Framework framework_;
  std::uint32_t starts_ = 0;
  std::uint32_t ends_ = 0;
  std::string running_;
};

/// The bytes as a report keeps them: of much output the beginning and the end.
report::Output kept_output(std::string_view bytes);

}  // namespace cleave::cli
