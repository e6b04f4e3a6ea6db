#include "cli/program_home.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "os/file.hpp"
#include "os/machine.hpp"
#include "run/run_store.hpp"

namespace cleave::cli {
namespace {

std::string canonical(const std::string& path) {
  std::error_code failed;
  const std::string found = std::filesystem::canonical(path, failed).string();
  return failed ? os::absolute_path(path) : found;
}

}  // namespace

std::vector<ProgramHome> homes_of(const std::string& program, const std::string& base) {
  const std::string path = os::absolute_path(program);
  const std::string said = base.empty() ? os::environment("CLEAVE_DIR").value_or("") : base;
  const std::string folder = (said.empty() ? os::directory_of(path) : os::absolute_path(said)) + "/cleave";
  const std::string own = folder + "/" + os::file_name_of(path);
  std::vector<std::pair<std::string, ProgramHome>> found;  // By run.
  for (const std::string& name : os::list_directory(folder)) {
    const auto newest = run::RunStore::read(folder + "/" + name + "/latest");
    if (newest && canonical(newest->frame.binary) == canonical(path))
      found.emplace_back(newest->frame.run_id, ProgramHome{folder + "/" + name, newest->settings_file});
  }
  std::ranges::sort(found, [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<ProgramHome> homes;
  homes.reserve(found.size() + 1);
  for (auto& [run, home] : found) homes.push_back(std::move(home));
  const auto is_own = [&](const ProgramHome& home) { return home.path == own; };
  if (std::ranges::none_of(homes, is_own)) homes.push_back({own, ""});
  return homes;
}

}  // namespace cleave::cli
