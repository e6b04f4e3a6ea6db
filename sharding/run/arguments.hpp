#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "plan/test_case.hpp"

namespace cleave::run {

/// A report file that the user asked the framework for.
struct ReportFile {
  std::string reporter;  ///< "junit", "xml", …
  std::string path;
};

/// The report files that Catch2's arguments ask for (`-r NAME -o FILE`, and v3's `-r NAME::out=FILE`); empty for
/// GoogleTest, which states its own in TestList::output.
std::vector<ReportFile> catch2_report_files(const plan::TestList& list, const std::vector<std::string>& arguments);

/// True when Catch2 is told to end at the first failure (`-a`, `--abort`, `-x 1`).
bool catch2_aborts_at_first_failure(const plan::TestList& list, const std::vector<std::string>& arguments);

/// Catch2 sorts its tests before anybody can set its seed from within: adds `--rng-seed`, unless the user states one.
std::vector<std::string> with_catch2_seed(std::vector<std::string> arguments, std::uint32_t seed);

/// The arguments for one worker: those of the user, but with Catch2's report files led to a part file of the worker's
/// own in `directory` (named `<shard>.<pid>.<number>.part-<n>`), and with `seed` where they state one for GoogleTest
/// (0: as it is), so that all workers of a repetition shuffle alike.
std::vector<std::string> worker_arguments(const plan::TestList& list, const std::vector<std::string>& arguments,
                                          const std::string& directory, const std::string& shard, std::uint32_t seed);

/// The seed that the framework would use in this repetition; 0 when the run has none.
std::uint32_t seed_of_repetition(const plan::TestList& list, std::uint32_t repetition);

}  // namespace cleave::run
