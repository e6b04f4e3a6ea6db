#pragma once

/// Includes the Catch2 that this program is built against, so that every program here is built against v2 and v3.
/// CLEAVE_CATCH2_MAJOR is set by the build where both versions can be found, and is defined after this header anyway.

#ifndef CLEAVE_CATCH2_MAJOR
#if __has_include(<catch2/catch_all.hpp>)
#define CLEAVE_CATCH2_MAJOR 3
#else
#define CLEAVE_CATCH2_MAJOR 2
#endif
#endif

#if CLEAVE_CATCH2_MAJOR == 2
#include <catch2/catch.hpp>
#else
#include <catch2/catch_all.hpp>
#endif
