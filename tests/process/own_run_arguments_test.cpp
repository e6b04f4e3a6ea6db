#include <filesystem>
#include <regex>

#include "own_run.hpp"
#include "xml_tree.hpp"

namespace cleave::test {
namespace {

using Json = nlohmann::json;
using Arguments = Sandbox::Arguments;

/// The names of the tests that were selected and not left out by their author, from the framework's own JSON report.
std::set<std::string> run_by_plain_gtest(const Sandbox& box, const Arguments& arguments) {
  Arguments command{program("gtest_basics"), "--gtest_output=json:" + box.path("selected.json")};
  command.insert(command.end(), arguments.begin(), arguments.end());
  box.run(command);
  const Json report = Json::parse(box.read("selected.json"), nullptr, false);
  std::set<std::string> names;
  for (const Json& suite : report["testsuites"]) {
    for (const Json& test : suite["testsuite"]) {
      if (test["status"] == "RUN") {
        names.insert(suite["name"].get<std::string>() + "." + test["name"].get<std::string>());
      }
    }
  }
  return names;
}

std::set<std::string> run_by_cleave(const Json& report) {
  std::set<std::string> names;
  for (const auto& [name, runs] : runs_by_name(report)) {
    if (runs > 0) names.insert(name);
  }
  return names;
}

class GTestArguments : public testing::Test {
 protected:
  const std::string binary_ = program("gtest_basics");
  Sandbox box_;

  void expect_same_selection(const Arguments& arguments, std::size_t at_least) {
    const std::set<std::string> plain = run_by_plain_gtest(box_, arguments);
    EXPECT_GE(plain.size(), at_least);
    box_.sharded(binary_, 3, arguments);
    EXPECT_EQ(run_by_cleave(box_.report(binary_)), plain) << testing::PrintToString(arguments);
  }
};

// R43: the framework's arguments keep their meaning.
TEST_F(GTestArguments, FiltersSelectWhatTheySelectInThePlainProgram) {
  expect_same_selection({"--gtest_filter=Basics.*"}, 8);
  expect_same_selection({"--gtest_filter=*/1:*Odd*-*ArePrinted/3"}, 5);
  expect_same_selection({"--gtest_filter=-Basics.*:*DeathTest.*"}, 10);
  expect_same_selection({"--gtest_also_run_disabled_tests", "--gtest_filter=*isabled*:*DISABLED*"}, 2);
  box_.set("GTEST_FILTER", "Fixture.*");
  expect_same_selection({}, 3);
}

// R43, R42: an outer shard is the whole for Cleave, and the outer shards together are everything, once.
TEST_F(GTestArguments, OuterShardsArePartitionedWithin) {
  std::map<std::string, int> seen;
  for (const std::string index : {"0", "1", "2"}) {
    box_.set("GTEST_TOTAL_SHARDS", "3");
    box_.set("GTEST_SHARD_INDEX", index);
    box_.set("GTEST_SHARD_STATUS_FILE", box_.path("status" + index));
    const std::set<std::string> plain = run_by_plain_gtest(box_, {});
    std::filesystem::remove(box_.path("status" + index));
    box_.sharded(binary_, 3);
    EXPECT_EQ(run_by_cleave(box_.report(binary_)), plain) << "outer shard " << index;
    EXPECT_TRUE(std::filesystem::exists(box_.path("status" + index)));
    for (const std::string& name : plain) ++seen[name];
  }
  box_.unset("GTEST_TOTAL_SHARDS");
  box_.unset("GTEST_SHARD_INDEX");
  const std::set<std::string> all = run_by_plain_gtest(box_, {});
  EXPECT_EQ(seen.size(), all.size());
  for (const auto& [name, count] : seen) EXPECT_EQ(count, 1) << name;
}

// R23: each repetition is a run of everything.
TEST_F(GTestArguments, RepeatRunsEveryTestSoOften) {
  const Finished run = box_.sharded(binary_, 3, {"--gtest_repeat=3", "--gtest_filter=Basics.*:Values*"});
  EXPECT_EQ(run.code, 1) << run.told();
  const Json report = box_.report(binary_);
  EXPECT_EQ(report["repeat"], 3);
  for (const auto& [name, runs] : runs_by_name(report)) {
    EXPECT_EQ(runs, name.find("DISABLED") != std::string::npos ? 0 : 3) << name;
  }
  const Json test = test_named(report, "Basics.Passes");
  std::set<int> repetitions;
  for (const Json& attempt : test["attempts"]) {
    repetitions.insert(attempt["repetition"].get<int>());
  }
  EXPECT_EQ(repetitions, (std::set<int>{0, 1, 2}));
}

// R41: one seed for all shards, told, and it may be any.
TEST_F(GTestArguments, ShuffleWithASeedIsReportedAndChangesNoOutcome) {
  box_.sharded(binary_, 3);
  const auto ordered = verdicts(box_.report(binary_));
  for (const std::string seed : {"1", "77", "99999"}) {
    box_.sharded(binary_, 3, {"--gtest_shuffle", "--gtest_random_seed=" + seed});
    const Json report = box_.report(binary_);
    EXPECT_EQ(report["seed"].dump(), seed);
    EXPECT_EQ(report["shuffled"], true);
    EXPECT_EQ(verdicts(report), ordered) << seed;
  }
  box_.sharded(binary_, 3, {"--gtest_shuffle", "--cleave-seed=4711"});
  EXPECT_EQ(box_.report(binary_)["seed"], 4711);
  const Finished twice = box_.sharded(binary_, 2, {"--gtest_shuffle", "--gtest_repeat=2"});
  EXPECT_EQ(twice.code, 1) << twice.told();
  EXPECT_EQ(verdicts(box_.report(binary_)), ordered);
}

/// How GoogleTest is asked for a report.
struct OutputCase {
  std::string name;
  std::string argument;  ///< With FILE for the file.
  std::string variable;  ///< GTEST_OUTPUT.
  std::string file;
};

class GTestOutput : public testing::TestWithParam<OutputCase> {};

std::string with_file(std::string text, const std::string& folder) {
  const auto place = text.find("FOLDER");
  return place == std::string::npos ? text : text.replace(place, 6, folder);
}

// R43, R12: the file appears once, merged, where it was asked for.
TEST_P(GTestOutput, IsOneMergedFileWithTheCountsOfThePlainProgram) {
  Sandbox box;
  const std::string binary = program("gtest_basics");
  Arguments arguments;
  if (!GetParam().argument.empty()) arguments.push_back(with_file(GetParam().argument, box.path("work")));
  if (!GetParam().variable.empty()) box.set("GTEST_OUTPUT", with_file(GetParam().variable, box.path("work")));
  Arguments command{binary};
  command.insert(command.end(), arguments.begin(), arguments.end());
  box.run(command);
  const std::string plain = box.read(GetParam().file);
  std::filesystem::remove(box.path(GetParam().file));
  box.sharded(binary, 3, arguments);
  const std::string ours = box.read(GetParam().file);
  std::vector<std::string> files;
  for (const auto& each : std::filesystem::recursive_directory_iterator(box.path("work"))) {
    if (each.is_regular_file()) files.push_back(each.path().filename().string());
  }
  EXPECT_EQ(files.size(), 1U) << testing::PrintToString(files);
  if (GetParam().file.ends_with(".xml")) {
    const auto root = XmlParser::parse(ours);
    ASSERT_TRUE(root) << ours;
    // GoogleTest writes CDATA, which the strict parser does not know.
    const std::regex head("<testsuites tests=\"(\\d+)\" failures=\"(\\d+)\" disabled=\"(\\d+)\" errors=\"(\\d+)\"");
    std::smatch counts;
    ASSERT_TRUE(std::regex_search(plain, counts, head)) << plain;
    EXPECT_EQ(root->at("tests"), counts[1]);
    EXPECT_EQ(root->at("failures"), counts[2]);
    EXPECT_EQ(root->at("disabled"), counts[3]);
    EXPECT_EQ(root->at("errors"), counts[4]);
    std::vector<const XmlNode*> cases;
    root->collect("testcase", cases);
    EXPECT_EQ(std::to_string(cases.size()), root->at("tests"));
    const Finished lint = box.run({"/usr/bin/env", "xmllint", "--noout", box.path(GetParam().file)});
    EXPECT_EQ(lint.code, 0) << lint.told();
  } else {
    const Json expected = Json::parse(plain, nullptr, false);
    const Json merged = Json::parse(ours, nullptr, false);
    ASSERT_TRUE(merged.is_object()) << ours;
    for (const char* key : {"tests", "failures", "disabled", "errors", "name", "run_property"}) {
      EXPECT_EQ(merged[key], expected[key]) << key;
    }
    EXPECT_EQ(merged["testsuites"].size(), expected["testsuites"].size());
  }
}

INSTANTIATE_TEST_SUITE_P(
    , GTestOutput,
    testing::Values(OutputCase{"XmlFile", "--gtest_output=xml:FOLDER/a.xml", "", "work/a.xml"},
                    OutputCase{"JsonFile", "--gtest_output=json:FOLDER/a.json", "", "work/a.json"},
                    OutputCase{"RelativeFile", "--gtest_output=xml:deep/er/a.xml", "", "work/deep/er/a.xml"},
                    OutputCase{"Bare", "--gtest_output=xml", "", "work/test_detail.xml"},
                    OutputCase{"Folder", "--gtest_output=xml:FOLDER/sub/", "", "work/sub/gtest_basics.xml"},
                    OutputCase{"VariableFile", "", "xml:FOLDER/v.xml", "work/v.xml"},
                    OutputCase{"VariableFolder", "", "json:FOLDER/v/", "work/v/gtest_basics.json"}),
    [](const testing::TestParamInfo<OutputCase>& one) { return one.param.name; });

class Catch2Arguments : public EachFramework {
 protected:
  std::set<std::string> run_by_plain(const Arguments& arguments) {
    Arguments command{of("basics"), "-r", "xml", "-o", box_.path("selected.xml")};
    command.insert(command.end(), arguments.begin(), arguments.end());
    box_.run(command);
    const auto root = XmlParser::parse(box_.read("selected.xml"));
    EXPECT_TRUE(root);
    std::vector<const XmlNode*> tests;
    if (root) root->collect("TestCase", tests);
    std::set<std::string> names;
    for (const XmlNode* test : tests) names.insert(test->at("name"));
    return names;
  }
};

// R43.
TEST_P(Catch2Arguments, SpecsSelectWhatTheySelectInThePlainProgram) {
  const std::vector<Arguments> specs{{"[fails]"},
                                     {"~[fails]"},
                                     {"passes*"},
                                     {"[fails][sections],*fixture"},
                                     {"fails*", "~*generated*"},
                                     {"exclude:[fails]"},
                                     {"-e", "[exceptions]"},
                                     {"[.]"}};
  for (const Arguments& spec : specs) {
    const std::set<std::string> plain = run_by_plain(spec);
    EXPECT_FALSE(plain.empty()) << testing::PrintToString(spec);
    box_.sharded(of("basics"), 3, spec);
    EXPECT_EQ(run_by_cleave(box_.report(of("basics"))), plain) << testing::PrintToString(spec);
  }
}

// R41.
TEST_P(Catch2Arguments, ARandomOrderIsReportedAndChangesNoOutcome) {
  box_.sharded(of("basics"), 3);
  const auto ordered = verdicts(box_.report(of("basics")));
  for (const std::string seed : {"5", "4711"}) {
    box_.sharded(of("basics"), 3, {"--order", "rand", "--rng-seed", seed});
    const Json report = box_.report(of("basics"));
    EXPECT_EQ(report["seed"].dump(), seed);
    EXPECT_EQ(report["shuffled"], true);
    EXPECT_EQ(verdicts(report), ordered);
  }
}

// R43, R12.
TEST_P(Catch2Arguments, JUnitAndXmlFilesAreMergedWithTheCountsOfThePlainProgram) {
  for (const std::string reporter : {"junit", "xml"}) {
    const std::string file = box_.path("work/out.xml");
    box_.run({of("basics"), "-r", reporter, "-o", file});
    const auto plain = XmlParser::parse(box_.read(file));
    std::filesystem::remove(file);
    box_.sharded(of("basics"), 3, {"-r", reporter, "-o", file});
    const Finished lint = box_.run({"/usr/bin/env", "xmllint", "--noout", file});
    EXPECT_EQ(lint.code, 0) << lint.told();
    const auto ours = XmlParser::parse(box_.read(file));
    ASSERT_TRUE(plain);
    ASSERT_TRUE(ours) << box_.read(file);
    const auto names_of = [&](const XmlNode& root) {
      std::vector<const XmlNode*> nodes;
      root.collect(reporter == "junit" ? "testcase" : "TestCase", nodes);
      std::multiset<std::string> names;
      for (const XmlNode* node : nodes) names.insert(node->at("name"));
      return names;
    };
    // Catch2's own JUnit reporter forgets tests without an assertion, and a [!shouldfail] that passes. Ours must not.
    auto expected_names = names_of(*plain);
    if (reporter == "junit") expected_names.insert({"passes without an assertion", "should fail, but does not"});
    EXPECT_EQ(names_of(*ours), expected_names) << reporter;
    const auto totals_of = [&](const XmlNode& root) {
      const std::string name = reporter == "junit" ? "testsuite" : "OverallResultsCases";
      std::vector<const XmlNode*> nodes;
      root.collect(name, nodes);
      std::map<std::string, int> totals;
      for (const char* key : {"tests", "failures", "errors", "skipped", "successes", "expectedFailures", "skips"}) {
        if (!nodes.empty()) totals[key] = std::atoi(nodes.back()->at(key).c_str());
      }
      return totals;
    };
    auto expected_totals = totals_of(*plain);
    if (reporter == "junit") {
      expected_totals["tests"] += 2;
      expected_totals["failures"] += 1;
    }
    EXPECT_EQ(totals_of(*ours), expected_totals) << reporter;
    std::size_t files = 0;
    for ([[maybe_unused]] const auto& each : std::filesystem::directory_iterator(box_.path("work"))) ++files;
    EXPECT_EQ(files, 1U);
  }
}

// R14: the framework's own way to end early ends every shard.
TEST_P(Catch2Arguments, AbortLeavesTheRestNotRun) {
  const Finished run = box_.sharded(of("basics"), 2, {"--abort"});
  EXPECT_EQ(run.code, 1) << run.told();
  const Json totals = box_.report(of("basics"))["totals"];
  EXPECT_GE(totals["failed"], 1);
  EXPECT_GE(totals["not_run"], 1);
}

INSTANTIATE_TEST_SUITE_P(Frameworks, Catch2Arguments, testing::Values("catch2_v2", "catch2_v3"), framework_name);

// R43: v3 takes several reporters, and only those with a file are led to it.
TEST(Catch2V3Arguments, SeveralReportersEachKeepTheirFile) {
  const std::string binary = program("catch2_v3_basics");
  if (binary.empty()) GTEST_SKIP() << "Catch2 v3 is not built";
  Sandbox box;
  box.sharded(binary, 3, {"-r", "junit::out=" + box.path("work/j.xml"), "-r", "xml::out=" + box.path("work/x.xml")});
  for (const std::string file : {"work/j.xml", "work/x.xml"}) {
    const Finished lint = box.run({"/usr/bin/env", "xmllint", "--noout", box.path(file)});
    EXPECT_EQ(lint.code, 0) << file << lint.told();
  }
}

}  // namespace
}  // namespace cleave::test
