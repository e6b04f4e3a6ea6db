/// Catch2's implementation, compiled once for all programs of one version. With CLEAVE_TEST_OWN_MAIN it brings no main:
/// for the programs that write their own, and run_session() for those that cannot see v2's Session.

#ifdef CLEAVE_TEST_OWN_MAIN
#define CATCH_CONFIG_RUNNER
#define CATCH_AMALGAMATED_CUSTOM_MAIN
#else
#define CATCH_CONFIG_MAIN
#endif
// The npm package of v3 compiles its implementation into the file that defines this; an installed v3 ignores it.
#define CATCH2_IMPLEMENTATION

#include "catch_any.hpp"

#ifdef CLEAVE_TEST_OWN_MAIN
int run_session(int argc, char* argv[]) { return Catch::Session().run(argc, argv); }
#endif
