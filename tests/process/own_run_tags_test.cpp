#include "own_run.hpp"

namespace cleave::test {
namespace {

/// The tests of the programs `serial` that must be alone.
bool is_serial(const std::string& test) {
  static const std::set<std::string> kTagged{"ByTag.One",        "ByTag.Two", "ByTagTyped/0.One",
                                             "ByTagTyped/1.One", "serial_0",  "serial_1"};
  return kTagged.count(test) != 0 || test.starts_with("SERIAL_") || test.find(".SERIAL_") != std::string::npos ||
         test.find("ByTagParam.") != std::string::npos;
}

enum class Use { none, read, write };

Use use_of_db(const std::string& test) {
  if (test.starts_with("db_reader") || test.starts_with("Locks.ReadsDb")) return Use::read;
  if (test.starts_with("db_writer") || test.starts_with("both_") || test.starts_with("Locks.WritesDb"))
    return Use::write;
  return Use::none;
}

bool uses_queue(const std::string& test) {
  return test.starts_with("both_") || test.starts_with("queue_") || test == "Locks.WritesDbAndQueue" ||
         test == "Locks.ReadsDbToo";
}

class Tags : public EachFramework {
 protected:
  std::vector<TestLine> log_of_run(unsigned jobs, const Sandbox::Arguments& arguments = {}) {
    box_.set("CLEAVE_TEST_LOG", box_.path("log"));
    box_.write("log", "");
    const Finished run = box_.sharded(of("serial"), jobs, arguments);
    EXPECT_EQ(run.code, 0) << run.told();
    auto lines = test_lines(box_.read("log"));
    EXPECT_EQ(count_lines(lines, "start"), choose(36, 21));
    return lines;
  }
  void write_settings(const std::string& lines) { box_.write("settings", "cleave-settings 1\n" + lines); }
  std::string settings() const { return "--cleave-settings=" + box_.path("settings"); }
};

// R38, R43.
TEST_P(Tags, SerialTestsRunWithNothingBesideThem) {
  for (const unsigned jobs : {2U, 4U, 8U}) {
    const auto lines = log_of_run(jobs);
    const auto found = forbidden_overlaps(lines, [](const std::string& a, const std::string&) { return is_serial(a); });
    EXPECT_TRUE(found.empty()) << testing::PrintToString(found) << ", " << jobs << " shards";
    int serial = 0;
    for (const TestLine& line : lines) serial += line.what == "start" && is_serial(line.test) ? 1 : 0;
    EXPECT_EQ(serial, choose(9, 3));
  }
}

// R05: a writer is alone, readers may be many.
TEST_P(Tags, TestsWithALockNeverMeetItsWriter) {
  for (const unsigned jobs : {2U, 8U}) {
    const auto found = forbidden_overlaps(log_of_run(jobs), [](const std::string& a, const std::string& b) {
      const bool db = use_of_db(a) == Use::write && use_of_db(b) != Use::none;
      return db || (uses_queue(a) && uses_queue(b));
    });
    EXPECT_TRUE(found.empty()) << testing::PrintToString(found) << ", " << jobs << " shards";
  }
}

// R38: patterns of the build say the same as tags of the source.
TEST_P(Tags, PatternsOfTheSettingsMakeTestsSerialAndLocked) {
  const std::string pattern = choose<std::string>("Many/Parallel.MayOverlap/*", "free_*");
  write_settings("serial\t" + pattern + "\n");
  const auto mine = [&](const std::string& test) {
    return test.starts_with(choose<std::string>("Many/Parallel.", "free_"));
  };
  const auto alone = log_of_run(8, {settings()});
  const auto found = forbidden_overlaps(alone, [&](const std::string& a, const std::string&) { return mine(a); });
  EXPECT_TRUE(found.empty()) << testing::PrintToString(found);
  write_settings("lock\tfile\t" + pattern + "\n");
  const auto locked = log_of_run(8, {settings()});
  const auto met =
      forbidden_overlaps(locked, [&](const std::string& a, const std::string& b) { return mine(a) && mine(b); });
  EXPECT_TRUE(met.empty()) << testing::PrintToString(met);
}

// The list shows what the scheduler will respect.
TEST_P(Tags, AreShownByTheList) {
  const Finished list = box_.run({of("serial"), "--cleave-list"});
  EXPECT_EQ(list.code, 0) << list.told();
  const std::string serial = choose<std::string>("ByTag.One [serial]", "serial_0 [serial]");
  const std::string lock = choose<std::string>("Locks.ReadsDb [lock:db:read]", "db_reader_0 [lock:db:read]");
  EXPECT_NE(list.out.find(serial), std::string::npos) << list.out;
  EXPECT_NE(list.out.find(lock), std::string::npos) << list.out;
}

// R43: a pattern that covers nothing is a mistake, not a wish.
TEST_P(Tags, APatternThatMatchesNothingIsAnErrorThatNamesIt) {
  for (const std::string line : {"serial\tNoSuch*", "lock\tdb\tNoSuch*"}) {
    write_settings(line + "\n");
    const Finished run = box_.sharded(of("serial"), 2, {settings()});
    EXPECT_EQ(run.code, 2) << run.told();
    EXPECT_NE(run.err.find("NoSuch*"), std::string::npos) << run.told();
  }
}

// A settings file that is wrong is told with its line.
TEST_P(Tags, MalformedSettingsAreErrorsThatNameTheLine) {
  const std::vector<std::pair<std::string, std::string>> cases{{"serial\n", ":2:"},
                                                               {"\nlock\tno spaces\tx*\n", ":3:"},
                                                               {"colour\tred\n", "colour"},
                                                               {"shards\t0\n", "1 to 1024"},
                                                               {"test-timeout\tsoon\n", "soon"}};
  for (const auto& [text, part] : cases) {
    write_settings(text);
    const Finished run = box_.sharded(of("serial"), 2, {settings()});
    EXPECT_EQ(run.code, 2) << text << run.told();
    EXPECT_NE(run.err.find(part), std::string::npos) << text << run.told();
  }
}

INSTANTIATE_TEST_SUITE_P(Frameworks, Tags, testing::Values("gtest", "catch2_v2", "catch2_v3"), framework_name);

// R43.
TEST(GTestTags, AnUnknownTagIsAnErrorThatNamesItAndTheNearest) {
  Sandbox box;
  const Finished run = box.sharded(program("gtest_bad_tag"), 2);
  EXPECT_EQ(run.code, 2) << run.told();
  for (const char* part : {"seril", "serial", "bad_tag.cpp:"}) {
    EXPECT_NE(run.err.find(part), std::string::npos) << part << run.told();
  }
  const Finished plain = box.run({program("gtest_bad_tag")});
  EXPECT_EQ(plain.code, 0) << plain.told();
}

// R43: a renamed suite must not lose its tag in silence.
TEST(GTestTags, ATagForASuiteThatIsNotThereIsAnErrorThatNamesIt) {
  Sandbox box;
  const Finished run = box.sharded(program("gtest_unmatched_tag"), 2);
  EXPECT_EQ(run.code, 2) << run.told();
  for (const char* part : {"Original", "unmatched_tag.cpp:"}) {
    EXPECT_NE(run.err.find(part), std::string::npos) << part << run.told();
  }
}

// R05: also when its suites are on different shards.
TEST(GTestTags, WritersOfOneLockNeverMeet) {
  Sandbox box;
  box.set("MEETS_FOLDER", box.path("work"));
  const std::string binary = program("gtest_meets");
  const Finished run = box.sharded(binary, 3, {"--gtest_filter=*Writer*"});
  EXPECT_EQ(run.code, 0) << run.told();
  EXPECT_EQ(box.report(binary)["totals"]["passed"], 15);
}

// R38: what is not tagged really runs at the same time, and so do readers of one lock.
TEST(GTestTags, FreeTestsAndReadersRunAtTheSameTime) {
  for (const std::string filter : {"Free*", "Reader*"}) {
    Sandbox box;
    box.set("MEETS_FOLDER", box.path("work"));
    const Finished run = box.sharded(program("gtest_meets"), 2, {"--gtest_filter=" + filter});
    EXPECT_EQ(run.code, 0) << filter << run.told();
  }
}

}  // namespace
}  // namespace cleave::test
