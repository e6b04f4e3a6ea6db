#include "cli/clean_command.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <optional>

#include "os/file.hpp"
#include "run/fixture_files.hpp"
#include "run/kept_run.hpp"
#include "run/run_store.hpp"

namespace cleave::cli {
namespace {

namespace fs = std::filesystem;

Error usage(std::string what) { return Error{Errc::usage, std::move(what), 0}; }

/// "20260102-030405.678901-0123abcd", which run::new_run_id() makes.
bool is_run_id(const std::string& name) {
  constexpr std::string_view kShape = "dddddddd-dddddd.dddddd-xxxxxxxx";
  if (name.size() != kShape.size()) return false;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const bool digit = name[i] >= '0' && name[i] <= '9';
    const bool fits = kShape[i] == 'd'   ? digit
                      : kShape[i] == 'x' ? digit || (name[i] >= 'a' && name[i] <= 'f')
                                         : name[i] == kShape[i];
    if (!fits) return false;
  }
  return true;
}

/// The runs of a folder cleave/<target>, oldest first: real folders that Cleave made.
std::vector<std::string> runs_of(const std::string& home) {
  std::vector<std::string> runs;
  std::error_code failed;
  for (const std::string& name : os::list_directory(home + "/runs")) {
    const std::string run = home + "/runs/" + name;
    if (is_run_id(name) && fs::is_directory(fs::symlink_status(run, failed)) && os::exists(run + "/run.bin"))
      runs.push_back(run);
  }
  return runs;
}

/// The folder itself, or all below it that have runs. Never follows a link.
std::vector<std::string> homes_in(const std::string& folder) {
  if (!runs_of(folder).empty()) return {folder};
  std::vector<std::string> homes;
  std::error_code failed;
  fs::recursive_directory_iterator at(folder, fs::directory_options::skip_permission_denied, failed);
  for (; !failed && at != fs::recursive_directory_iterator(); at.increment(failed)) {
    std::error_code gone;
    if (!fs::is_directory(at->symlink_status(gone))) continue;
    const std::string path = at->path().string();
    if (os::file_name_of(os::directory_of(path)) != "cleave" || runs_of(path).empty()) continue;
    homes.push_back(path);
    at.disable_recursion_pending();
  }
  std::ranges::sort(homes);
  return homes;
}

std::uint64_t bytes_below(const std::string& folder) {
  std::uint64_t bytes = 0;
  std::error_code failed;
  fs::recursive_directory_iterator at(folder, fs::directory_options::skip_permission_denied, failed);
  for (; !failed && at != fs::recursive_directory_iterator(); at.increment(failed)) {
    std::error_code gone;
    if (!fs::is_regular_file(at->symlink_status(gone))) continue;
    const auto size = at->file_size(gone);
    if (!gone) bytes += size;
  }
  return bytes;
}

std::string size_text(std::uint64_t bytes) {
  constexpr std::uint64_t kKilo = 1000;
  if (bytes < kKilo) return std::to_string(bytes) + " B";
  if (bytes < kKilo * kKilo) return std::to_string(bytes / kKilo) + " kB";
  return std::to_string(bytes / (kKilo * kKilo)) + " MB";
}

/// Removes it unless somebody works on it or may come back to it; true when it did, or would have.
bool removed(const std::string& run, bool dry) {
  if (run::is_going_on(run) || run::may_go_on(run) || run::FixtureFiles(run).keeper_alive()) return false;
  if (dry) return true;
  auto lock = os::FileLock::try_acquire(run + "/" + std::string(run::kPresence), false);
  if (lock && !lock->held()) return false;
  os::remove_tree(run);
  return !os::exists(run);
}

struct Sum {
  std::string text;
  std::size_t runs = 0;
  std::uint64_t bytes = 0;
};

Result<void> clean(const std::string& home, std::size_t keep, bool dry, Sum& sum) {
  const run::RunStore store(home);
  // No run begins meanwhile, and none is removed by two.
  std::optional<os::FileLock> lock;
  if (!dry) {
    auto held = store.lock();
    if (!held) return held.error();
    lock = std::move(*held);
  }
  std::vector<std::string> runs = runs_of(home);
  runs.resize(runs.size() - std::min(keep, runs.size()));
  for (const std::string& run : runs) {
    const std::uint64_t bytes = bytes_below(run);
    if (!removed(run, dry)) {
      sum.text += "kept " + run + ": it goes on, or cannot be removed\n";
      continue;
    }
    sum.text += (dry ? "would remove " : "removed ") + run + " (" + size_text(bytes) + ")\n";
    ++sum.runs;
    sum.bytes += bytes;
  }
  const std::string latest = home + "/latest";
  const std::string target = os::read_link(latest);
  if (!dry && target.starts_with("runs/") && !os::exists(home + "/" + target)) os::remove_tree(latest);
  return {};
}

}  // namespace

Result<Done> run_clean(const CommandWords& words) {
  std::size_t keep = 0;
  if (const std::string text = words.value("--keep"); words.has("--keep")) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), keep);
    constexpr std::size_t kMost = 1000000;
    if (error != std::errc() || end != text.data() + text.size() || keep > kMost)
      return usage("--keep='" + text + "' is not a number from 0 to " + std::to_string(kMost));
  }
  for (const std::string& folder : words.words) {
    std::error_code failed;
    if (!fs::is_directory(folder, failed))
      return usage("'" + folder + "' " + (os::exists(folder) ? "is not a folder" : "is not there"));
  }
  const bool dry = words.has("--dry-run");
  Sum sum;
  for (std::string folder : words.words) {
    while (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
    for (const std::string& home : homes_in(folder)) {
      if (auto done = clean(home, keep, dry, sum); !done) return done.error();
    }
  }
  sum.text += (dry ? "would remove " : "removed ") + std::to_string(sum.runs) + (sum.runs == 1 ? " run, " : " runs, ") +
              size_text(sum.bytes) + "\n";
  return Done{std::move(sum.text)};
}

}  // namespace cleave::cli
