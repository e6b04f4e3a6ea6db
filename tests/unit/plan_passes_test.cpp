// What is remembered of passes, and for how long a quarantine counts.
#include <gtest/gtest.h>

#include "plan/passes.hpp"
#include "plan/quarantine.hpp"

namespace cleave::plan {
namespace {

// R30
TEST(PassCache, KeepsKeyAndTests) {
  const Passes passes{"0123456789abcdef0123456789abcdef", {1, 0xFFFFFFFFFFFFFFFFULL}};
  const Passes read = decode_passes(encode_passes(passes));
  EXPECT_EQ(read.key, passes.key);
  EXPECT_EQ(read.tests, passes.tests);
}

TEST(PassCache, OfADamagedFileNothingIsTaken) {
  const std::string text = encode_passes({"key", {1, 2, 3}});
  for (std::size_t size = 0; size < text.size(); ++size) {
    const Passes read = decode_passes(text.substr(0, size));
    if (size % 17 == 0) continue;  // At the end of a line: fewer tests, but true ones.
    EXPECT_LE(read.tests.size(), 3U);
  }
  EXPECT_TRUE(decode_passes("cleave-passes 2\nkey\n0000000000000001\n").tests.empty());
  EXPECT_TRUE(decode_passes("cleave-passes 1\nkey\n000000000000000x\n").tests.empty());
  EXPECT_TRUE(decode_passes("cleave-passes 1\nkey\n0000000000000001").tests.empty()) << "torn";
}

TEST(PassCache, ADigestTellsPiecesApart) {
  const auto digest = [](const std::vector<std::string>& pieces) {
    Digest made;
    for (const std::string& piece : pieces) made.add(piece);
    return made.text();
  };
  EXPECT_EQ(digest({"a", "b"}), digest({"a", "b"}));
  EXPECT_NE(digest({"a", "b"}), digest({"ab"}));
  EXPECT_NE(digest({"a", "b"}), digest({"b", "a"}));
  EXPECT_NE(digest({""}), digest({}));
  EXPECT_NE(digest({std::string(9, '\0')}), digest({std::string(10, '\0')}));
  EXPECT_EQ(digest({"a"}).size(), 32U);
}

class QuarantineTest : public testing::Test {
 protected:
  QuarantineTest() {
    list_.framework = "gtest";
    for (const char* name : {"Keeps", "Ranks"}) {
      TestCase test;
      test.suite = "Search";
      test.name = name;
      list_.tests.push_back(test);
    }
  }
  TestList list_;
  std::vector<Quarantine> entries_{{"Search.R*", "2026-12-31", "issue 12", "cleave.json:3"}};
};

TEST_F(QuarantineTest, CoversItsTestsUpToItsLastDay) {
  const auto covered = quarantine_of(list_, entries_, "2026-12-31");
  EXPECT_EQ(covered[0], "");
  EXPECT_EQ(covered[1], "until 2026-12-31: issue 12");
  EXPECT_EQ(quarantine_of(list_, entries_, "2027-01-01")[1], "");
}

TEST_F(QuarantineTest, ThatIsOverOrCoversNothingIsTold) {
  EXPECT_TRUE(stale_quarantine(list_, entries_, "2026-12-31").empty());
  EXPECT_EQ(stale_quarantine(list_, entries_, "2027-01-01"),
            (std::vector<std::string>{"cleave.json:3: the quarantine of 'Search.R*' ended with 2026-12-31: red tests "
                                      "that it covers are red again"}));
  entries_[0].pattern = "Gone.*";
  EXPECT_EQ(stale_quarantine(list_, entries_, "2026-12-31"),
            (std::vector<std::string>{"cleave.json:3: the quarantine of 'Gone.*' covers no test"}));
}

}  // namespace
}  // namespace cleave::plan
