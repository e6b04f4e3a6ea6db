#pragma once

/// The file behind a Mutex, SharedMutex, Semaphore or RateLimiter. Whether it is held, the kernel's locks on the file
/// say alone; what stands in the file is its parameters, the state of a rate, and a table of who holds it and who
/// waits, for people. Every process that uses the name maps it. All functions here are pure but for that memory,
/// lock-free, and may be called from any thread of any process at the same time; none believes what a dead process
/// left.

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace cleave::detail {

/// What a file is for. A Mutex and a SharedMutex of one name are one lock.
enum class SyncKind : std::uint32_t { lock = 1, semaphore = 2, rate = 3 };
/// The type that the user named.
enum class SyncLabel : std::uint8_t { mutex = 1, shared_mutex = 2, semaphore = 3, rate_limiter = 4 };
enum class SyncState : std::uint8_t { waiting = 1, exclusive = 2, shared = 3, permit = 4 };

SyncKind kind_of(SyncLabel label) noexcept;
/// "Mutex", "SharedMutex", "Semaphore", "RateLimiter".
const char* text_of(SyncLabel label) noexcept;
/// How the file of a name is called in its folder: "db.lock", "db.semaphore", "db.rate".
std::string sync_file_name(SyncKind kind, std::string_view name);

/// @name Which bytes of the file the kernel's locks are on. They need not exist in it.
/// @{
inline constexpr std::uint64_t kMainByte = 0;    ///< Exclusively or shared by those who hold the lock.
inline constexpr std::uint64_t kGateByte = 1;    ///< By the one whose turn it is next; see fixtures/sync/hold.cpp.
inline constexpr std::uint64_t kHeaderByte = 2;  ///< While somebody makes or checks the header.
inline constexpr std::uint64_t kUserByte = 3;    ///< Shared by every process that has the file mapped (Reach::machine).
inline constexpr std::uint64_t kPermitByte = 16;  ///< And those behind it: each by who holds that permit.
/// @}

inline constexpr std::uint64_t kSyncMagic = 0x636E7973'65766C63ULL;  // "clvesync"
inline constexpr std::uint32_t kSyncVersion = 1;
inline constexpr std::size_t kSyncEntries = 64;
inline constexpr std::size_t kSyncNameSize = 72;
inline constexpr std::size_t kSyncWhoWords = 19;

struct SyncHeader {
  std::atomic<std::uint64_t> magic;  ///< Written last: a file without it was never finished and is made again.
  std::uint32_t version;
  SyncKind kind;
  std::uint32_t permits;  ///< Of a semaphore; the burst of a rate.
  std::uint32_t reserved;
  double per_second;                         ///< Of a rate.
  std::uint64_t boot;                        ///< Which start of the machine the times and processes belong to.
  std::atomic<std::uint32_t> changes;        ///< Counted up after every release; waiters sleep on it.
  std::atomic<std::uint32_t> likely_permit;  ///< Where to look first for a free permit.
  std::atomic<std::int64_t> arrival;         ///< The theoretical arrival time of a rate, in monotonic nanoseconds.
  std::atomic<std::int64_t> reclaim_at;      ///< Nobody looks for dead entries in a full table before that.
  std::array<char, kSyncNameSize> name;      ///< Ends with a NUL.
};

/// One hold or one wait of one thread. Only its owner writes it, between an odd and an even `turn`.
struct SyncEntry {
  std::atomic<std::uint64_t> owner;   ///< Packed SyncOwner; 0 when free. Claimed by compare and swap.
  std::atomic<std::uint64_t> turn;    ///< Odd while the rest is being written.
  std::atomic<std::uint64_t> author;  ///< The owner that wrote the rest.
  std::atomic<std::uint64_t> what;    ///< SyncState and, 8 bits further up, SyncLabel.
  std::atomic<std::uint64_t> since;   ///< Monotonic nanoseconds.
  std::array<std::atomic<std::uint64_t>, kSyncWhoWords> who;
};

struct SyncTable {
  SyncHeader header;
  std::array<SyncEntry, kSyncEntries> entries;
};
static_assert(std::atomic<std::uint64_t>::is_always_lock_free && sizeof(std::atomic<std::uint64_t>) == 8);
static_assert(sizeof(SyncHeader) == 136 && sizeof(SyncEntry) == 192 && sizeof(SyncTable) == 136 + 64 * 192,
              "a change of the layout needs a new kSyncVersion");

/// A process, told apart from others that had its number before. Packs into 64 bits: 22 for the pid, which is all that
/// Linux uses (PID_MAX_LIMIT), and 42 for the time of its start in clock ticks.
struct SyncOwner {
  int pid = 0;
  std::uint64_t start_ticks = 0;
  std::uint64_t packed() const noexcept;
  static SyncOwner unpacked(std::uint64_t word) noexcept;
};
/// True while the process lives.
using SyncAlive = std::function<bool(const SyncOwner&)>;

/// Takes a free entry, or one of a dead process; -1 when the table is full. Dead entries are looked for at most ten
/// times a second, because that asks for every owner in turn.
int claim_sync_entry(SyncTable& table, const SyncOwner& self, std::chrono::nanoseconds now, const SyncAlive& alive);
/// @pre `self` has claimed the entry.
void write_sync_entry(SyncTable& table, int index, const SyncOwner& self, SyncState state, SyncLabel label,
                      std::chrono::nanoseconds since, std::string_view who) noexcept;
/// Nothing happens when the entry is not `self`'s any more.
void free_sync_entry(SyncTable& table, int index, const SyncOwner& self) noexcept;

/// One entry as it was at one moment.
struct SyncSeen {
  SyncOwner owner;
  SyncState state = SyncState::waiting;
  SyncLabel label = SyncLabel::mutex;
  std::chrono::nanoseconds since{0};
  std::string who;  ///< "shard-2, Orders.AreStored"; empty when the process is none of a run.
};
/// The entries of living processes, those that began first at the front.
std::vector<SyncSeen> read_sync_table(const SyncTable& table, const SyncAlive& alive);

/// "held by pid 4711 (shard-2, Orders.AreStored) for 14.0 s, pid …" (at most eight of them), "held shared by …", or an
/// empty string when nobody is seen to hold it.
std::string held_by_text(const std::vector<SyncSeen>& seen, std::chrono::nanoseconds now);
/// "pid 4711 (shard-2, Orders.AreStored) for 14.0 s".
std::string text_of(const SyncSeen& seen, std::chrono::nanoseconds now);
/// "Mutex 'db'", "Semaphore 'db' (16 permits)", "RateLimiter 'api' (5 a second)".
std::string title_of(const SyncHeader& header, SyncLabel label);

/// The same with the state of this machine at this moment; a process without a `who` is named by its program.
/// Implemented in sharding/run/sync_report.cpp.
std::vector<SyncSeen> read_sync_table(const SyncTable& table);
std::string held_by_text(const SyncTable& table);
bool sync_owner_lives(const SyncOwner& owner);

}  // namespace cleave::detail
