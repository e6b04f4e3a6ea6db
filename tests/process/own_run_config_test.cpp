#include <filesystem>

#include "own_run.hpp"

namespace cleave::test {
namespace {

using Json = nlohmann::json;

/// CONFIG of cleave_add_shards(), as the text of its settings has it.
class ConfigFile : public EachFramework {
 protected:
  Finished with(const std::string& config, Sandbox::Arguments arguments) {
    box_.write("cleave.json", config);
    box_.write("settings", "cleave-settings 1\nconfig\t" + box_.path("cleave.json") + "\n");
    arguments.insert(arguments.begin(),
                     {of("basics"), "--cleave-settings=" + box_.path("settings"), "--cleave-dir=" + box_.reports()});
    return box_.run(arguments);
  }
  /// Every tag of the list, with the number of tests that have it.
  std::map<std::string, int> tags_with(const std::string& config) {
    const Finished run = with(config, {"--cleave-list=json"});
    EXPECT_EQ(run.code, 0) << run.told();
    std::map<std::string, int> tags;
    const Json list = Json::parse(run.out, nullptr, false);
    if (list.is_discarded()) return tags;
    for (const Json& test : list["tests"]) {
      ++tags["all"];
      for (const Json& tag : test["tags"]) ++tags[tag.get<std::string>()];
    }
    return tags;
  }
};

// R01, R22: the file is read when the program starts, so that a change to it is seen at once.
TEST_P(ConfigFile, IsReadWhenTheRunStarts) {
  auto tags = tags_with(R"({"rules": [{"tests": ["*"], "tags": ["weight:3", "memory:64K"]}]})");
  EXPECT_GT(tags["all"], 0);
  EXPECT_EQ(tags["weight:3"], tags["all"]);
  EXPECT_EQ(tags["memory:64K"], tags["all"]);
  tags = tags_with(R"({"phases": [{"name": "one", "tests": ["*"]}]})");
  EXPECT_EQ(tags["weight:3"], 0);
  EXPECT_EQ(tags["phase:one"], tags["all"]);
}

// R14, R24: an error stops the run before anything is done, with the place to look at.
TEST_P(ConfigFile, ThatIsWrongIsAUsageErrorWithFileLineAndPointer) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"{\n  \"retires\": 2\n}", ":2:3: /retires: key 'retires' is unknown; did you mean 'retries'?"},
      {"{\"rules\": [\n {\"tests\": [\"no such*\"], \"tags\": [\"serial\"]}]}",
       ":2:13: /rules/0/tests/0: pattern 'no such*' matches no test of"},
      {"{\"retries\": 2", ":1:14: expected ',' or '}', found the end of the text"},
  };
  const std::string runs =
      box_.reports() + "/cleave/" + std::filesystem::path(of("basics")).filename().string() + "/runs";
  for (const auto& [config, expected] : cases) {
    const Finished run = with(config, {"--cleave-jobs=2"});
    EXPECT_EQ(run.code, 2) << run.told();
    EXPECT_NE(run.err.find(box_.path("cleave.json") + expected), std::string::npos) << run.told();
    EXPECT_FALSE(std::filesystem::exists(runs)) << "no run was begun";
  }
}

TEST_P(ConfigFile, ThatIsGoneIsAUsageErrorThatNamesIt) {
  box_.write("settings", "cleave-settings 1\nfrom\t/src/CMakeLists.txt\nconfig\t" + box_.path("gone.json") + "\n");
  const Finished run = box_.run({of("basics"), "--cleave-settings=" + box_.path("settings"), "--cleave-jobs=2"});
  EXPECT_EQ(run.code, 2) << run.told();
  EXPECT_NE(run.err.find("/src/CMakeLists.txt: CONFIG '" + box_.path("gone.json") + "': "), std::string::npos)
      << run.told();
}

INSTANTIATE_TEST_SUITE_P(Frameworks, ConfigFile, testing::Values("gtest", "catch2_v2", "catch2_v3"), framework_name);

}  // namespace
}  // namespace cleave::test
