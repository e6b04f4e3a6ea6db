#pragma once

/// What the linker puts in place of `main` (`--wrap=main`). Each adapter's .cpp includes this header once, so that the
/// symbol lives in an object of the user's own target. It has to: that object names `__real_main`, which the linker
/// turns into `main`, and an object always stands before the archives. A `main` that comes from libgtest_main.a or
/// libCatch2Main.a is then still pulled in, although the Cleave library stands behind that archive on the link line.

#include "cleave/detail/adapter_api.hpp"
#include "wrap_threads.hpp"

namespace cleave::detail {

/// The one framework of this binary, defined by the adapter that includes this header. Two adapters in one binary are a
/// link error (this symbol twice), because neither could know which of them `main` runs.
extern const Adapter framework_adapter;

}  // namespace cleave::detail

namespace cleave::detail {

/// An ELF note, by which the tool `cleave` knows this program without starting it: a program that does not know our
/// flags would run its tests when it is asked to list them. `strip` leaves it.
struct Note {
  unsigned name_size;
  unsigned text_size;
  unsigned type;
  char name[8];
  char text[16];
};

[[gnu::used, gnu::section(".note.cleave"), gnu::aligned(4)]] static const Note program_note = {7, 16, 1, "Cleave",
                                                                                               "main is wrapped"};

}  // namespace cleave::detail

// A sanitizer sets itself up in a constructor, before which nothing that it has compiled may run.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define CLEAVE_STARTS_LATE
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define CLEAVE_STARTS_LATE
#endif
#endif

#ifndef CLEAVE_STARTS_LATE
namespace cleave::detail {

/// The loader calls what stands in this section of an executable before all constructors, with main's arguments.
[[gnu::used, gnu::section(".preinit_array")]] static void (*in_front)(int, char**, char**) = &before_start;

}  // namespace cleave::detail
#endif
#undef CLEAVE_STARTS_LATE

extern "C" {

/// The user's `main`, under the name that the linker gives it. It may well be declared `int main()`: the platform's
/// calling convention lets a caller pass more arguments than a function takes.
int __real_main(int argc, char** argv, char** envp);

/// Runs once, in place of `main`, after static initialisation: tests are registered, and no code of `main` has run.
int __wrap_main(int argc, char** argv, char** envp);

int __wrap_main(int argc, char** argv, char** envp) {
  return ::cleave::detail::entry(argc, argv, envp, &__real_main, ::cleave::detail::framework_adapter);
}

}  // extern "C"
