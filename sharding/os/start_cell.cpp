#include "os/start_cell.hpp"

#include <atomic>
#include <cstdint>
#include <optional>

#include "plan/stagger.hpp"

namespace cleave::os {
namespace {

/// What the file holds; zeros in a new one. Read and written by several processes.
struct Cell {
  std::atomic<std::uint64_t> format;  ///< kFormat, or 0 in a new file.
  std::atomic<std::int64_t> last;     ///< Monotonic nanoseconds; 0 before the first start, and never less.
};
static_assert(sizeof(Cell) == 16 && alignof(Cell) == 8, "the layout of the file");
static_assert(std::atomic<std::uint64_t>::is_always_lock_free && std::atomic<std::int64_t>::is_always_lock_free,
              "a lock would be one process's own");

constexpr std::uint64_t kFormat = 0x315452415453434C;  // "LCSTART1"

Cell& cell_of(const Mapping& mapping) noexcept { return *static_cast<Cell*>(mapping.data()); }

}  // namespace

Result<StartCell> StartCell::open(const std::string& path) {
  auto file = open_shared_file(path);
  if (!file) return file.error();
  auto mapping = Mapping::map(file->get(), sizeof(Cell));
  if (!mapping)
    return Error{mapping.error().kind, "map " + path + ": " + mapping.error().what, mapping.error().sys_errno};
  std::uint64_t format = 0;
  if (!cell_of(*mapping).format.compare_exchange_strong(format, kFormat) && format != kFormat) {
    return Error{Errc::corrupt, "open " + path + ": it is not a file of start times", 0};
  }
  return StartCell(std::move(*mapping));
}

std::chrono::nanoseconds StartCell::try_start(std::chrono::nanoseconds apart, std::chrono::nanoseconds now) noexcept {
  std::atomic<std::int64_t>& cell = cell_of(mapping_).last;
  std::int64_t last = cell.load();
  while (true) {
    const auto seen = last <= 0 ? std::nullopt : std::optional(std::chrono::nanoseconds(last));
    const auto earliest = plan::earliest_start(seen, apart, now);
    if (earliest > now) return earliest - now;
    if (cell.compare_exchange_weak(last, now.count())) return std::chrono::nanoseconds::zero();
  }
}

}  // namespace cleave::os
