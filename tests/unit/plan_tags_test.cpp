#include <gtest/gtest.h>

#include "plan/settings.hpp"
#include "plan/tags.hpp"

namespace cleave::plan {
namespace {

TestList list_of(const char* framework, std::vector<TestCase> tests) {
  TestList list;
  list.framework = framework;
  list.tests = std::move(tests);
  return list;
}

TestCase test_case(std::string suite, std::string name, std::vector<std::string> tags = {}) {
  TestCase test;
  test.suite = std::move(suite);
  test.name = std::move(name);
  test.file = "t.cpp";
  test.line = 7;
  test.tags = std::move(tags);
  test.selected = true;
  return test;
}

TEST(Tags, MalformedOnesNameThemselvesAndTheNearest) {
  const std::vector<std::pair<std::string, std::string>> table{
      {"seriall", "did you mean 'serial'"},
      {"lock:", "lock name '' is not"},
      {"lock:a:write", "mode 'write'"},
      {"lock:a b", "lock name 'a b' is not"},
      {"lock:../x", "lock name '../x'"},
      {"lock:.hidden", "lock name '.hidden'"},
      {"Serial", "did you mean 'serial'"},
      {"zebra", "known are 'serial'"},
      {"lokc:db", "is unknown"},
  };
  for (const auto& [tag, expected] : table) {
    Constraints constraints;
    const auto applied = apply_tag(tag, constraints);
    ASSERT_FALSE(applied) << tag;
    EXPECT_EQ(applied.error().kind, Errc::usage);
    EXPECT_NE(applied.error().what.find("'" + tag + "'"), std::string::npos) << applied.error().what;
    EXPECT_NE(applied.error().what.find(expected), std::string::npos) << applied.error().what;
  }
}

TEST(Tags, AWritersClaimOnALockWinsOverAReaders) {
  Constraints constraints;
  for (const char* tag : {"lock:b", "lock:a:read", "lock:b:read", "lock:a:read"}) {
    ASSERT_TRUE(apply_tag(tag, constraints));
  }
  EXPECT_EQ(constraints.locks, (std::vector<LockUse>{{"a", true}, {"b", false}}));
}

TEST(Tags, ADeclaredNameMatchesEveryInstantiationAndNothingElse) {
  for (const char* actual : {"Shutdown", "Inst/Shutdown", "Shutdown/0", "Inst/Shutdown/0"}) {
    EXPECT_TRUE(names_instance_of("Shutdown", actual)) << actual;
  }
  for (const char* actual : {"ShutdownX", "XShutdown", "Inst/ShutdownX/0", ""}) {
    EXPECT_FALSE(names_instance_of("Shutdown", actual)) << actual;
  }
}

TEST(Tags, ComeFromNamesTagsAndPatternsAlike) {
  const TestList list =
      list_of("gtest", {test_case("SERIAL_A", "x"), test_case("B", "DISABLED_SERIAL_y"), test_case("I/SERIAL_C/0", "z"),
                        test_case("D", "w"), test_case("E", "v"), test_case("F", "NOT_SERIAL_")});
  Settings settings;
  settings.serial = {"E.*"};
  settings.locks = {{"db", "?.w", true}};
  const auto all = constraints_of(list, {{"F", "", "lock:q", "f.cpp", 3}}, settings);
  ASSERT_TRUE(all);
  std::vector<bool> serial;
  for (const Constraints& constraints : *all) serial.push_back(constraints.serial);
  EXPECT_EQ(serial, (std::vector<bool>{true, true, true, false, true, false}));
  EXPECT_EQ((*all)[3].locks, (std::vector<LockUse>{{"db", true}}));
  EXPECT_EQ((*all)[5].locks, (std::vector<LockUse>{{"q", false}}));
}

TEST(Tags, OfCatch2AreTheUsersOwnButForSerialAndLocks) {
  const TestList list =
      list_of("catch2", {test_case("", "a", {"db", "seriall", "Serial"}), test_case("", "b", {"lock:x:read"})});
  const auto all = constraints_of(list, {}, {});
  ASSERT_TRUE(all);
  EXPECT_TRUE((*all)[0].serial);
  EXPECT_EQ((*all)[1].locks, (std::vector<LockUse>{{"x", true}}));
  const auto bad = constraints_of(list_of("catch2", {test_case("", "a", {"lock:x:both"})}), {}, {});
  ASSERT_FALSE(bad);
  EXPECT_NE(bad.error().what.find("t.cpp:7: tag 'lock:x:both'"), std::string::npos) << bad.error().what;
}

TEST(Tags, ThatMatchNothingAreErrorsWithTheirPlace) {
  const TestList list = list_of("gtest", {test_case("A", "x")});
  const auto tag = constraints_of(list, {{"Gone", "", "serial", "f.cpp", 12}}, {});
  ASSERT_FALSE(tag);
  EXPECT_EQ(tag.error().what, "f.cpp:12: CLEAVE_TAG(Gone, \"serial\") matches no test of this binary");
  Settings settings;
  settings.target = "store_tests";
  settings.from = "CMakeLists.txt";
  settings.serial = {"Gone*"};
  const auto pattern = constraints_of(list, {}, settings);
  ASSERT_FALSE(pattern);
  EXPECT_EQ(pattern.error().what, "CMakeLists.txt: SERIAL pattern 'Gone*' matches no test of store_tests");
}

TEST(Settings, NameTheLineAndTheValueThatIsWrong) {
  const std::vector<std::pair<std::string, std::string>> table{
      {"cleave-settings 2\n", "s:1:"},
      {"cleave-settings 1\nshards\t0\n", "s:2: shards '0' is not a number from 1 to 1024"},
      {"cleave-settings 1\nlock\ta\n", "s:2: 'lock' has 1 values instead of 2"},
      {"cleave-settings 1\n\nwhat\tx\n", "s:3: key 'what' is unknown"},
      {"cleave-settings 1\ntest-timeout\t5 parsecs\n", "duration '5 parsecs'"},
      {"cleave-settings 1\nisolation\tnone\n", "isolation 'none' is not shard, suite or test"},
  };
  for (const auto& [text, expected] : table) {
    const auto settings = parse_settings(text, "s");
    ASSERT_FALSE(settings) << text;
    EXPECT_NE(settings.error().what.find(expected), std::string::npos) << settings.error().what;
  }
}

TEST(Settings, DurationsTakeEveryUnitAndNoOther) {
  using namespace std::chrono_literals;
  const std::vector<std::pair<std::string, std::chrono::nanoseconds>> good{
      {"250ms", 250ms}, {"2s", 2s}, {"1.5m", 90s}, {"1h", 1h}, {"0", 0s}};
  for (const auto& [text, expected] : good) {
    const auto duration = parse_duration(text);
    ASSERT_TRUE(duration) << text;
    EXPECT_EQ(*duration, expected) << text;
  }
  for (const char* text : {"", "5", "s", "-1s", "1x", "1 s", "nan", "inf", "1e30h"})
    EXPECT_FALSE(parse_duration(text)) << text;
}

}  // namespace
}  // namespace cleave::plan
