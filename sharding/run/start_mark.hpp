#pragma once

#include <string>
#include <vector>

#include "os/process.hpp"
#include "report/merge.hpp"

namespace cleave::run {

/// @name The first act of an entry of CTest
/// An entry that works on tests says in the run's folder that it was started, before it waits for anybody, and takes
/// that back once its journal tells of it. What is left is of entries that ended in between, which would otherwise look
/// like entries that CTest never started.
/// @{

/// Marks the start of `shard` by this process in the run that entries of this `ctest` work on. Nothing is marked where
/// there is no such run yet, as without begin, or where it is over. A mark that cannot be made is no error: a run that
/// has no place for it will say so itself.
void mark_start(const std::string& home, const os::ProcessKey& ctest, const std::string& shard);
/// The shard's journal tells of it.
void unmark_start(const std::string& run_directory, const std::string& shard);

/// The entries whose marks are left, and whose processes are gone.
std::vector<report::LostStart> lost_starts(const std::string& run_directory);
/// @}

}  // namespace cleave::run
