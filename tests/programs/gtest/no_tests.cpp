// A program of GoogleTest in which somebody has forgotten the tests.

#include <gtest/gtest.h>
