#pragma once

#include <string>
#include <vector>

namespace cleave::cli {

/// A folder cleave/<name> in which a program has its runs.
struct ProgramHome {
  std::string path;
  std::string settings;  ///< The file of settings that the newest run had; empty: those in the program, or no run.
};

/// Where the program may have runs, known by its path and not by its name: NAME of cleave_add_shards() may be any, and
/// one program may have several. The one with the newest run comes first; cleave/<file name>, where it would have them
/// when nothing is said, is there in any case.
/// @param base the folder with `cleave` in it; empty: what CLEAVE_DIR says, or beside the program.
std::vector<ProgramHome> homes_of(const std::string& program, const std::string& base);

}  // namespace cleave::cli
