/// Test names that have broken other runners: everything that a shell, CMake, an expression or a test spec would eat.
/// All of these tests pass; the point is that each of them runs, once, and is reported under its own name.

#include "catch_any.hpp"

TEST_CASE(
    "with [brackets] * stars, commas ~ tildes \\ backslashes \" quotes ; semicolons $ dollars { braces } < angles > @ "
    "# ' ` & | ! ? %",
    "[hostile]") {
  CHECK(true);
}

TEST_CASE("unterminated [", "[hostile]") { CHECK(true); }

TEST_CASE("unterminated [tag", "[hostile]") { CHECK(true); }

TEST_CASE("closed only ]", "[hostile]") { CHECK(true); }

TEST_CASE("[looks like a tag]", "[hostile]") { CHECK(true); }

TEST_CASE("~[looks like an exclusion]", "[hostile]") { CHECK(true); }

TEST_CASE("*", "[hostile]") { CHECK(true); }

TEST_CASE("*wild*", "[hostile]") { CHECK(true); }

TEST_CASE("wild*", "[hostile]") { CHECK(true); }

TEST_CASE("a,b", "[hostile]") { CHECK(true); }

TEST_CASE("a\\,b", "[hostile]") { CHECK(true); }

TEST_CASE(",", "[hostile]") { CHECK(true); }

TEST_CASE("~", "[hostile]") { CHECK(true); }

TEST_CASE("~leading tilde", "[hostile]") { CHECK(true); }

TEST_CASE("exclude:leading keyword", "[hostile]") { CHECK(true); }

TEST_CASE("trailing backslash\\", "[hostile]") { CHECK(true); }

TEST_CASE("\\", "[hostile]") { CHECK(true); }

TEST_CASE("\\\\", "[hostile]") { CHECK(true); }

TEST_CASE("\"", "[hostile]") { CHECK(true); }

TEST_CASE("\"quoted\"", "[hostile]") { CHECK(true); }

TEST_CASE("a;b;c", "[hostile]") { CHECK(true); }

TEST_CASE(";", "[hostile]") { CHECK(true); }

TEST_CASE("$ENV{X};[weird]{},{ mix $<0:no> ${VAR} };,{ }},{{", "[hostile]") { CHECK(true); }

TEST_CASE("@Script[C:\\EPM1A]=x;\"SCALA_ZERO:\"", "[hostile]") { CHECK(true); }

TEST_CASE("${CMAKE_SOURCE_DIR}", "[hostile]") { CHECK(true); }

TEST_CASE("$<TARGET_FILE:x>", "[hostile]") { CHECK(true); }

TEST_CASE("@VAR@", "[hostile]") { CHECK(true); }

TEST_CASE("#hash first", "[hostile]") { CHECK(true); }

TEST_CASE("# comment", "[hostile]") { CHECK(true); }

TEST_CASE("]==] bracket argument end", "[hostile]") { CHECK(true); }

TEST_CASE("[==[ bracket argument start", "[hostile]") { CHECK(true); }

TEST_CASE("-leading dash", "[hostile]") { CHECK(true); }

TEST_CASE("--list-tests", "[hostile]") { CHECK(true); }

TEST_CASE("--cleave-jobs=3", "[hostile]") { CHECK(true); }

TEST_CASE("%s %d %n", "[hostile]") { CHECK(true); }

TEST_CASE("em \u2014 dash", "[hostile]") { CHECK(true); }

TEST_CASE("\u4f60\u597d \u4e16\u754c \u30c6\u30b9\u30c8 \ud14c\uc2a4\ud2b8", "[hostile]") { CHECK(true); }

TEST_CASE("emoji \U0001F98A\U0001F468\u200D\U0001F469\u200D\U0001F467", "[hostile]") { CHECK(true); }

TEST_CASE("combining e\u0301 and \u00e9", "[hostile]") { CHECK(true); }

TEST_CASE("right to left \u05e9\u05dc\u05d5\u05dd", "[hostile]") { CHECK(true); }

TEST_CASE("invalid utf-8 \xff\xfe\x80 end", "[hostile]") { CHECK(true); }

TEST_CASE("tab\tand\nnew line", "[hostile]") { CHECK(true); }

TEST_CASE("carriage\rreturn", "[hostile]") { CHECK(true); }

TEST_CASE("bell \a escape \x1b[31mred", "[hostile]") { CHECK(true); }

TEST_CASE(" leading space", "[hostile]") { CHECK(true); }

TEST_CASE("trailing space ", "[hostile]") { CHECK(true); }

TEST_CASE("  both  ", "[hostile]") { CHECK(true); }

TEST_CASE("double  space", "[hostile]") { CHECK(true); }

TEST_CASE("<xml attribute=\"&amp;\"/> ]]>", "[hostile]") { CHECK(true); }

TEST_CASE("{\"json\": [1, 2]}", "[hostile]") { CHECK(true); }

TEST_CASE("../../etc/passwd", "[hostile]") { CHECK(true); }

TEST_CASE("name/with/slashes", "[hostile]") { CHECK(true); }

TEST_CASE("Suite.Name", "[hostile]") { CHECK(true); }

TEST_CASE("nul\\0 written out", "[hostile]") { CHECK(true); }

// The framework reserves tags that do not start with a letter or a digit.
TEST_CASE("tags with everything", "[a b][x;y][x$<y>{}\"\\][x,*~][n\u00e9]") { CHECK(true); }

TEST_CASE("") { CHECK(true); }

#if CLEAVE_CATCH2_MAJOR >= 3
// v2 takes two tests of one name for an error, also in two classes.
namespace {
class First {};
class Second {};
}  // namespace

TEST_CASE_METHOD(First, "one name in two classes") { CHECK(true); }

TEST_CASE_METHOD(Second, "one name in two classes") { CHECK(true); }

TEST_CASE("one name with other tags", "[one]") { CHECK(true); }

TEST_CASE("one name with other tags", "[other]") { CHECK(true); }
#endif

// 10,000 characters.
#define CLEAVE_TEN(x) x x x x x x x x x x
TEST_CASE(CLEAVE_TEN(CLEAVE_TEN(CLEAVE_TEN("0123456789")))) { CHECK(true); }
