// The lists that GoogleTest and Catch2 write of themselves, and what their filters can select.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/plain_list.hpp"

namespace cleave::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

plan::TestList list_of(Framework framework, const std::vector<std::string>& names) {
  plan::TestList list;
  list.framework = name_of(framework);
  for (const std::string& name : names) {
    plan::TestCase test;
    const bool gtest = framework == Framework::gtest;
    test.suite = gtest ? name.substr(0, name.find('.')) : "";
    test.name = gtest ? name.substr(name.find('.') + 1) : name;
    test.selected = true;
    list.tests.push_back(test);
  }
  return list;
}

std::vector<std::vector<std::uint32_t>> groups_of(Framework framework, const std::vector<std::string>& names) {
  const plan::TestList list = list_of(framework, names);
  std::vector<std::vector<std::uint32_t>> groups;
  for (const Unit& unit : units_of(list, framework, std::vector<plan::Constraints>(names.size())))
    groups.push_back(unit.tests);
  return groups;
}

std::string selection(Framework framework, const std::vector<std::string>& names) {
  const plan::TestList list = list_of(framework, names);
  const std::vector<Unit> units = units_of(list, framework, std::vector<plan::Constraints>(names.size()));
  std::vector<const Unit*> all;
  for (const Unit& unit : units) all.push_back(&unit);
  plan::TestList longer = list;
  longer.tests.push_back({});  // No suite is whole, but for those that are asked for.
  longer.tests.back().suite = "S";
  return selecting_arguments(longer, framework, all).at(0);
}

constexpr const char* kGTestList = R"({"tests": 3, "name": "AllTests", "testsuites": [
  {"name": "Few/Values", "tests": 2, "testsuite": [
    {"name": "AreSmall/0", "value_param": "\u00ff", "file": "a.cpp", "line": 7},
    {"name": "DISABLED_AreBig/1", "value_param": "2", "file": "a.cpp", "line": 9}]},
  {"name": "SERIAL_Typed/0", "testsuite": [{"name": "Starts", "type_param": "int", "file": "b.cpp", "line": 1}]}]})";

std::vector<bool> serial_of(const plan::TestList& list) {
  std::vector<bool> serial;
  const auto all = plain_constraints(list, {});
  if (!all) return serial;
  for (const plan::Constraints& each : *all) serial.push_back(each.serial);
  return serial;
}

// R12
TEST(PlainList, OfGoogleTestHasNamesPlacesAndParameters) {
  const auto list = read_gtest_list(kGTestList, false);
  ASSERT_TRUE(list) << list.error().what;
  ASSERT_EQ(list->tests.size(), 3U);
  EXPECT_EQ(list->tests[0].suite, "Few/Values");
  EXPECT_EQ(list->tests[0].name, "AreSmall/0");
  EXPECT_EQ(list->tests[0].line, 7);
  EXPECT_EQ(list->tests[2].type_param, "int");
  EXPECT_TRUE(list->tests[1].disabled);
  EXPECT_FALSE(list->tests[1].selected);
  EXPECT_TRUE(read_gtest_list(kGTestList, true)->tests[1].selected) << "with --gtest_also_run_disabled_tests";
  EXPECT_THAT(serial_of(*list), ElementsAre(false, false, true));
}

// Found by the fuzzer: it became the least of all integers.
TEST(PlainList, ALineBeyondAllIntegersIsNone) {
  const auto list = read_gtest_list(R"({"testsuites": [{"name": "S", "testsuite": [
    {"name": "A", "file": "a.cpp", "line": 99999991111111111111111111111111111111}]}]})",
                                    false);
  ASSERT_TRUE(list);
  ASSERT_EQ(list->tests.size(), 1U);
  EXPECT_EQ(list->tests[0].line, 0);
}

TEST(PlainList, SurvivesBytesThatAreNoUtf8) {
  const auto list = read_gtest_list(
      "{\"testsuites\": [{\"name\": \"S\", \"testsuite\": [{\"name\": \"T/0\", \"value_param\": \"\xff\xfe\"}]}]}",
      false);
  ASSERT_TRUE(list) << list.error().what;
  EXPECT_EQ(list->tests[0].name, "T/0");
}

TEST(PlainList, ThatIsTornIsAnError) {
  EXPECT_FALSE(read_gtest_list("{\"testsuites\": [{\"name\"", false));
  EXPECT_FALSE(read_gtest_list("[]", false));
  EXPECT_FALSE(read_gtest_list("", false));
  EXPECT_THAT(read_catch2_v2_list("a name\nwithout a place\n").error().what, HasSubstr("without a place"));
  EXPECT_FALSE(read_catch2_v2_list("name\t@a.cpp:1"));
  EXPECT_FALSE(read_catch2_v3_list("<MatchingTests><TestCase>"));
}

// R12: names of Catch2 2 come as they are.
TEST(PlainList, OfCatch2Version2KeepsNewlinesTabsAndQuotesInNames) {
  const auto list = read_catch2_v2_list(
      "plain\t@a.cpp:1\n"
      "tab\tand\nnew line\t@b:c.cpp:12\n"
      "\"#hash\"\t@a.cpp:3\n"
      "mail\t@home:x\t@a.cpp:4\n"
      " \xff \t@a.cpp:5\n");
  ASSERT_TRUE(list) << list.error().what;
  std::vector<std::string> names;
  for (const plan::TestCase& test : list->tests) names.push_back(test.name);
  EXPECT_THAT(names, ElementsAre("plain", "tab\tand\nnew line", "#hash", "mail\t@home:x", " \xff "));
  EXPECT_EQ(list->tests[1].file, "b:c.cpp");
  EXPECT_EQ(list->tests[1].line, 12);
}

TEST(PlainList, OfCatch2Version3IsSortedByPlaceWithTagsAndClass) {
  const auto list = read_catch2_v3_list(R"(<?xml version="1.0"?>
<MatchingTests>
  <TestCase><Name>b &lt;"&amp;"> \x1B\xFF \x41</Name><ClassName>N::C</ClassName><Tags>[a b][Serial][x,*~]</Tags>
    <SourceInfo><File>a.cpp</File><Line>20</Line></SourceInfo></TestCase>
  <TestCase><Name>a</Name><ClassName/><Tags/>
    <SourceInfo><File>a.cpp</File><Line>3</Line></SourceInfo></TestCase>
</MatchingTests>)");
  ASSERT_TRUE(list) << list.error().what;
  ASSERT_EQ(list->tests.size(), 2U);
  EXPECT_EQ(list->tests[0].name, "a");
  EXPECT_EQ(list->tests[1].name, "b <\"&\"> \x1b\xff \\x41") << "only what XML cannot hold is spelled out";
  EXPECT_EQ(list->tests[1].suite, "N::C");
  EXPECT_THAT(list->tests[1].tags, ElementsAre("a b", "Serial", "x,*~"));
  EXPECT_THAT(serial_of(*list), ElementsAre(false, true));
}

// R04, R05
TEST(PlainList, TagsThatNeedNoCleaveCountAndOthersAreTheUsersOwn) {
  plan::TestList list = list_of(Framework::catch2_v3, {"a", "b"});
  list.tests[0].tags = {"lock:", "weight:nothing", "phase:x", "needs:y", "slow"};
  list.tests[1].tags = {"Lock:db:read", "weight:2", "MEMORY:1G", "priority:high"};
  const auto all = plain_constraints(list, {});
  ASSERT_TRUE(all) << all.error().what;
  EXPECT_EQ((*all)[0], plan::Constraints());
  EXPECT_EQ((*all)[1].locks, (std::vector<plan::LockUse>{{"db", true}}));
  EXPECT_EQ((*all)[1].weight, 2U);
  EXPECT_EQ((*all)[1].memory, 1U << 30U);
  EXPECT_EQ((*all)[1].priority, 100);
  EXPECT_THAT(odd_tags(list),
              ElementsAre(testing::HasSubstr("tag 'lock:'"), testing::HasSubstr("tag 'weight:nothing'")));
}

// R22
TEST(PlainList, OfAConfigFileTheRulesCountWhichNeedNoCleave) {
  const auto rules = read_plain_rules(R"({"retries": 2, "rules": [
    {"tests": ["a*", "gone*"], "tags": ["lock:db", "phase:x"]}]})",
                                      "/p/c.json");
  ASSERT_TRUE(rules) << rules.error().what;
  ASSERT_EQ(rules->tags.size(), 2U);
  EXPECT_THAT(rules->ignored, ElementsAre(testing::HasSubstr("tag 'phase:x' counts only"),
                                          testing::HasSubstr("tag 'phase:x' counts only"),
                                          "/p/c.json: of this file cleave run reads the rules alone"));
  const auto all = plain_constraints(list_of(Framework::catch2_v3, {"ab", "b"}), *rules);
  ASSERT_TRUE(all) << all.error().what;
  EXPECT_EQ((*all)[0].locks, (std::vector<plan::LockUse>{{"db", false}}));
  EXPECT_EQ((*all)[1], plan::Constraints());
  const auto wrong = read_plain_rules("{\"rules\": [{\"tests\": [\"*\"], \"tags\": [\"lokc:db\"]}]}", "/p/c.json");
  ASSERT_FALSE(wrong);
  EXPECT_THAT(wrong.error().what, testing::HasSubstr("/p/c.json:1:"));
}

// R12
TEST(PlainList, TagsOfCatch2TwoAreReadFromItsTable) {
  EXPECT_THAT(read_catch2_v2_tags("All available tags:\n   1  [lock:db]\n  12  [slow][Slow]\n   1  [a long one\n"
                                  "        that goes on]\n4 tags\n\n"),
              ElementsAre("lock:db", "slow", "Slow", "a long onethat goes on"));
}

TEST(PlainList, TheVersionIsThatOfCatch2Alone) {
  EXPECT_EQ(*read_catch2_version("description:    A Catch2 test executable\ncategory:       testframework\n"
                                 "framework:      Catch Test\nversion:        2.13.10\n"),
            "2.13.10");
  EXPECT_EQ(*read_catch2_version("framework:      Catch2\nversion:        3.12.0\n"), "3.12.0");
  EXPECT_FALSE(read_catch2_version("framework:      Catch\nversion:        1.12.2\n"));
  EXPECT_FALSE(read_catch2_version("Running main() from gtest_main.cc\n"));
}

// R12: a filter that would select two tests makes them one unit; a test never stands in two.
TEST(PlainUnits, GTestNamesThatAFilterCannotSayAreSelectedWithWhatTheyMatch) {
  EXPECT_THAT(groups_of(Framework::gtest, {"S.a", "S.b", "S.c/0"}),
              ElementsAre(ElementsAre(0U), ElementsAre(1U), ElementsAre(2U)));
  EXPECT_EQ(selection(Framework::gtest, {"S.a", "S.b"}), "--gtest_filter=S.a:S.b");
  EXPECT_EQ(selection(Framework::gtest, {"S.a-b:c*"}), "--gtest_filter=S.a?b?c?");
  EXPECT_THAT(groups_of(Framework::gtest, {"S.a-b", "S.axb", "S.b"}),
              ElementsAre(ElementsAre(0U, 1U), ElementsAre(2U)));
}

TEST(PlainUnits, AWholeSuiteOfGoogleTestIsOnePattern) {
  plan::TestList list = list_of(Framework::gtest, {"A.a", "A.b", "B.a", "B.DISABLED_b", "C.a", "C.b", "D-E.a"});
  list.tests[3].selected = false;
  list.tests[3].disabled = true;
  list.tests[5].selected = false;
  const auto units = units_of(list, Framework::gtest, std::vector<plan::Constraints>(7));
  std::vector<const Unit*> all;
  for (const Unit& unit : units) all.push_back(&unit);
  EXPECT_THAT(selecting_arguments(list, Framework::gtest, all), ElementsAre("--gtest_filter=A.*:B.*:C.a:D?E.a"));
}

TEST(PlainUnits, Catch2NamesThatDifferInCaseOrBlanksRunTogether) {
  EXPECT_THAT(groups_of(Framework::catch2_v3, {"Passes", "b", "passes", " passes "}),
              ElementsAre(ElementsAre(0U, 2U, 3U), ElementsAre(1U)));
}

TEST(PlainUnits, Catch2StarsAtAnEndMatchOthersAndStarsWithinDoNot) {
  EXPECT_THAT(groups_of(Framework::catch2_v2, {"wild*", "wilder", "other"}),
              ElementsAre(ElementsAre(0U, 1U), ElementsAre(2U)));
  EXPECT_THAT(groups_of(Framework::catch2_v2, {"*", "a", "b"}), ElementsAre(ElementsAre(0U, 1U, 2U)));
  EXPECT_THAT(groups_of(Framework::catch2_v2, {"a*b", "axxb"}), ElementsAre(ElementsAre(0U), ElementsAre(1U)));
}

TEST(PlainUnits, Catch2NamesAreEscaped) {
  EXPECT_EQ(selection(Framework::catch2_v2, {"a,b", "[tag]", "-dash", "\"q\"", "\\"}),
            "a\\,b,\\[tag\\],\\-dash,\\\"q\\\",\\\\");
}

TEST(PlainUnits, BytesThatAListSpellsOutAreNotPartOfThePattern) {
  EXPECT_EQ(selection(Framework::catch2_v3, {"bell \a end"}), "bell *");
  EXPECT_EQ(selection(Framework::catch2_v3, {" \xff\xfe end"}), " *");
  EXPECT_EQ(selection(Framework::catch2_v3, {"gr\u00fc\u00df"}), "gr\u00fc\u00df");
  EXPECT_EQ(selection(Framework::catch2_v2, {"bell \a end"}), "bell \a end");
  EXPECT_THAT(groups_of(Framework::catch2_v3, {"bell \a end", "bell two"}), ElementsAre(ElementsAre(0U, 1U)));
}

TEST(PlainUnits, AUnitIsSerialWhenOneOfItsTestsIs) {
  const plan::TestList list = list_of(Framework::catch2_v3, {"one", "ONE", "two"});
  std::vector<plan::Constraints> constraints(3);
  constraints[1].serial = true;
  const auto units = units_of(list, Framework::catch2_v3, constraints);
  ASSERT_EQ(units.size(), 2U);
  EXPECT_TRUE(units[0].needs.serial);
  EXPECT_FALSE(units[1].needs.serial);
}

TEST(PlainUnits, TestsThatAreNotSelectedAreLeftOut) {
  plan::TestList list = list_of(Framework::gtest, {"S.a", "S.b", "S.DISABLED_c"});
  list.tests[1].selected = false;
  list.tests[2].selected = false;
  list.tests[2].disabled = true;
  const auto units = units_of(list, Framework::gtest, std::vector<plan::Constraints>(3));
  ASSERT_EQ(units.size(), 1U);
  EXPECT_THAT(units[0].tests, ElementsAre(0U));
}

}  // namespace
}  // namespace cleave::cli
