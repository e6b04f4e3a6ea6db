#include "os/fork_mark.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>

namespace cleave::os {

ForkMark::ForkMark() noexcept : pid_(::getpid()) {
  const auto size = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  void* const page = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return;
  if (::madvise(page, size, MADV_WIPEONFORK) != 0) {
    ::munmap(page, size);
    return;
  }
  *static_cast<volatile char*>(page) = 1;
  page_ = static_cast<const volatile char*>(page);
}

bool ForkMark::is_here() const noexcept { return page_ != nullptr ? *page_ != 0 : ::getpid() == pid_; }

}  // namespace cleave::os
