/// A main with an option of its own, beside those of Catch2, and with work before and after the tests.
/// v3 links main.cpp compiled with CLEAVE_TEST_OWN_MAIN; v2 declares its Session only where it is implemented: here.

#ifndef CLEAVE_CATCH2_MAJOR
#if !__has_include(<catch2/catch_all.hpp>)
#define CATCH_CONFIG_RUNNER
#endif
#elif CLEAVE_CATCH2_MAJOR == 2
#define CATCH_CONFIG_RUNNER
#endif
#include "catch_any.hpp"

#include <cstdio>
#include <string>

namespace {
std::string greeting = "none";
bool prepared = false;
}  // namespace

TEST_CASE("sees what main prepared") { CHECK(prepared); }

TEST_CASE("sees main's own option", "[option]") { CHECK(greeting == "hello"); }

TEST_CASE("passes") { CHECK(true); }

int main(int argc, char* argv[]) {
  Catch::Session session;
#if CLEAVE_CATCH2_MAJOR == 2
  using namespace Catch::clara;
#else
  using namespace Catch::Clara;
#endif
  session.cli(session.cli() | Opt(greeting, "word")["-g"]["--greeting"]("what to say"));
  if (const int error = session.applyCommandLine(argc, argv); error != 0) {
    return error;
  }
  prepared = true;
  const int result = session.run();
  std::printf("main says %s\n", greeting.c_str());
  return result;
}
