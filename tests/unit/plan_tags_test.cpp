#include <gtest/gtest.h>

#include "plan/settings.hpp"
#include "plan/tag_sources.hpp"
#include "plan/tag_values.hpp"
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
      {"lokc:db", "did you mean 'lock:NAME[:read]'"},
      {"wieght:2", "did you mean 'weight:K'"},
      {"weight", "did you mean 'weight:K'"},
      {"serial:yes", "did you mean 'serial'"},
      {"memory:", "memory '' is not 1 byte to 1024T"},
      {"phase:a b", "phase name 'a b' is not 1 to 64"},
      {"after:", "name '' is not a suite"},
      {"isolation:process", "isolation 'process' is not shard, suite or test"},
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

// R02
TEST(Tags, OfSeveralIsolationsTheStrongestCounts) {
  Constraints constraints;
  for (const char* tag : {"isolation:suite", "isolation:test", "isolation:shard"})
    ASSERT_TRUE(apply_tag(tag, constraints));
  EXPECT_EQ(constraints.isolation, Isolation::test);
}

TEST(Tags, AWritersClaimOnALockWinsOverAReaders) {
  Constraints constraints;
  for (const char* tag : {"lock:b", "lock:a:read", "lock:b:read", "lock:a:read"}) {
    ASSERT_TRUE(apply_tag(tag, constraints));
  }
  EXPECT_EQ(constraints.locks, (std::vector<LockUse>{{"a", true}, {"b", false}}));
}

// R22
TEST(Tags, WeightsAreOneToAThousandAndTwentyFourAndTheLargerCounts) {
  Constraints constraints;
  EXPECT_EQ(constraints.weight, 1U);
  for (const char* tag : {"weight:1024", "weight:2", "weight:1"}) ASSERT_TRUE(apply_tag(tag, constraints)) << tag;
  EXPECT_EQ(constraints.weight, 1024U);
  for (const std::string bad : {"0", "1025", "-1", "2x", "", "1.5", "4294967297"}) {
    const auto applied = apply_tag("weight:" + bad, constraints);
    ASSERT_FALSE(applied) << bad;
    EXPECT_EQ(applied.error().what, "tag 'weight:" + bad + "': weight '" + bad + "' is not a number from 1 to 1024");
  }
}

// R22
TEST(Tags, MemoryIsInPowersOfTenTwentyFourAndTheLargerCounts) {
  const std::vector<std::pair<std::string, std::uint64_t>> good{
      {"1", 1},           {"500000", 500000},     {"1K", 1024},   {"64k", 65536},       {"512Mi", 512ULL << 20},
      {"1G", 1ULL << 30}, {"1.5GiB", 3ULL << 29}, {"0.0001K", 1}, {"1024T", 1ULL << 50}};
  for (const auto& [text, bytes] : good) {
    Constraints constraints;
    ASSERT_TRUE(apply_tag("memory:" + text, constraints)) << text;
    EXPECT_EQ(constraints.memory, bytes) << text;
    EXPECT_EQ(*parse_memory(memory_text(bytes)), bytes) << text;
  }
  for (const char* bad : {"", "0", "0G", "-1G", "G", "1GB", "1P", "1 G", "1025T", "nan", "inf", "1e3", "0x10", ".5G"}) {
    Constraints constraints;
    const auto applied = apply_tag(std::string("memory:") + bad, constraints);
    ASSERT_FALSE(applied) << bad;
    EXPECT_NE(applied.error().what.find(std::string("memory '") + bad + "' is not 1 byte to 1024T"), std::string::npos);
  }
  Constraints both;
  for (const char* tag : {"memory:2M", "memory:1G", "memory:3K"}) ASSERT_TRUE(apply_tag(tag, both));
  EXPECT_EQ(both.memory, 1ULL << 30);
  EXPECT_EQ(memory_text(512ULL << 20), "512M");
  EXPECT_EQ(memory_text(1000), "1000");
}

TEST(Tags, PrioritiesHaveNamesAndTheLastOneCounts) {
  const std::vector<std::pair<std::string, int>> good{{"high", 100}, {"normal", 0},    {"low", -100},
                                                      {"7", 7},      {"-1000", -1000}, {"1000", 1000}};
  Constraints constraints;
  for (const auto& [text, priority] : good) {
    ASSERT_TRUE(apply_tag("priority:" + text, constraints)) << text;
    EXPECT_EQ(constraints.priority, priority) << text;
  }
  for (const char* bad : {"1001", "-1001", "urgent", "", "1.5", "High"}) {
    const auto applied = apply_tag(std::string("priority:") + bad, constraints);
    ASSERT_FALSE(applied) << bad;
    EXPECT_NE(applied.error().what.find("is not a number from -1000 to 1000, high, normal or low"), std::string::npos);
  }
}

// R01
TEST(Tags, OneTestIsInOnePhaseAndMayBeAfterMany) {
  Constraints constraints;
  for (const char* tag : {"phase:2", "after:Schema", "phase:2", "after:B.first", "after:Schema"}) {
    ASSERT_TRUE(apply_tag(tag, constraints)) << tag;
  }
  EXPECT_EQ(constraints.phase, "2");
  EXPECT_EQ(constraints.after, (std::vector<std::string>{"B.first", "Schema"}));
  const auto second = apply_tag("phase:3", constraints);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().what, "tag 'phase:3': the test is in phase '2' already; legal is one phase");
  EXPECT_FALSE(apply_tag("after:" + std::string(1025, 'x'), constraints));
  EXPECT_FALSE(apply_tag("after:a\tb", constraints));
}

// R22: what is said of one test is stronger than what is said of its suite, wherever the two stand.
TEST(Tags, OfATestComeBehindThoseOfItsSuiteAndPatternsBehindBoth) {
  const TestList list = list_of("gtest", {test_case("A", "x"), test_case("A", "y"), test_case("A", "z")});
  const std::vector<RegisteredTag> registered{{"A", "x", "priority:1", "f.cpp", 3},
                                              {"A", "z", "priority:3", "f.cpp", 4},
                                              {"A", "", "priority:high", "f.cpp", 5}};
  Settings settings;
  settings.tags = {{"priority:low", "A.z", "c.json:2:1: /rules/0"}};
  const auto all = constraints_of(list, registered, settings);
  ASSERT_TRUE(all) << all.error().what;
  EXPECT_EQ((*all)[0].priority, 1);
  EXPECT_EQ((*all)[1].priority, 100);
  EXPECT_EQ((*all)[2].priority, -100);
}

// R01
TEST(Tags, OfPatternsNameTheirPlaceWhenTheyAreWrong) {
  const TestList list = list_of("gtest", {test_case("A", "x"), test_case("B", "y")});
  const std::vector<std::pair<TagPattern, std::string>> table{
      {{"phase:one", "C.*", ""}, "CMakeLists.txt: PHASE one pattern 'C.*' matches no test of store_tests"},
      {{"weight:2", "C.*", "c.json:2:1: /rules/0"}, "c.json:2:1: /rules/0: pattern 'C.*' matches no test"},
      {{"phase:one", "B.*", "c.json:9:1: /phases/0"},
       "c.json:9:1: /phases/0: pattern 'B.*', test 'B.y': tag 'phase:one': the test is in phase 'two' already"},
      {{"needs:gone", "A.x", "c.json:3:1: /rules/1"},
       "c.json:3:1: /rules/1: pattern 'A.x', test 'A.x': tag 'needs:gone'"}};
  for (const auto& [rule, expected] : table) {
    Settings settings;
    settings.target = "store_tests";
    settings.from = "CMakeLists.txt";
    settings.tags = {{"phase:two", "B.y", ""}, rule};
    const auto all = constraints_of(list, {}, settings);
    ASSERT_FALSE(all) << expected;
    EXPECT_EQ(all.error().what.rfind(expected, 0), 0U) << all.error().what;
  }
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

// R22
TEST(Tags, OfCatch2AreTheUsersOwnButForTheFamiliesOfCleave) {
  const TestList list =
      list_of("catch2", {test_case("", "a", {"db", "seriall", "Serial", "weight", "after", "phases:3", "serial:x"}),
                         test_case("", "b", {"lock:x:read"}),
                         test_case("", "c", {"Weight:3", "memory:1g", "priority:high", "phase:2", "after:a"})});
  const auto all = constraints_of(list, {}, {});
  ASSERT_TRUE(all);
  EXPECT_TRUE((*all)[0].serial);
  EXPECT_EQ((*all)[1].locks, (std::vector<LockUse>{{"x", true}}));
  EXPECT_EQ((*all)[0].weight, 1U);
  Constraints third;
  third.weight = 3;
  third.memory = 1ULL << 30;
  third.priority = 100;
  third.phase = "2";
  third.after = {"a"};
  EXPECT_EQ((*all)[2], third);
  for (const std::string tag : {"lock:x:both", "weight:heavy", "memory:leak", "priority:p1", "phase:", "after:"}) {
    const auto bad = constraints_of(list_of("catch2", {test_case("", "a", {tag})}), {}, {});
    ASSERT_FALSE(bad) << tag;
    EXPECT_EQ(bad.error().what.rfind("t.cpp:7: tag '" + tag + "': ", 0), 0U) << bad.error().what;
  }
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

// R13: what is told of tags is what counts.
TEST(Tags, SourcesSayWhereEachIsWrittenAndMakeTheConstraints) {
  const TestList gtest =
      list_of("gtest", {test_case("Orders", "Ship"), test_case("Orders", "SERIAL_Stop"), test_case("I/Orders/0", "x")});
  const std::vector<RegisteredTag> registered{{"Orders", "Ship", "priority:1", "f.cpp", 3},
                                              {"Orders", "", "priority:high", "f.cpp", 5}};
  Settings settings;
  settings.from = "CMakeLists.txt";
  settings.serial = {"*Ship"};
  settings.locks = {{"db", "Orders.*", true}};
  settings.phases = {{"late"}};
  settings.tags = {{"phase:late", "I/*", ""}, {"weight:2", "*Stop", "c.json:2:1: /rules/0/tests/0"}};
  const auto sources = tag_sources(gtest, registered, settings, false);
  ASSERT_EQ(sources.size(), 3U);
  const TagSource suite{"priority:high", "f.cpp:5", "CLEAVE_TAG(Orders, \"priority:high\")"};
  const TagSource lock{"lock:db:read", "CMakeLists.txt", "LOCK db:read Orders.* of cleave_add_shards()"};
  EXPECT_EQ(sources[0],
            (std::vector<TagSource>{suite,
                                    {"priority:1", "f.cpp:3", "CLEAVE_TAG_TEST(Orders, Ship, \"priority:1\")"},
                                    {"serial", "CMakeLists.txt", "SERIAL *Ship of cleave_add_shards()"},
                                    lock}));
  EXPECT_EQ(sources[1],
            (std::vector<TagSource>{{"serial", "t.cpp:7", "the name SERIAL_Stop"},
                                    suite,
                                    lock,
                                    {"weight:2", "c.json:2:1: /rules/0/tests/0", "the pattern *Stop of CONFIG"}}));
  EXPECT_EQ(sources[2],
            (std::vector<TagSource>{suite, {"phase:late", "CMakeLists.txt", "PHASE late I/* of cleave_add_shards()"}}));
  const TestList catch2 = list_of("catch2", {test_case("", "a", {"slow", "Serial", "LOCK:db", "needs:mine"})});
  const std::pair<const TestList*, std::vector<RegisteredTag>> table[]{{&gtest, registered}, {&catch2, {}}};
  for (const auto& [list, tags] : table) {
    const Settings said = list == &gtest ? settings : Settings();
    const auto expected = constraints_of(*list, tags, said);
    ASSERT_TRUE(expected) << expected.error().what;
    const auto all = tag_sources(*list, tags, said, false);
    for (std::size_t i = 0; i < all.size(); ++i) {
      Constraints made;
      for (const TagSource& source : all[i]) ASSERT_TRUE(apply_tag(source.tag, made)) << source.tag;
      EXPECT_EQ(made, (*expected)[i]) << i;
    }
  }
}

}  // namespace
}  // namespace cleave::plan
