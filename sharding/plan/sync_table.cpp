#include "cleave/detail/sync_table.hpp"

#include <algorithm>
#include <cstdio>
#include <cstring>

namespace cleave::detail {
namespace {

constexpr unsigned kTickBits = 42;
constexpr std::uint64_t kTickMask = (std::uint64_t{1} << kTickBits) - 1;
constexpr std::size_t kWhoSize = kSyncWhoWords * sizeof(std::uint64_t);
constexpr std::chrono::milliseconds kReclaimPause{100};
constexpr std::size_t kShownHolders = 8;

/// Bytes of the beginning of `text` that end with a whole UTF-8 character.
std::size_t cut(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text.size();
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0U) == 0x80U) --most;
  return most;
}

/// False when the owner was writing, or another one came, at every look.
bool read_entry(const SyncEntry& entry, SyncSeen& seen) {
  constexpr int kLooks = 8;
  for (int look = 0; look < kLooks; ++look) {
    const std::uint64_t turn = entry.turn.load(std::memory_order_acquire);
    if (turn % 2 != 0) continue;
    // Each load acquires what its store released, so that a value newer than `turn` shows in the second look at it.
    const std::uint64_t author = entry.author.load(std::memory_order_acquire);
    const std::uint64_t what = entry.what.load(std::memory_order_acquire);
    const std::uint64_t since = entry.since.load(std::memory_order_acquire);
    std::array<std::uint64_t, kSyncWhoWords> who{};
    for (std::size_t i = 0; i < who.size(); ++i) who[i] = entry.who[i].load(std::memory_order_acquire);
    const std::uint64_t owner = entry.owner.load(std::memory_order_acquire);
    if (entry.turn.load(std::memory_order_acquire) != turn) continue;
    if (owner == 0 || owner != author) return false;
    seen.owner = SyncOwner::unpacked(owner);
    seen.state = static_cast<SyncState>(what & 0xFFU);
    seen.label = static_cast<SyncLabel>(what >> 8U & 0xFFU);
    seen.since = std::chrono::nanoseconds(static_cast<std::int64_t>(since));
    char text[kWhoSize + 1] = {};
    std::memcpy(text, who.data(), kWhoSize);
    seen.who = text;
    return true;
  }
  return false;
}

std::string seconds_text(std::chrono::nanoseconds duration) {
  char text[48];
  const double seconds = std::max(0.0, std::chrono::duration<double>(duration).count());
  std::snprintf(text, sizeof text, "%.1f s", seconds);
  return text;
}

}  // namespace

SyncKind kind_of(SyncLabel label) noexcept {
  if (label == SyncLabel::semaphore) return SyncKind::semaphore;
  return label == SyncLabel::rate_limiter ? SyncKind::rate : SyncKind::lock;
}

const char* text_of(SyncLabel label) noexcept {
  switch (label) {
    case SyncLabel::mutex: return "Mutex";
    case SyncLabel::shared_mutex: return "SharedMutex";
    case SyncLabel::semaphore: return "Semaphore";
    case SyncLabel::rate_limiter: return "RateLimiter";
  }
  return "lock";
}

std::string sync_file_name(SyncKind kind, std::string_view name) {
  std::string file(name);
  file += kind == SyncKind::lock ? ".lock" : kind == SyncKind::semaphore ? ".semaphore" : ".rate";
  return file;
}

std::uint64_t SyncOwner::packed() const noexcept {
  return static_cast<std::uint64_t>(pid) << kTickBits | (start_ticks & kTickMask);
}

SyncOwner SyncOwner::unpacked(std::uint64_t word) noexcept {
  return SyncOwner{static_cast<int>(word >> kTickBits), word & kTickMask};
}

int claim_sync_entry(SyncTable& table, const SyncOwner& self, std::chrono::nanoseconds now, const SyncAlive& alive) {
  const std::uint64_t mine = self.packed();
  // Processes begin at different places, so that they seldom meet on one entry.
  const std::size_t start = static_cast<std::size_t>(self.pid) % kSyncEntries;
  for (std::size_t i = 0; i < kSyncEntries; ++i) {
    const std::size_t index = (start + i) % kSyncEntries;
    std::uint64_t expected = 0;
    std::atomic<std::uint64_t>& owner = table.entries[index].owner;
    if (owner.load(std::memory_order_relaxed) == 0 && owner.compare_exchange_strong(expected, mine)) {
      return static_cast<int>(index);
    }
  }
  std::int64_t due = table.header.reclaim_at.load(std::memory_order_relaxed);
  const std::int64_t next = (now + std::chrono::nanoseconds(kReclaimPause)).count();
  if (now.count() < due && due <= next) return -1;
  if (!table.header.reclaim_at.compare_exchange_strong(due, next)) return -1;
  int taken = -1;
  for (std::size_t index = 0; index < kSyncEntries; ++index) {
    std::atomic<std::uint64_t>& owner = table.entries[index].owner;
    std::uint64_t word = owner.load();
    if (word != 0 && alive(SyncOwner::unpacked(word))) continue;
    if (owner.compare_exchange_strong(word, taken < 0 ? mine : 0) && taken < 0) taken = static_cast<int>(index);
  }
  return taken;
}

void write_sync_entry(SyncTable& table, int index, const SyncOwner& self, SyncState state, SyncLabel label,
                      std::chrono::nanoseconds since, std::string_view who) noexcept {
  SyncEntry& entry = table.entries[static_cast<std::size_t>(index)];
  std::array<std::uint64_t, kSyncWhoWords> words{};
  if (!who.empty()) std::memcpy(words.data(), who.data(), cut(who, kWhoSize));
  const std::uint64_t turn = entry.turn.load(std::memory_order_relaxed) | 1U;  // Odd already when the last owner died.
  entry.turn.store(turn + 2, std::memory_order_release);
  entry.author.store(self.packed(), std::memory_order_release);
  entry.what.store(static_cast<std::uint64_t>(state) | static_cast<std::uint64_t>(label) << 8U,
                   std::memory_order_release);
  entry.since.store(static_cast<std::uint64_t>(since.count()), std::memory_order_release);
  for (std::size_t i = 0; i < words.size(); ++i) entry.who[i].store(words[i], std::memory_order_release);
  entry.turn.store(turn + 3, std::memory_order_release);
}

void free_sync_entry(SyncTable& table, int index, const SyncOwner& self) noexcept {
  std::uint64_t mine = self.packed();
  table.entries[static_cast<std::size_t>(index)].owner.compare_exchange_strong(mine, 0);
}

std::vector<SyncSeen> read_sync_table(const SyncTable& table, const SyncAlive& alive) {
  std::vector<SyncSeen> all;
  for (const SyncEntry& entry : table.entries) {
    SyncSeen seen;
    if (entry.owner.load(std::memory_order_relaxed) != 0 && read_entry(entry, seen) && alive(seen.owner)) {
      all.push_back(std::move(seen));
    }
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const SyncSeen& left, const SyncSeen& right) { return left.since < right.since; });
  return all;
}

std::string text_of(const SyncSeen& seen, std::chrono::nanoseconds now) {
  std::string text = "pid " + std::to_string(seen.owner.pid);
  if (!seen.who.empty()) text += " (" + seen.who + ")";
  return text + " for " + seconds_text(now - seen.since);
}

std::string held_by_text(const std::vector<SyncSeen>& seen, std::chrono::nanoseconds now) {
  std::string text;
  std::size_t holders = 0;
  for (const SyncSeen& each : seen) {
    if (each.state == SyncState::waiting) continue;
    if (++holders > kShownHolders) continue;
    text += holders > 1 ? ", " : each.state == SyncState::shared ? "held shared by " : "held by ";
    text += text_of(each, now);
  }
  if (holders > kShownHolders) text += " and " + std::to_string(holders - kShownHolders) + " more";
  return text;
}

std::string title_of(const SyncHeader& header, SyncLabel label) {
  const auto* const end = static_cast<const char*>(std::memchr(header.name.data(), '\0', header.name.size()));
  std::string text = text_of(label);
  text += " '" + std::string(header.name.data(), end == nullptr ? header.name.data() + header.name.size() : end) + "'";
  if (header.kind == SyncKind::semaphore) {
    text += " (" + std::to_string(header.permits) + (header.permits == 1 ? " permit)" : " permits)");
  }
  if (header.kind == SyncKind::rate) {
    char rate[48];
    std::snprintf(rate, sizeof rate, " (%g a second)", header.per_second);
    text += rate;
  }
  return text;
}

}  // namespace cleave::detail
