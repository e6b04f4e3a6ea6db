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
  auto mapping = os::Mapping::whole(marks.fd);
  if (!mapping) return Error{Errc::broken, "queue of the run: " + mapping.error().what, mapping.error().sys_errno};
  if (!lies_within(marks.running_at, sizeof(std::uint32_t), mapping->size()) ||
      marks.running_at % alignof(std::uint32_t) != 0 || !lies_within(marks.begun_at, marks.items, mapping->size())) {
    return Error{Errc::broken,
                 "queue of the run: has " + std::to_string(mapping->size()) + " bytes, and no marks of " +
                     std::to_string(marks.items) + " tests at " + std::to_string(marks.begun_at),
                 0};
  }
  char* const file = static_cast<char*>(mapping->release());
  marks.running = reinterpret_cast<std::atomic<std::uint32_t>*>(file + marks.running_at);
  marks.begun = reinterpret_cast<std::atomic<std::uint8_t>*>(file + marks.begun_at);
  return {};
}

}  // namespace cleave::run
