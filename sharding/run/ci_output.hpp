#pragma once

#include <cstdint>
#include <string>

#include "report/model.hpp"
#include "report/record.hpp"
#include "run/run_context.hpp"

namespace cleave::run {

/// Says in the language of the CI system that this process runs in what a person would read off the log. Outside of one
/// it says nothing and changes nothing.
class CiOutput {
 public:
  /// As the variables of GitHub Actions, GitLab and TeamCity say.
  explicit CiOutput(const RunContext& context);

  /// A block of text for the log: long ones are folded, and nothing in it commands the log viewer.
  std::string block(const std::string& text);
  /// Text for the log that is never folded; nothing in it commands the log viewer.
  std::string lines(std::string text) const;
  /// What the CI system is told of an attempt, in lines of their own; empty when nothing.
  std::string attempt(const report::AttemptRecord& record) const;
  /// Adds the run to the summary of the job, where there is one.
  void add_summary(const report::RunReport& report) const;

 private:
  enum class System : std::uint8_t { none, github, gitlab, teamcity };

  const RunContext& context_;
  System system_ = System::none;
  std::string checkout_;
  std::uint32_t sections_ = 0;
};

}  // namespace cleave::run
