#pragma once

namespace cleave::os {

/// Tells the process that made it from those that it forks, without a system call: a page that the kernel gives to a
/// fork as zeros (MADV_WIPEONFORK, since Linux 4.14). Where there is no such page it asks for the pid. A child of vfork
/// shares the page, and is not told apart.
class ForkMark {
 public:
  ForkMark() noexcept;
  /// The page stays: what is asked last may be asked behind static destructors.
  ~ForkMark() = default;
  ForkMark(const ForkMark&) = delete;
  ForkMark& operator=(const ForkMark&) = delete;

  /// True in the process that made this object. In any thread, and in a signal handler.
  bool is_here() const noexcept;

 private:
  const volatile char* page_ = nullptr;
  int pid_ = 0;
};

}  // namespace cleave::os
