// What the tool makes of what runs leave: `cleave report` and `cleave merge`.
#include <gmock/gmock.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "../support/schema_check.hpp"
#include "../support/xml_tree.hpp"
#include "own_run.hpp"

namespace cleave::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using Json = nlohmann::json;

class CliReport : public testing::Test {
 protected:
  Finished cleave(std::vector<std::string> words) const {
    words.insert(words.begin(), CLEAVE_TOOL);
    return box_.run(words);
  }
  /// A run of a program whose tests wait for a gate that never opens, killed when two of them run.
  void killed_run() {
    box_.set("CLEAVE_TEST_LOG", box_.path("log"));
    box_.set("WAITS_GATE", box_.path("gate"));
    Running run = box_.start_sharded(program("gtest_waits"), 2);
    ASSERT_TRUE(soon([&] { return started() == 2; }));
    run.signal(SIGKILL);
    run.wait();
    ASSERT_TRUE(box_.all_processes_end());
  }
  int started() const {
    std::ifstream log(box_.path("log"));
    int lines = 0;
    for (std::string line; std::getline(log, line);) lines += line.starts_with("start") ? 1 : 0;
    return lines;
  }

  Sandbox box_;
};

// R13: the same run in any format, with the exit status of the run.
TEST_F(CliReport, TellsAFinishedRunInEveryFormat) {
  ASSERT_EQ(box_.sharded(program("gtest_basics"), 2).code, 1);
  const std::string home = box_.home_of(program("gtest_basics"));
  const Json run = box_.report(program("gtest_basics"));
  const Finished text = cleave({"report", home});
  EXPECT_EQ(text.code, 1) << text.told();
  EXPECT_THAT(text.out, AllOf(HasSubstr("Basics.Throws"), HasSubstr("\nred: 12 failed")));
  EXPECT_EQ(Json::parse(cleave({"report", "--format", "json", home}).out), run);
  for (const char* const format : {"junit", "gtest-xml"}) {
    const auto xml = XmlParser::parse(cleave({"report", "--format", format, home}).out);
    ASSERT_TRUE(xml) << format;
    EXPECT_EQ(xml->at("tests"), std::to_string(run["tests"].size())) << format;
  }
  EXPECT_THAT(cleave({"report", "--format=tap", home}).out, StartsWith("TAP version 14\n"));
  EXPECT_THAT(cleave({"report", "--format=html", home}).out, StartsWith("<!doctype html>"));
  EXPECT_FALSE(Json::parse(cleave({"report", "--format=trace", home}).out)["traceEvents"].empty());
}

// R13: a report.json that was carried elsewhere is enough.
TEST_F(CliReport, NeedsNoMoreThanAReportJson) {
  ASSERT_EQ(box_.sharded(program("gtest_basics"), 2).code, 1);
  const std::string home = box_.home_of(program("gtest_basics"));
  std::filesystem::copy(home + "/latest/report.json", box_.path("work/there.json"));
  const Finished finished = cleave({"report", "-o", "out.xml", "there.json"});
  EXPECT_EQ(finished.code, 1) << finished.told();
  EXPECT_EQ(finished.out, "out.xml: 12 of 46 tests failed\n");
  const auto out = XmlParser::parse(box_.read("work/out.xml"));
  ASSERT_TRUE(out);
  EXPECT_EQ(out->at("tests"), "46");
  EXPECT_EQ(out->at("failures"), "12");
  EXPECT_THAT(box_.read("work/out.xml"), HasSubstr("&quot;\"/>\n        <property name=\"number\" value=\"8\"/>"))
      << "properties stay in their order";
}

// R16: whatever died, a report comes out: also when the one who writes it did.
TEST_F(CliReport, TellsOfARunThatWasKilledBeforeItReported) {
  killed_run();
  const std::string home = box_.home_of(program("gtest_waits"));
  ASSERT_FALSE(std::filesystem::exists(home + "/latest/report.json"));
  const Finished finished = cleave({"report", "--format=json", home});
  EXPECT_EQ(finished.code, 3) << finished.told();
  const Json report = Json::parse(finished.out);
  EXPECT_EQ(SchemaCheck(Json::parse(std::ifstream(CLEAVE_SOURCE_DIR "/sharding/report/report.schema.json")))(report),
            "");
  int crashed = 0;
  int not_run = 0;
  for (const Json& test : report["tests"]) {
    crashed += test["outcome"] == "crashed" ? 1 : 0;
    not_run += test["outcome"] == "not_run" ? 1 : 0;
  }
  EXPECT_EQ(crashed, 2) << "those that ran";
  EXPECT_EQ(not_run, 10);
  EXPECT_EQ(problem_titles(report).size(), 2U) << "two lost shards";
  EXPECT_FALSE(std::filesystem::exists(home + "/latest/report.json")) << "the run stays as it was";
}

// R16: no report of half a run passes for that of the whole.
TEST_F(CliReport, RefusesARunThatStillGoesOn) {
  box_.set("CLEAVE_TEST_LOG", box_.path("log"));
  box_.set("WAITS_GATE", box_.path("gate"));
  Running run = box_.start_sharded(program("gtest_waits"), 2);
  ASSERT_TRUE(soon([&] { return started() == 2; }));
  const std::string home = box_.home_of(program("gtest_waits"));
  const Finished early = cleave({"report", home});
  EXPECT_EQ(early.code, 2) << early.told();
  EXPECT_EQ(early.err, "cleave: '" + home + "': the run still goes on; see how far it is with cleave status\n");
  box_.write("gate", "");
  EXPECT_EQ(run.wait().code, 0) << "nobody was disturbed";
  EXPECT_EQ(cleave({"report", home}).code, 0);
}

// R20: every input can be bad.
TEST_F(CliReport, SaysWhatIsWrongWithItsInput) {
  box_.write("work/no.json", "{\"schema\": 99}");
  box_.write("work/torn.json", "{\"schema\"");
  box_.write("work/text", "hello");
  std::filesystem::create_directory(box_.path("work/empty"));
  const std::vector<std::pair<std::vector<std::string>, std::string>> table{
      {{"report"}, "cleave report needs [--format FORMAT] [-o FILE] RUN; see cleave report --help"},
      {{"report", "gone"}, "'gone' is not there"},
      {{"report", "empty"}, "'empty' has no run in it: name the directory of a run, or a folder cleave/<target>"},
      {{"report", "text"}, "'text' is neither the directory of a run nor a report.json"},
      {{"report", "no.json"}, "no.json: is no report: it has the schema 99, which this version does not read"},
      {{"report", "a", "b"}, "argument 'b' is one too many; see cleave report --help"},
      {{"report", "--format", "pdf", "a"}, "--format='pdf' is not text, junit, json, html, trace, tap or gtest-xml"},
      {{"report", "--formt=tap", "a"}, "option '--formt=tap' is unknown; did you mean '--format'?"},
      {{"report", "-o", "x.pdf", "no.json"},
       "'x.pdf' does not end with .xml, .json, .html, .tap or .txt: say with --format what to write"},
      {{"merge", "no.json"}, "cleave merge needs -o FOLDER|FILE; see cleave merge --help"},
      {{"merge", "-o"}, "--output: the value is missing: --output FOLDER|FILE"},
  };
  for (const auto& [words, message] : table) {
    const Finished finished = cleave(words);
    EXPECT_EQ(finished.code, 2) << finished.told();
    EXPECT_EQ(finished.err, "cleave: " + message + "\n");
    EXPECT_EQ(finished.out, "");
  }
  EXPECT_EQ(cleave({"report", "torn.json"}).code, 2);
}

// R16: journals that cannot be read are no reason for a green report.
TEST_F(CliReport, IsBrokenWithoutThePlanOfTheJournals) {
  killed_run();
  const std::string run = box_.home_of(program("gtest_waits")) + "/latest";
  box_.write(run + "/plan.bin", "nonsense");
  const Finished finished = cleave({"report", run});
  EXPECT_EQ(finished.code, 3) << finished.told();
  EXPECT_THAT(finished.err, HasSubstr("plan.bin: was written by another version of Cleave"));
}

// R13: runs of several programs side by side.
TEST_F(CliReport, MergesRunsOfSeveralPrograms) {
  ASSERT_EQ(box_.sharded(program("gtest_basics"), 2).code, 1);
  ASSERT_EQ(box_.sharded(program("gtest_serial"), 2).code, 0);
  const Finished finished =
      cleave({"merge", "-o", "all", box_.home_of(program("gtest_basics")), box_.home_of(program("gtest_serial"))});
  EXPECT_EQ(finished.code, 1) << finished.told();
  const Json all = Json::parse(box_.read("work/all/report.json"));
  EXPECT_EQ(all["tests"].size(), box_.report(program("gtest_basics"))["tests"].size() +
                                     box_.report(program("gtest_serial"))["tests"].size());
  EXPECT_EQ(test_named(all, "gtest_basics.Basics.Throws")["outcome"], "failed");
  EXPECT_TRUE(XmlParser::parse(box_.read("work/all/junit.xml")));
  EXPECT_THAT(box_.read("work/all/report.html"), HasSubstr("gtest_serial"));
  EXPECT_FALSE(Json::parse(box_.read("work/all/trace.json"))["traceEvents"].empty());
}

// R14: what two machines ran of one program, each a part of it.
TEST_F(CliReport, MergesWhatTwoMachinesRanOfOneProgram) {
  const std::string basics = program("gtest_basics");
  ASSERT_EQ(box_.sharded(basics, 2, {"--gtest_filter=Basics.*"}).code, 1);
  const Json first = box_.report(basics);
  std::filesystem::rename(box_.home_of(basics), box_.path("work/one"));
  ASSERT_EQ(box_.sharded(basics, 2, {"--gtest_filter=-Basics.*"}).code, 1);
  const Json second = box_.report(basics);
  std::filesystem::rename(box_.home_of(basics), box_.path("work/two"));
  const Finished finished = cleave({"merge", "-o", "all.json", "one", "two"});
  EXPECT_EQ(finished.code, 1) << finished.told();
  const Json all = Json::parse(box_.read("work/all.json"));
  auto expected = outcomes_by_name(first);
  expected.merge(outcomes_by_name(second));
  EXPECT_EQ(outcomes_by_name(all), expected);
  EXPECT_EQ(all["target"], "gtest_basics");
  const Finished twice = cleave({"merge", "-o", "all.json", "one", "one/latest"});
  EXPECT_EQ(twice.code, 2);
  EXPECT_EQ(twice.err, "cleave: 'one' and 'one/latest' are the same run\n");
}

}  // namespace
}  // namespace cleave::test
