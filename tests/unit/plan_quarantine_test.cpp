// Which failures are borne, until when, and what is told of the list itself.
#include <gtest/gtest.h>

#include "plan/quarantine.hpp"

namespace cleave::plan {
namespace {

using Texts = std::vector<std::string>;

TestList list_of(const std::string& framework) {
  TestList list;
  list.framework = framework;
  for (const char* name : {"Ranks", "Finds"}) {
    TestCase test;
    test.suite = "Search";
    test.name = name;
    list.tests.push_back(test);
  }
  return list;
}

Quarantine entry(std::string pattern, std::string until, std::string reason = {}) {
  Quarantine made;
  made.pattern = std::move(pattern);
  made.until = std::move(until);
  made.reason = std::move(reason);
  made.origin = "cleave.json:3:5";
  return made;
}

// R14, R24
TEST(Quarantine, CoversTestsByFullNameAndSaysUntilWhenAndWhy) {
  const TestList list = list_of("gtest");
  EXPECT_EQ(quarantine_of(list, {entry("Search.R*", "2026-12-31", "issue 12")}, "2026-11-21"),
            (Texts{"until 2026-12-31: issue 12", ""}));
  EXPECT_EQ(quarantine_of(list, {entry("*", "2026-12-31")}, "2026-11-21"),
            (Texts{"until 2026-12-31", "until 2026-12-31"}));
  EXPECT_EQ(quarantine_of(list_of("catch2"), {entry("Ranks", "2026-12-31")}, "2026-11-21"),
            (Texts{"until 2026-12-31", ""}));
  EXPECT_EQ(quarantine_of(list, {}, "2026-11-21"), Texts{});
}

// R24: its last day counts, the day after does not.
TEST(Quarantine, EndsWithItsLastDay) {
  const TestList list = list_of("gtest");
  EXPECT_EQ(quarantine_of(list, {entry("*.Ranks", "2026-12-31")}, "2026-12-31")[0], "until 2026-12-31");
  EXPECT_EQ(quarantine_of(list, {entry("*.Ranks", "2026-12-31")}, "2027-01-01")[0], "");
}

TEST(Quarantine, TheFirstEntryThatStillCountsIsTold) {
  const std::vector<Quarantine> entries{entry("*", "2020-01-01", "old"), entry("*.Ranks", "2027-01-01", "one"),
                                        entry("*", "2028-01-01", "two")};
  EXPECT_EQ(quarantine_of(list_of("gtest"), entries, "2026-11-21"),
            (Texts{"until 2027-01-01: one", "until 2028-01-01: two"}));
}

// R24: a list that nobody tends is told of.
TEST(Quarantine, ToldAreEntriesThatAreOverOrCoverNothing) {
  const std::vector<Quarantine> entries{entry("*.Ranks", "2026-12-31"), entry("*.Finds", "2020-01-01"),
                                        entry("Gone.*", "2026-12-31")};
  EXPECT_EQ(
      stale_quarantine(list_of("gtest"), entries, "2026-11-21"),
      (Texts{"cleave.json:3:5: the quarantine of '*.Finds' ended with 2020-01-01: red tests that it covers are red "
             "again",
             "cleave.json:3:5: the quarantine of 'Gone.*' covers no test"}));
}

}  // namespace
}  // namespace cleave::plan
