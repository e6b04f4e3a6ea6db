#pragma once

/// Tags for GoogleTest, which has none of its own. A tag tells Cleave how a test may be scheduled; without a cleave
/// flag or variable it changes nothing.
///
///     #include <cleave/gtest.hpp>
///
///     CLEAVE_TAG(ShutdownTest, "serial");
///     CLEAVE_TAG_TEST(StoreTest, RebuildsTheIndex, "lock:db");

#include "cleave/detail/adapter_api.hpp"

namespace cleave {
namespace detail {

/// Registers each tag. Takes literals only, because the pointers are kept until the program ends.
template <decltype(sizeof(0))... Sizes>
int register_tags(const char* suite, const char* test, const char* file, int line,
                  const char (&... tags)[Sizes]) noexcept {
  static_assert(sizeof...(Sizes) > 0, "name at least one tag, for example \"serial\"");
  const char* const all[] = {tags...};
  for (const char* tag : all) register_tag(suite, test, tag, file, line);
  return 0;
}

}  // namespace detail
}  // namespace cleave

/// At namespace scope, in any file of the binary (also in a header, and before or after the tests): every test of
/// `Suite` has the tags. `Suite` is written as in TEST(Suite, Name): without quotes, and with DISABLED_ if it is there.
///
/// Several tags may be named at once or in several CLEAVE_TAG; they add up, and naming one twice is the same as once.
/// The suite of TEST_P, TYPED_TEST and TYPED_TEST_P is named as in the macro, and every instantiation has the tags.
///
/// Tags that Cleave knows: "serial" (nothing else runs meanwhile), "lock:NAME" and "lock:NAME:read" (held while a test
/// runs), "needs:FIXTURE" and "needs:none" (which fixtures are up before it starts). A tag that Cleave cannot read, or a suite or test that the binary does not have, is an error that
/// names this file and line; it is reported when the tests are listed, before any test runs.
#define CLEAVE_TAG(Suite, ...) CLEAVE_DETAIL_TAG_SUITE(Suite, __COUNTER__, __VA_ARGS__)

/// The same for the one test `Suite.Name` (with TEST_P and TYPED_TEST: for each of its instantiations).
#define CLEAVE_TAG_TEST(Suite, Name, ...) CLEAVE_DETAIL_TAG_TEST(Suite, Name, __COUNTER__, __VA_ARGS__)

// One level more than it seems to need: like TEST(), these expand a macro that is given as a name before they quote it.
#define CLEAVE_DETAIL_TAG_SUITE(suite, number, ...) CLEAVE_DETAIL_TAG(#suite, nullptr, number, __VA_ARGS__)
#define CLEAVE_DETAIL_TAG_TEST(suite, test, number, ...) CLEAVE_DETAIL_TAG(#suite, #test, number, __VA_ARGS__)
#define CLEAVE_DETAIL_TAG(suite, test, number, ...)       \
  __attribute__((unused)) static const int cleave_tag_##number = \
      ::cleave::detail::register_tags(suite, test, __FILE__, __LINE__, __VA_ARGS__)
