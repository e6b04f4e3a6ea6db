#pragma once

#include <string>

namespace cleave::os {

// The counters of gcov and of llvm-cov in programs that are compiled for them; in all others these functions do
// nothing.
//
// A fork inherits what its parent has counted, and both would write it down. So each process that Cleave forks begins
// at zero (fork_flushed() sees to that), and each writes its own when it ends. gcov adds what a process writes to what
// is in the file. LLVM does that only when the name of the file has a %m, and overwrites the file otherwise: then the
// processes of a run write to a folder of the run, and the one that ends it writes the sum to where the user wants it.

/// What was counted so far counts no more: it is written by another process, too.
void forget_counters() noexcept;

/// Has this process and its forks write their LLVM profiles into the folder, unless the user's pattern
/// (LLVM_PROFILE_FILE, or what -fprofile-instr-generate= names) merges by itself. The folder is made when there is
/// something to write; a path with a '%' in it cannot be one, and then nothing changes.
void collect_profiles(const std::string& folder);

/// Has write_counters() write all that is in the folder to the file that the user's pattern names.
void sum_profiles_at_end() noexcept;

/// Writes what exit() would write. Behind it this process can only end.
void write_counters() noexcept;

}  // namespace cleave::os
