#include "os/signal_mask.hpp"

#include <pthread.h>

namespace cleave::os {

SignalMask SignalMask::of_this_thread() noexcept {
  SignalMask mask;
  ::pthread_sigmask(SIG_SETMASK, nullptr, &mask.set_);
  return mask;
}

SignalMask SignalMask::all() noexcept {
  SignalMask mask;
  ::sigfillset(&mask.set_);
  return mask;
}

void SignalMask::use() const noexcept { ::pthread_sigmask(SIG_SETMASK, &set_, nullptr); }

}  // namespace cleave::os
