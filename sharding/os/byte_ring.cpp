#include "os/byte_ring.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>

#include "os/futex.hpp"

namespace cleave::os {
namespace {

/// Before the bytes. Zeros in a new ring; the counters never wrap around.
struct Header {
  std::atomic<std::uint64_t> written;     ///< Bytes, by the writer.
  std::atomic<std::uint64_t> taken;       ///< Bytes, by the reader.
  std::atomic<std::uint32_t> asleep;      ///< The reader waits for the bell.
  std::atomic<std::uint32_t> wants_room;  ///< The writer waits until `takes` changes.
  std::atomic<std::uint32_t> takes;       ///< How often the reader took something.
};
static_assert(std::atomic<std::uint64_t>::is_always_lock_free, "a lock would be one process's own");

constexpr std::size_t kHeaderBytes = 4096;
constexpr std::chrono::milliseconds kRoomPause{20};

Header& header_of(const Mapping& mapping) noexcept { return *static_cast<Header*>(mapping.data()); }
char* bytes_of(const Mapping& mapping) noexcept { return static_cast<char*>(mapping.data()) + kHeaderBytes; }

}  // namespace

Result<ByteRing> ByteRing::create() {
  Fd file(::memfd_create("cleave-events", MFD_CLOEXEC));
  if (!file.valid()) return system_error("memfd_create", errno);
  // Pages are made when they are used: most workers say little.
  if (::ftruncate(file.get(), static_cast<off_t>(kHeaderBytes + kCapacity)) != 0) {
    return system_error("ftruncate", errno);
  }
  return open(std::move(file));
}

Result<ByteRing> ByteRing::open(Fd file) {
  auto mapping = Mapping::map(file.get(), kHeaderBytes + kCapacity);
  if (!mapping) return mapping.error();
  ByteRing ring;
  ring.file_ = std::move(file);
  ring.mapping_ = std::move(*mapping);
  return ring;
}

std::size_t ByteRing::write_some(std::string_view bytes) noexcept {
  Header& header = header_of(mapping_);
  const std::uint64_t written = header.written.load(std::memory_order_relaxed);
  const std::uint64_t held = written - header.taken.load(std::memory_order_acquire);
  const std::size_t size = std::min<std::uint64_t>(bytes.size(), kCapacity - std::min(held, kCapacity));
  const std::size_t begin = written % kCapacity;
  const std::size_t first = std::min<std::size_t>(size, kCapacity - begin);
  std::memcpy(bytes_of(mapping_) + begin, bytes.data(), first);
  std::memcpy(bytes_of(mapping_), bytes.data() + first, size - first);
  // Sequentially consistent, as in fall_asleep(): either the reader sees these bytes, or must_ring() that it sleeps.
  header.written.store(written + size);
  return size;
}

bool ByteRing::must_ring() noexcept {
  Header& header = header_of(mapping_);
  return header.asleep.load() != 0 && header.asleep.exchange(0) != 0;
}

void ByteRing::wait_for_room() noexcept {
  Header& header = header_of(mapping_);
  const std::uint32_t takes = header.takes.load();
  header.wants_room.store(1);
  const std::uint64_t held = header.written.load(std::memory_order_relaxed) - header.taken.load();
  if (held >= kCapacity) sleep_while(header.takes, takes, kRoomPause);
}

bool ByteRing::read(std::string& out) {
  Header& header = header_of(mapping_);
  const std::uint64_t size = header.written.load() - taken_;
  if (size > kCapacity || header.taken.load(std::memory_order_relaxed) != taken_) return false;
  if (size == 0) return true;
  header.asleep.store(0, std::memory_order_relaxed);
  const std::size_t begin = taken_ % kCapacity;
  const std::size_t first = std::min<std::uint64_t>(size, kCapacity - begin);
  out.append(bytes_of(mapping_) + begin, first);
  out.append(bytes_of(mapping_), size - first);
  taken_ += size;
  header.taken.store(taken_);
  header.takes.fetch_add(1);
  if (header.wants_room.exchange(0) != 0) wake_all(header.takes);
  return true;
}

bool ByteRing::fall_asleep() noexcept {
  Header& header = header_of(mapping_);
  header.asleep.store(1);
  return header.written.load() == taken_;
}

}  // namespace cleave::os
