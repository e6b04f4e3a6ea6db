// A tag for a suite that does not exist, as after a rename.

#include <gtest/gtest.h>
#include <cleave/gtest.hpp>

TEST(Renamed, Passes) {}
CLEAVE_TAG(Original, "serial");
