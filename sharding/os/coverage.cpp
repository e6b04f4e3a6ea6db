#include "os/coverage.hpp"

#include <cstdint>
#include <string>

#include "os/file.hpp"
#include "os/machine.hpp"

// Null where the program is not compiled for coverage. Those of gcov lie in an archive, from which a weak reference
// takes nothing: Cleave::gtest and Cleave::catch2 have the linker look for them (plugin/CMakeLists.txt).
extern "C" {
__attribute__((weak)) void __gcov_dump();
__attribute__((weak)) void __gcov_reset();
__attribute__((weak)) int __llvm_profile_write_file();
__attribute__((weak)) int __llvm_profile_is_continuous_mode_enabled();
__attribute__((weak)) void __llvm_profile_reset_counters();
__attribute__((weak)) void __llvm_profile_set_filename(const char* pattern);
__attribute__((weak)) int __llvm_profile_check_compatibility(const char* profile, std::uint64_t size);
__attribute__((weak)) int __llvm_profile_merge_from_buffer(const char* profile, std::uint64_t size);
extern __attribute__((weak)) const char __llvm_profile_filename[];
}

namespace cleave::os {
namespace {

/// Of this process, and of those that it forks.
struct Collection {
  std::string folder;   ///< Empty: profiles go to where the runtime of LLVM puts them.
  std::string pattern;  ///< The user's.
  bool sums = false;
};

Collection& collection() {
  static Collection* const made = new Collection;
  return *made;
}

std::string pattern_of_user() {
  if (const auto asked = environment("LLVM_PROFILE_FILE"); asked && !asked->empty()) return *asked;
  if (__llvm_profile_filename != nullptr && __llvm_profile_filename[0] != '\0') return __llvm_profile_filename;
  return "default.profraw";
}

/// True for "%m", "%4m" (a pool of files) and "%c" (counters that live in the file).
bool merges_by_itself(const std::string& pattern) {
  for (std::size_t at = pattern.find('%'); at != std::string::npos; at = pattern.find('%', at + 1)) {
    const std::size_t letter = pattern.find_first_not_of("0123456789", at + 1);
    if (letter != std::string::npos && (pattern[letter] == 'm' || pattern[letter] == 'c')) return true;
  }
  return false;
}

void sum_profiles(const Collection& from) {
  __llvm_profile_reset_counters();
  for (const std::string& name : list_directory(from.folder)) {
    const auto profile = read_file(from.folder + "/" + name);
    // One that is torn, or of another build of this program.
    if (!profile || __llvm_profile_check_compatibility(profile->data(), profile->size()) != 0) continue;
    __llvm_profile_merge_from_buffer(profile->data(), profile->size());
  }
  __llvm_profile_set_filename(from.pattern.c_str());
  __llvm_profile_write_file();
}

}  // namespace

void forget_counters() noexcept {
  if (__gcov_reset != nullptr) __gcov_reset();
  if (__llvm_profile_reset_counters == nullptr) return;
  // Counters that live in a file (%c) are those of every process. No memory is asked for here: a fork of a process with
  // several threads may get none.
  if (__llvm_profile_is_continuous_mode_enabled == nullptr || __llvm_profile_is_continuous_mode_enabled() == 0) {
    __llvm_profile_reset_counters();
  }
}

void collect_profiles(const std::string& folder) {
  if (__llvm_profile_set_filename == nullptr || folder.find('%') != std::string::npos) return;
  Collection& here = collection();
  here.pattern = pattern_of_user();
  if (merges_by_itself(here.pattern)) return;
  here.folder = folder;
  __llvm_profile_set_filename((folder + "/%m.profraw").c_str());
}

void sum_profiles_at_end() noexcept { collection().sums = true; }

void write_counters() noexcept {
  if (__gcov_dump != nullptr) __gcov_dump();
  if (__llvm_profile_write_file == nullptr) return;
  __llvm_profile_write_file();
  if (const Collection& here = collection(); here.sums && !here.folder.empty()) sum_profiles(here);
}

}  // namespace cleave::os
