#include "cli/program_kind.hpp"

#include <filesystem>

#include "os/file.hpp"

namespace cleave::cli {
namespace {

/// The note that plugin/entry/wrap_main.hpp puts into a program: name and text, which stand one behind the other. Not
/// in one piece here, so that this tool is not taken for such a program.
constexpr std::string_view kNoteName{"Cleave\0\0", 8};
constexpr std::string_view kNoteText = "main is wrapped";

/// True when the two stand one behind the other: not in one piece here, for the same reason.
bool has(std::string_view bytes, std::string_view first, std::string_view second) noexcept {
  for (auto at = bytes.find(first); at != std::string_view::npos; at = bytes.find(first, at + 1)) {
    if (bytes.substr(at + first.size()).starts_with(second)) return true;
  }
  return false;
}

}  // namespace

bool is_program(std::string_view bytes) noexcept {
  return bytes.starts_with(
      "\x7F"
      "ELF");
}

ProgramKind kind_of(std::string_view bytes) noexcept {
  ProgramKind kind;
  kind.sharded = has(bytes, kNoteName, kNoteText);
  // In the program itself, or the name of the library that it loads.
  kind.gtest = has(bytes, "This program contains tests written using ", "Google Test") ||
               has(bytes, "libgtest", ".so") || has(bytes, "libgmock", ".so");
  kind.catch2 = has(bytes, "A Catch2 test ", "executable") || has(bytes, "libCatch2", ".so");
  return kind;
}

Result<ProgramKind> kind_of_file(const std::string& path) {
  const auto refused = [&](const std::string& why) { return Error{Errc::usage, "'" + path + "' " + why, 0}; };
  std::error_code failed;
  const auto status = std::filesystem::status(path, failed);
  if (!std::filesystem::exists(status)) return refused("is not there");
  if (std::filesystem::is_directory(status)) return refused("is a folder, not a test program");
  if (!std::filesystem::is_regular_file(status)) return refused("is not a file");
  const auto bytes = os::read_file(path);
  if (!bytes) return refused("cannot be read: " + bytes.error().what);
  if (!is_program(*bytes)) return refused("is no program (no ELF file): name the test program itself");
  using std::filesystem::perms;
  if ((status.permissions() & (perms::owner_exec | perms::group_exec | perms::others_exec)) == perms::none)
    return refused("is not executable");
  const ProgramKind kind = kind_of(*bytes);
  if (!kind.sharded && !kind.gtest && !kind.catch2)
    return refused("has neither Cleave nor GoogleTest nor Catch2 in it, so that nobody can ask it for its tests");
  return kind;
}

}  // namespace cleave::cli
