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
  for (const Unit& unit : units_of(list, framework, std::vector<bool>(names.size(), false)))
    groups.push_back(unit.tests);
  return groups;
}

std::string selection(Framework framework, const std::vector<std::string>& names) {
  const plan::TestList list = list_of(framework, names);
  const std::vector<Unit> units = units_of(list, framework, std::vector<bool>(names.size(), false));
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
  EXPECT_THAT(*serial_tests(*list), ElementsAre(false, false, true));
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
  EXPECT_THAT(*serial_tests(*list), ElementsAre(false, true));
}

TEST(PlainList, OtherTagsThanSerialAreTheUsersOwn) {
  plan::TestList list = list_of(Framework::catch2_v3, {"a"});
  list.tests[0].tags = {"lock:", "weight:nothing", "phase:x"};
  const auto serial = serial_tests(list);
  ASSERT_TRUE(serial) << serial.error().what;
  EXPECT_THAT(*serial, ElementsAre(false));
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
  const auto units = units_of(list, Framework::gtest, std::vector<bool>(7, false));
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
  const auto units = units_of(list, Framework::catch2_v3, {false, true, false});
  ASSERT_EQ(units.size(), 2U);
  EXPECT_TRUE(units[0].serial);
  EXPECT_FALSE(units[1].serial);
}

TEST(PlainUnits, TestsThatAreNotSelectedAreLeftOut) {
  plan::TestList list = list_of(Framework::gtest, {"S.a", "S.b", "S.DISABLED_c"});
  list.tests[1].selected = false;
  list.tests[2].selected = false;
  list.tests[2].disabled = true;
  const auto units = units_of(list, Framework::gtest, {false, false, false});
  ASSERT_EQ(units.size(), 1U);
  EXPECT_THAT(units[0].tests, ElementsAre(0U));
}

}  // namespace
}  // namespace cleave::cli
