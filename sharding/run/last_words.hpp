#pragma once

#include <string>

#include "report/model.hpp"

namespace cleave::run {

/// What is known of a worker that ended, besides its status. It is told once, with the first red attempt or problem
/// that its end makes.
class LastWords {
 public:
  LastWords() = default;
  /// `log` is what sanitizers wrote to files, `printed` what they printed before the end.
  LastWords(std::string stacks, std::string log, std::string printed)
      : stacks_(std::move(stacks)), log_(std::move(log)), printed_(std::move(printed)) {}

  void add_to(report::Attempt& attempt);
  void add_to(report::Problem& problem);

 private:
  std::string stacks_;
  std::string log_;
  std::string printed_;
};

}  // namespace cleave::run
