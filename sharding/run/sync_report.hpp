#pragma once

#include <string>
#include <vector>

namespace cleave::run {

/// @name Who holds the cross-process primitives of a run, and who waits for them: of `sync_folder`, and of those that
/// all runs of this user share. They only read, may be called by any process at any time, and wait for nobody. Dead
/// processes are not shown; neither is one that found the table of a name full (64 holds and waits).
/// @{

/// "waits for Mutex 'db' for 12.3 s, held by pid 4711 (shard-2, Orders.AreStored) for 14.0 s"; several waits of one
/// process are separated by "; ". An empty string when it waits for nothing.
std::string waits_of(const std::string& sync_folder, int pid);
/// One text for every name that somebody holds or waits for: "Mutex 'db': held by pid 4711 (…) for 14.0 s; waited for
/// by pid 4712 (…) for 12.3 s".
std::vector<std::string> lock_holders(const std::string& sync_folder);
/// @}

}  // namespace cleave::run
