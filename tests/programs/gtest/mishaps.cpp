// Programs that go wrong outside of their tests, and tests that go wrong in ways that crashes.cpp and hangs.cpp do not
// know; what each does stands in mishaps.hpp. They have the names that their like have in Catch2.

#include <gtest/gtest.h>
#include <cleave/gtest.hpp>

#include "../mishaps.hpp"

namespace {

TEST(Quiet, One) { mishaps::quiet("one"); }
TEST(Quiet, Two) { mishaps::quiet("two"); }
TEST(Quiet, Three) { mishaps::quiet("three"); }
TEST(Quiet, Four) { mishaps::quiet("four"); }

TEST(Deed, PrintsMuch) { mishaps::print_much(); }
TEST(Deed, PrintsBytes) { mishaps::print_bytes(); }
TEST(Deed, LeavesAChildInAGroup) { EXPECT_TRUE(mishaps::leave_a_child_in_a_group()); }
TEST(Deed, LeavesAChain) { EXPECT_TRUE(mishaps::leave_a_chain()); }
TEST(Deed, UsesTheTerminal) { EXPECT_TRUE(mishaps::use_the_terminal()); }
TEST(Deed, ReadsTheTerminal) { EXPECT_TRUE(mishaps::read_the_terminal()); }
TEST(Deed, LeavesAFile) { EXPECT_TRUE(mishaps::leave_a_file()); }
TEST(Deed, OutlastsTheOthers) { EXPECT_TRUE(mishaps::outlast_the_others()); }

CLEAVE_TAG(Locked, "lock:table");
TEST(Locked, Dies) { std::raise(SIGKILL); }
TEST(Locked, Passes) {}

CLEAVE_TAG(Serial, "serial");
TEST(Serial, One) {}
TEST(Serial, Two) {}

class EmptyFailure : public testing::Test {
 protected:
  static void SetUpTestSuite() { FAIL(); }
};
TEST_F(EmptyFailure, One) {}
TEST_F(EmptyFailure, Two) {}

// As in two files of one program.
namespace one {
TEST(Twin, HasTheNameOfAnother) {}
}  // namespace one
namespace other {
TEST(Twin, HasTheNameOfAnother) { FAIL() << "the other one"; }
}  // namespace other

class World : public testing::Environment {
  void SetUp() override {
    if (mishaps::is("crash in set-up")) std::abort();
  }
  void TearDown() override {
    if (mishaps::is("crash in tear-down")) std::abort();
  }
};

class Trivial : public testing::Test {
  void TestBody() override {}
};

class Hostile : public testing::Test {
  void TestBody() override {
    std::puts(mishaps::kHostileWords);
    RecordProperty("said", mishaps::kHostileWords);
    ADD_FAILURE() << mishaps::kHostileWords;
  }
};

}  // namespace

int main(int argc, char** argv) {
  if (mishaps::is("crash in main")) std::abort();
  for (int i = 0; i < mishaps::more_tests(); ++i) {
    testing::RegisterTest(("Many" + std::to_string(i / 100)).c_str(), std::to_string(i).c_str(), nullptr, nullptr,
                          __FILE__, __LINE__, []() -> testing::Test* { return new Trivial; });
  }
  if (mishaps::is("hostile")) {
    const std::string words = mishaps::kHostileWords;
    for (const std::string& name : {words, "../../../escaped" + std::string(10000, 'x'), std::string("/escaped"),
                                    std::string(".escaped"), std::string("--gtest_list_tests"), "line\n" + words}) {
      testing::RegisterTest(("Hostile/" + name).c_str(), name.c_str(), nullptr, nullptr, words.c_str(), __LINE__,
                            []() -> testing::Test* { return new Hostile; });
    }
  }
  testing::InitGoogleTest(&argc, argv);
  testing::AddGlobalTestEnvironment(new World);
  return RUN_ALL_TESTS();
}
