#include "os/build_id.hpp"

#include <elf.h>
#include <link.h>

#include <cstring>

// There when the program was linked with the runtime of a sanitizer.
extern "C" {
void __asan_init() __attribute__((weak));
void __tsan_init() __attribute__((weak));
void __msan_init() __attribute__((weak));
void __ubsan_handle_add_overflow(void*, void*, void*) __attribute__((weak));
}

namespace cleave::os {
namespace {

constexpr std::size_t kNoteAlignment = 4;

std::size_t aligned(std::size_t size) { return (size + kNoteAlignment - 1) / kNoteAlignment * kNoteAlignment; }

/// Looks through the notes of one segment.
void find_in_notes(const char* note, std::size_t size, std::string& found) {
  while (size >= sizeof(ElfW(Nhdr))) {
    ElfW(Nhdr) header;
    std::memcpy(&header, note, sizeof header);
    const std::size_t name = aligned(header.n_namesz);
    const std::size_t whole = sizeof header + name + aligned(header.n_descsz);
    if (whole > size) return;
    if (header.n_type == NT_GNU_BUILD_ID && header.n_namesz == sizeof ELF_NOTE_GNU &&
        std::memcmp(note + sizeof header, ELF_NOTE_GNU, sizeof ELF_NOTE_GNU) == 0) {
      found.assign(note + sizeof header + name, header.n_descsz);
      return;
    }
    note += whole;
    size -= whole;
  }
}

/// Called for each loaded object; the first one is the program.
int look_at_object(dl_phdr_info* object, std::size_t, void* found) {
  for (std::size_t i = 0; i < object->dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = object->dlpi_phdr[i];
    if (segment.p_type != PT_NOTE) continue;
    const auto* const note = reinterpret_cast<const char*>(object->dlpi_addr + segment.p_vaddr);
    find_in_notes(note, segment.p_memsz, *static_cast<std::string*>(found));
  }
  return 1;
}

int add_path(dl_phdr_info* object, std::size_t, void* paths) {
  const std::string path = object->dlpi_name == nullptr ? "" : object->dlpi_name;
  if (path.find('/') != std::string::npos) static_cast<std::vector<std::string>*>(paths)->push_back(path);
  return 0;
}

}  // namespace

std::vector<std::string> loaded_libraries() {
  std::vector<std::string> paths;
  ::dl_iterate_phdr(add_path, &paths);
  return paths;
}

bool is_sanitized() noexcept {
  return __asan_init != nullptr || __tsan_init != nullptr || __msan_init != nullptr ||
         __ubsan_handle_add_overflow != nullptr;
}

std::string build_id() {
  std::string found;
  ::dl_iterate_phdr(look_at_object, &found);
  return found;
}

}  // namespace cleave::os
