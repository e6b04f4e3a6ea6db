/// One test for every way in which a Catch2 test can end, and for every kind of message.

#include "catch_any.hpp"

#include <stdexcept>
#include <string>
#include <vector>

TEST_CASE("passes", "[fast]") { REQUIRE(1 + 1 == 2); }

TEST_CASE("passes without an assertion", "[empty]") {}

TEST_CASE("fails two checks and goes on", "[fails]") {
  const int one = 1;
  CHECK(one == 2);
  CHECK(one == 3);
  CHECK(one == 1);
}

TEST_CASE("fails a requirement and stops", "[fails]") {
  const std::string word = "left";
  REQUIRE(word == "right");
  FAIL("is never reached");
}

TEST_CASE("fails explicitly", "[fails]") { FAIL("explicitly, with a reason"); }

TEST_CASE("tells what was going on", "[fails][messages]") {
  const int answer = 42;
  INFO("an INFO line");
  CAPTURE(answer);
  CHECK(answer == 43);
}

TEST_CASE("only warns", "[messages]") {
  WARN("a WARN line");
  CHECK_NOFAIL(1 == 2);
  SUCCEED();
}

TEST_CASE("throws in its body", "[fails][exceptions]") {
  CHECK(true);
  throw std::runtime_error("thrown in the body");
}

TEST_CASE("throws in an assertion", "[fails][exceptions]") {
  const std::vector<int> none;
  CHECK(none.at(1) == 0);
}

TEST_CASE("throws something that is no exception", "[fails][exceptions]") {
  struct Odd {};
  throw Odd();
}

TEST_CASE("does not throw what it should", "[fails][exceptions]") {
  CHECK_THROWS(static_cast<void>(1));
  CHECK_THROWS_AS(throw std::logic_error("of another type"), std::runtime_error);
  CHECK_NOTHROW(throw std::runtime_error("where none was expected"));
}

TEST_CASE("may throw, skipped by -e", "[exceptions][!throws]") { CHECK_THROWS(throw std::runtime_error("expected")); }

TEST_CASE("passes all of its sections", "[sections]") {
  int entered = 0;
  SECTION("first") { ++entered; }
  SECTION("second") { ++entered; }
  CHECK(entered <= 1);
}

TEST_CASE("fails in nested sections", "[fails][sections]") {
  SECTION("outer") {
    SECTION("passes") { CHECK(true); }
    SECTION("fails > a check, with / odd \" characters") { CHECK(1 == 2); }
    SECTION("throws") { throw std::runtime_error("thrown in a section"); }
  }
  SECTION("another outer") { CHECK(2 == 3); }
}

TEST_CASE("fails for one generated value of three", "[fails][generators]") {
  const int value = GENERATE(1, 2, 3);
  CHECK(value != 2);
}

TEMPLATE_TEST_CASE("is one test for each type", "[templates]", int, char, double) {
  CHECK(TestType{} == TestType{});
  CHECK(sizeof(TestType) < 8);
}

namespace {
class Account {
 protected:
  int balance_ = 100;
};
}  // namespace

TEST_CASE_METHOD(Account, "uses a fixture", "[fixtures]") { CHECK(balance_ == 100); }

TEST_CASE_METHOD(Account, "fails with a fixture", "[fails][fixtures]") { CHECK(balance_ == 0); }

SCENARIO("behaves as described", "[bdd]") {
  GIVEN("one") {
    int value = 1;
    WHEN("one is added") {
      ++value;
      THEN("it is two") { CHECK(value == 2); }
    }
  }
}

TEST_CASE("may fail, and does", "[!mayfail]") { CHECK(1 == 2); }

TEST_CASE("may fail, but does not", "[!mayfail]") { CHECK(1 == 1); }

TEST_CASE("should fail, and does", "[!shouldfail]") { CHECK(1 == 2); }

TEST_CASE("should fail, but does not", "[fails][!shouldfail]") { CHECK(1 == 1); }

TEST_CASE("is hidden and passes", "[.]") { CHECK(true); }

TEST_CASE("is hidden with a tag and fails", "[.integration]") { CHECK(false); }

#if CLEAVE_CATCH2_MAJOR >= 3
TEST_CASE("skips itself", "[skips]") { SKIP("a reason to skip"); }

TEST_CASE("skips a section only", "[skips]") {
  SECTION("skipped") { SKIP(); }
  SECTION("run") { CHECK(true); }
}
#endif

TEST_CASE("Passes", "[case]") { CHECK(true); }
