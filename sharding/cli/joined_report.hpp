#pragma once

#include <string>
#include <vector>

#include "plan/result.hpp"
#include "report/model.hpp"

namespace cleave::cli {

/// A report, with where it comes from.
struct KeptReport {
  std::string given;  ///< For messages.
  report::RunReport report;
};

/// Several reports as one, with the rules of `cleave merge --help`. Pure.
/// - Runs of one program (those of one binary on one machine, of one target on several) are joined test by test: by
///   suite and name, and where several tests of one run share both, by their order. A test that several ran is told by
///   the first of them, unless a later one says red where that says green: then the red one counts, and a problem
///   breaks the run. What one run did not start and another did, the other tells.
/// - Shards are named after their machine, or after the number of their run where machines are the same.
/// - Runs of several programs stand side by side, as merged() has it.
/// An Error of kind `usage` when one run is there twice.
/// @pre not empty.
Result<report::RunReport> joined(std::vector<KeptReport> reports);

}  // namespace cleave::cli
