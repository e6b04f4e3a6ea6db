#include "run/sync_report.hpp"

#include <optional>

#include "cleave/detail/sync_table.hpp"
#include "os/file.hpp"
#include "os/machine.hpp"
#include "os/own_folder.hpp"
#include "os/process.hpp"

namespace cleave::run {
namespace {

/// A file as another process made it; nothing when it is not, or not yet, the table of a name.
std::optional<os::Mapping> map_table(const std::string& path) {
  auto fd = os::open_shared_file(path);
  if (!fd || os::end_offset(fd->get()) < sizeof(detail::SyncTable)) return std::nullopt;
  auto mapping = os::Mapping::map(fd->get(), sizeof(detail::SyncTable));
  if (!mapping) return std::nullopt;
  const auto& header = static_cast<const detail::SyncTable*>(mapping->data())->header;
  if (header.magic.load(std::memory_order_acquire) != detail::kSyncMagic || header.version != detail::kSyncVersion) {
    return std::nullopt;
  }
  return std::move(*mapping);
}

template <class Visit>
void for_each_table(const std::string& sync_folder, const Visit& visit) {
  for (const std::string& folder : {sync_folder, os::machine_folder() + "/sync"}) {
    if (!os::check_not_planted(folder)) continue;
    for (const std::string& name : os::list_directory(folder)) {
      const auto mapping = map_table(folder + "/" + name);
      if (!mapping) continue;
      const auto& table = *static_cast<const detail::SyncTable*>(mapping->data());
      const auto seen = detail::read_sync_table(table);
      if (!seen.empty()) visit(table, seen);
    }
  }
}

}  // namespace

std::string waits_of(const std::string& sync_folder, int pid) {
  std::string text;
  const auto now = os::monotonic_now();
  for_each_table(sync_folder, [&](const detail::SyncTable& table, const std::vector<detail::SyncSeen>& all) {
    for (const detail::SyncSeen& seen : all) {
      if (seen.owner.pid != pid || seen.state != detail::SyncState::waiting) continue;
      const std::string whole = detail::text_of(seen, now);
      text += text.empty() ? "waits for " : "; waits for ";
      text += detail::title_of(table.header, seen.label) + whole.substr(whole.rfind(" for "));
      const std::string held = detail::held_by_text(all, now);
      if (!held.empty()) text += ", " + held;
    }
  });
  return text;
}

std::vector<std::string> lock_holders(const std::string& sync_folder) {
  std::vector<std::string> texts;
  const auto now = os::monotonic_now();
  for_each_table(sync_folder, [&](const detail::SyncTable& table, const std::vector<detail::SyncSeen>& all) {
    const std::string held = detail::held_by_text(all, now);
    std::string waiting;
    for (const detail::SyncSeen& seen : all) {
      if (seen.state != detail::SyncState::waiting) continue;
      waiting += (waiting.empty() ? "waited for by " : ", ") + detail::text_of(seen, now);
    }
    const std::string between = held.empty() || waiting.empty() ? "" : "; ";
    texts.push_back(detail::title_of(table.header, all.front().label) + ": " + held + between + waiting);
  });
  return texts;
}

}  // namespace cleave::run

namespace cleave::detail {

bool sync_owner_lives(const SyncOwner& owner) {
  return os::is_alive(os::ProcessKey{owner.pid, owner.start_ticks}.text());
}

std::vector<SyncSeen> read_sync_table(const SyncTable& table) {
  auto all = read_sync_table(table, sync_owner_lives);
  for (SyncSeen& seen : all) {
    if (!seen.who.empty()) continue;
    const auto command = os::command_line_of(seen.owner.pid);
    if (!command.empty()) seen.who = os::file_name_of(command.front());
  }
  return all;
}

std::string held_by_text(const SyncTable& table) { return held_by_text(read_sync_table(table), os::monotonic_now()); }

}  // namespace cleave::detail
