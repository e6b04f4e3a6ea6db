// Tags that are wrong: a run must not start with them.

#include <gtest/gtest.h>
#include <cleave/gtest.hpp>

TEST(BadTag, Passes) {}
CLEAVE_TAG(BadTag, "seril");
