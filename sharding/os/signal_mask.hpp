#pragma once

#include <signal.h>

namespace cleave::os {

/// Which signals a thread has blocked.
class SignalMask {
 public:
  static SignalMask of_this_thread() noexcept;
  static SignalMask all() noexcept;
  /// This thread has this mask from here on.
  void use() const noexcept;

 private:
  sigset_t set_{};
};

}  // namespace cleave::os
