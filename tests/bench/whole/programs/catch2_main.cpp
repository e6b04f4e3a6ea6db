// Catch2's implementation and main, compiled once for all programs of one version.
#define CATCH_CONFIG_MAIN
#define CATCH2_IMPLEMENTATION

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif
