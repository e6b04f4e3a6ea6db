#include "run/begin_marks.hpp"

#include <string>

#include "os/file.hpp"

namespace cleave::run {
namespace {

bool lies_within(std::uint64_t at, std::uint64_t bytes, std::uint64_t size) { return at <= size && bytes <= size - at; }

}  // namespace

void BeginMarks::begin(std::uint32_t item) const noexcept {
  if (running == nullptr) return;
  running->store(item + 1, std::memory_order_relaxed);
  begun[item].store(1, std::memory_order_relaxed);
}

void BeginMarks::end() const noexcept {
  if (running != nullptr) running->store(0, std::memory_order_relaxed);
}

Result<void> map_marks(BeginMarks& marks) {
  // The rest of the file is none of a worker's business.
  const std::uint64_t begin = marks.running_at & ~std::uint64_t{os::Mapping::kPage - 1};
  auto mapping = os::Mapping::rest(marks.fd, begin);
  if (!mapping) return Error{Errc::broken, "queue of the run: " + mapping.error().what, mapping.error().sys_errno};
  const std::uint64_t size = begin + mapping->size();
  if (!lies_within(marks.running_at, sizeof(std::uint32_t), size) || marks.running_at % alignof(std::uint32_t) != 0 ||
      marks.begun_at < begin || !lies_within(marks.begun_at, marks.items, size)) {
    return Error{Errc::broken,
                 "queue of the run: has " + std::to_string(size) + " bytes, and no marks of " +
                     std::to_string(marks.items) + " tests at " + std::to_string(marks.begun_at),
                 0};
  }
  char* const pages = static_cast<char*>(mapping->release());
  marks.running = reinterpret_cast<std::atomic<std::uint32_t>*>(pages + (marks.running_at - begin));
  marks.begun = reinterpret_cast<std::atomic<std::uint8_t>*>(pages + (marks.begun_at - begin));
  return {};
}

}  // namespace cleave::run
