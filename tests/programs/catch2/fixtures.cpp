// Tests that use the fixtures of fixtures.hpp: shared ones, one of each shard, and none. The same as for GoogleTest.

#include "catch_any.hpp"

#include "../fixtures.hpp"

namespace {

std::string number_in(const std::string& name) { return name.substr(name.find_first_of("0123456789")); }

#define CLEAVE_SHARED(name) \
  TEST_CASE(name) { CHECK(fixtures::use_shared("Shared" + number_in(name)) == ""); }

CLEAVE_SHARED("shared 0")
CLEAVE_SHARED("shared 1")
CLEAVE_SHARED("shared 2")
CLEAVE_SHARED("shared 3")
CLEAVE_SHARED("shared 4")
CLEAVE_SHARED("shared 5")
CLEAVE_SHARED("shared 6")
CLEAVE_SHARED("shared 7")
CLEAVE_SHARED("shared 8")
CLEAVE_SHARED("shared 9")
CLEAVE_SHARED("shared 10")
CLEAVE_SHARED("shared 11")

#define CLEAVE_OWN(name) \
  TEST_CASE(name, "[needs:base]") { CHECK(fixtures::use_own("Own" + number_in(name)) == ""); }

CLEAVE_OWN("own 0")
CLEAVE_OWN("own 1")
CLEAVE_OWN("own 2")
CLEAVE_OWN("own 3")
CLEAVE_OWN("own 4")
CLEAVE_OWN("own 5")
CLEAVE_OWN("own 6")
CLEAVE_OWN("own 7")
CLEAVE_OWN("own 8")
CLEAVE_OWN("own 9")
CLEAVE_OWN("own 10")
CLEAVE_OWN("own 11")

TEST_CASE("alone needs nothing", "[needs:none]") { fixtures::do_deed("Alone"); }

TEST_CASE("alone cleans up after itself", "[needs:none]") { fixtures::clean_up_twice(); }

TEST_CASE("alone fails when its cleanup does", "[needs:none]") { fixtures::clean_up_badly(); }

TEST_CASE("alone cleans up after the process", "[needs:none]") { fixtures::clean_up_the_process(); }

TEST_CASE("alone leaves a file", "[needs:none]") { CHECK(fixtures::fill_temp_dir()); }

}  // namespace
