#pragma once

/// What the linker puts in place of std::thread::hardware_concurrency() (`--wrap`), so that thread pools sized by it
/// share the machine with the other shards. It answers for the objects and archives of the executable; a shared library
/// calls the real one. Like main's it stands in an object of the user's own target: the linker only looks for the name
/// `__wrap_…` when the program calls the function.

#include "cleave/detail/adapter_api.hpp"

// libc++ has another mangled name, which nothing wraps. The macros are there after any standard header.
#if defined(__GLIBCXX__) && defined(_GLIBCXX_HAS_GTHREADS)

extern "C" {

/// std::thread::hardware_concurrency(), under the name that the linker gives it: a static member function without
/// parameters is called like a function of C.
unsigned __real__ZNSt6thread20hardware_concurrencyEv() noexcept;

/// `used`, because a linker that optimises whole programs (gold with GCC's -flto) sees no call by this name.
__attribute__((used)) unsigned __wrap__ZNSt6thread20hardware_concurrencyEv() noexcept;

unsigned __wrap__ZNSt6thread20hardware_concurrencyEv() noexcept {
  return ::cleave::detail::capped_threads(__real__ZNSt6thread20hardware_concurrencyEv());
}

}  // extern "C"

#endif
