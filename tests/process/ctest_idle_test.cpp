// Entries of CTest for which their run has nothing left.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "ctest_names.hpp"
#include "ctest_tree.hpp"
#include "sanitized.hpp"

namespace cleave::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

/// `few` has six shards, two tests and no serial one: under -j1 one shard has everything, and five are late.
class CTestIdle : public testing::Test {
 protected:
  struct Starts {
    int loaded = 0;       ///< Processes in which the loader was through.
    int constructed = 0;  ///< Those of them in which it went on to the constructors.
  };
  /// What the loader says that it did in each process that executed the sharded program.
  Starts starts_of_program() const {
    Starts starts;
    for (const fs::directory_entry& file : fs::directory_iterator(tree_.path("work"))) {
      if (!file.path().filename().string().starts_with("loader.")) continue;
      std::stringstream text;
      text << std::ifstream(file.path()).rdbuf();
      if (text.str().find("calling preinit: " CLEAVE_CTEST_TREES "/ctest_gtest") == std::string::npos) continue;
      ++starts.loaded;
      if (text.str().find("calling init: ") != std::string::npos) ++starts.constructed;
    }
    return starts;
  }
  CTestTree tree_{{"few"}};
};

// R43
TEST_F(CTestIdle, AnEntryThatComesTooLateEndsBeforeTheProgramsConstructors) {
  if (kSanitized) GTEST_SKIP() << "a sanitizer sets itself up in a constructor";
  tree_.set("LD_DEBUG", "files");
  tree_.set("LD_DEBUG_OUTPUT", tree_.path("work/loader"));
  const Finished ended = tree_.ctest({"-j1", "-V"});
  EXPECT_EQ(ended.code, 0) << ended.out;
  EXPECT_EQ(entries_with(ended.out, "Passed"), 9) << ended.out;
  EXPECT_THAT(ended.out, HasSubstr("cleave: shard-5 of run "));
  EXPECT_EQ(starts(tree_.log()), each(few_tests()));
  const Starts starts = starts_of_program();
  EXPECT_EQ(starts.loaded, 9);
  EXPECT_EQ(starts.constructed, 3) << "begin, shard-0 and end";
  const auto report = tree_.report("few");
  EXPECT_EQ(report["totals"]["passed"], 2);
  EXPECT_EQ(report["exit_code"], 0);
  for (const char* name : {"shard-0", "shard-5", "serial"}) {
    EXPECT_TRUE(fs::exists(tree_.path("out/cleave/few/latest/" + std::string(name) + ".journal"))) << name;
  }
}

// An idle one would leave that to others, and there is none.
TEST_F(CTestIdle, TheOnlyEntryWithoutAnEndReports) {
  EXPECT_EQ(tree_.ctest({"-R", "serial", "-FC", ".*"}).code, 0);
  EXPECT_EQ(tree_.report("few")["totals"]["passed"], 0);
}

// Of a green run: what the end would have written beside the verdict, the tool writes from the journals.
TEST_F(CTestIdle, WithoutAnEndTheVerdictIsThere) {
  EXPECT_EQ(tree_.ctest({"-j2", "-E", "end$", "-FC", ".*"}).code, 0);
  EXPECT_EQ(tree_.report("few")["totals"]["passed"], 2);
  EXPECT_THAT(tree_.file_of_latest("few", "junit.xml"), HasSubstr("Few"));
  EXPECT_FALSE(fs::exists(tree_.path("out/cleave/few/latest/report.html")));
}

// The page of the red execution, left beside the verdict of the green one, would be wrong.
TEST_F(CTestIdle, WithoutAnEndNoDocumentTellsOfAnExecutionBefore) {
  tree_.set("CLEAVE_TEST_FAIL_ONCE", "Few.One");
  EXPECT_EQ(tree_.ctest({"-j1", "-E", "end$", "-FC", ".*", "--repeat", "until-pass:2"}).code, 0);
  EXPECT_EQ(tree_.report("few")["exit_code"], 0);
  EXPECT_THAT(tree_.file_of_latest("few", "report.html"), HasSubstr("\"exit\":0"));
}

TEST_F(CTestIdle, ARepeatedEntryRunsAllOfItAgain) {
  EXPECT_EQ(tree_.ctest({"-j1", "--repeat", "until-fail:3"}).code, 0);
  EXPECT_EQ(starts(tree_.log()), each(few_tests(), 3));
}

// One ctest process, which makes a run each time.
// The one that was left out of the first run has no journal there, and would find the word of it.
TEST_F(CTestIdle, WhatOneRunOfAScriptLeftDoesNotEndTheNext) {
  const std::string folder = tree_.folder();
  tree_.write("twice.cmake",
              "set(CTEST_SOURCE_DIRECTORY \"" + folder + "\")\nset(CTEST_BINARY_DIRECTORY \"" + folder +
                  "\")\nctest_start(Experimental)\nctest_test(EXCLUDE shard.5)\nctest_test(EXCLUDE shard.[0-4])\n");
  const Finished ended = tree_.run({CLEAVE_CTEST_COMMAND, "-S", tree_.path("twice.cmake"), "-V"});
  EXPECT_EQ(ended.code, 0) << ended.told();
  EXPECT_EQ(starts(tree_.log()), each(few_tests(), 2)) << ended.told();
}

}  // namespace
}  // namespace cleave::test
