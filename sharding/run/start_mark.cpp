#include "run/start_mark.hpp"

#include <string_view>

#include "os/file.hpp"
#include "os/own_folder.hpp"
#include "run/kept_run.hpp"
#include "run/run_store.hpp"

namespace cleave::run {
namespace {

constexpr std::string_view kStarted = ".started";

std::string mark_of(const std::string& run_directory, const std::string& shard) {
  return run_directory + "/" + shard + std::string(kStarted);
}

}  // namespace

void mark_start(const std::string& home, const os::ProcessKey& ctest, const std::string& shard) {
  if (!os::check_not_planted(home)) return;
  const std::string run_id = RunStore(home).run_of(ctest.text());
  const std::string directory = home + "/runs/" + run_id;
  if (run_id.empty() || !os::exists(directory) || os::exists(directory + "/" + kEnded)) return;
  static_cast<void>(os::write_private_file(mark_of(directory, shard), os::ProcessKey::of(os::current_pid()).text()));
}

void unmark_start(const std::string& run_directory, const std::string& shard) {
  os::remove_tree(mark_of(run_directory, shard));
}

std::vector<report::LostStart> lost_starts(const std::string& run_directory) {
  std::vector<report::LostStart> lost;
  for (const std::string& name : os::list_directory(run_directory)) {
    if (!name.ends_with(kStarted)) continue;
    const auto key = os::read_file(run_directory + "/" + name);
    if (!key || os::is_alive(*key)) continue;
    lost.push_back({name.substr(0, name.size() - kStarted.size()), os::pid_of(*key)});
  }
  return lost;
}

}  // namespace cleave::run
