#include <gtest/gtest.h>

#include <filesystem>
#include <regex>

#include "own_run.hpp"

namespace cleave::test {
namespace {

class Editor : public EachFramework {
 protected:
  /// What the program says to a test adapter of an editor, without times and without its own name.
  std::string answer(const std::string& name, const Sandbox::Arguments& arguments) const {
    Sandbox::Arguments command{of(name)};
    command.insert(command.end(), arguments.begin(), arguments.end());
    const Finished finished = box_.run(command);
    std::string text = "exit status " + std::to_string(finished.code) + "\n" + finished.out + finished.err;
    if (std::filesystem::exists(box_.path("work/out.xml"))) {
      text += box_.read("work/out.xml");
      std::filesystem::remove(box_.path("work/out.xml"));
    }
    text = std::regex_replace(text, std::regex("(durationInSeconds|time|timestamp)=\"[^\"]*\""), "$1");
    text = std::regex_replace(text, std::regex("[0-9]+ ms\\b"), "N ms");
    return std::regex_replace(text, std::regex(of(name)), "PROGRAM");
  }
};

// R18: what adapters for VS Code, CLion and Qt Creator ask for.
TEST_P(Editor, SeesTheProgramThatIsThereWithoutThePlugin) {
  const std::vector<Sandbox::Arguments> questions =
      is_gtest() ? std::vector<Sandbox::Arguments>{{"--gtest_list_tests"},
                                                   {"--gtest_list_tests", "--gtest_output=xml:out.xml"},
                                                   {"--gtest_filter=Basics.Passes", "--gtest_output=xml:out.xml",
                                                    "--gtest_color=no"},
                                                   {"--gtest_filter=Basics.Fails*", "--gtest_also_run_disabled_tests"}}
                 : std::vector<Sandbox::Arguments>{
                       {"--list-tests", "--order", "decl"},
                       {"--list-tests", "--reporter", "xml", "--order", "decl"},
                       {"--list-tests", "--verbosity", "high", "--order", "decl"},
                       {"--list-tags"},
                       {"--list-reporters"},
                       {"passes", "-r", "xml", "-d", "yes", "--order", "decl", "--rng-seed", "1"},
                       {"[fails]", "-r", "junit", "-o", "out.xml", "--order", "decl", "--rng-seed", "1"}};
  for (const Sandbox::Arguments& question : questions) {
    std::string asked = question.front();
    for (std::size_t i = 1; i < question.size(); ++i) asked += " " + question[i];
    const std::string plain = answer("basics_plain", question);
    EXPECT_GT(plain.size(), 60U) << asked;
    const std::string name = std::filesystem::path(of("basics_plain")).filename();
    EXPECT_EQ(answer("basics", question),
              std::regex_replace(plain, std::regex(name), std::filesystem::path(of("basics")).filename().string()))
        << asked;
  }
}

INSTANTIATE_TEST_SUITE_P(Of, Editor, testing::Values("gtest", "catch2_v2", "catch2_v3"), framework_name);

}  // namespace
}  // namespace cleave::test
