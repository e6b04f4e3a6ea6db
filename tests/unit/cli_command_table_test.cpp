// What the tool's commands are told by: words, help, the manual page and completion, all from one table.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "cli/command_line.hpp"
#include "cli/command_words.hpp"
#include "cli/tool.hpp"

namespace cleave::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// What `cleave COMMAND --help` prints, whoever reads its words.
std::string help_of(const CommandSpec& command) {
  std::vector<std::string> words;
  std::istringstream name{std::string(command.name)};
  for (std::string word; name >> word;) words.push_back(word);
  words.emplace_back("--help");
  const auto read = read_command_line(words);
  const auto* const message = read ? std::get_if<Message>(&*read) : nullptr;
  EXPECT_NE(message, nullptr) << command.name;
  return message != nullptr ? message->text : "";
}

/// The long options at the beginnings of lines.
std::set<std::string> options_in(const std::string& help) {
  std::set<std::string> options;
  const std::regex option("^ +(?:-[a-zA-Z], ?)?(--[a-z-]+)");
  std::istringstream lines(help);
  for (std::string line; std::getline(lines, line);) {
    std::smatch found;
    if (std::regex_search(line, found, option)) options.insert(found[1]);
  }
  options.erase("--cleave-");
  return options;
}

std::string without_escapes(std::string page) {
  for (const auto& [escape, character] : {std::pair("\\-", "-"), std::pair("\\fB", ""), std::pair("\\fR", "")}) {
    for (auto at = page.find(escape); at != std::string::npos; at = page.find(escape))
      page.replace(at, std::string(escape).size(), character);
  }
  return page;
}

// R19: help, the page and completion cannot drift apart.
TEST(CommandTable, HasEachOptionOfEachHelpInPageAndCompletion) {
  const std::string page = without_escapes(manual_page("1.0"));
  for (const CommandSpec& command : all_commands()) {
    const auto section = page.find(".SS cleave " + std::string(command.name));
    ASSERT_NE(section, std::string::npos) << command.name;
    const std::string told = page.substr(section, page.find(".SS", section + 1) - section);
    auto options = options_in(help_of(command));
    EXPECT_TRUE(options.count("--help")) << command.name;
    std::set<std::string> known{"--help"};
    for (const OptionSpec& option : command.options) {
      if (!option.name.ends_with("...")) known.insert(std::string(option.name));
    }
    EXPECT_EQ(known, options) << command.name;
    options.erase("--help");
    for (const std::string& option : options) EXPECT_THAT(told, HasSubstr(option)) << command.name;
  }
}

// R19: the page that is installed is the one of the table.
TEST(CommandTable, HasItsPageInTheTree) {
  std::ifstream file(CLEAVE_SOURCE_DIR "/sharding/cli/cleave.1");
  std::stringstream page;
  page << file.rdbuf();
  const auto command = command_named("manual");
  ASSERT_NE(command, nullptr);
  const auto done = run_tool({command, {}, {}, false});
  ASSERT_TRUE(done);
  EXPECT_EQ(page.str(), done->text) << "write it anew: cleave manual > sharding/cli/cleave.1";
}

TEST(CommandTable, HelpFitsAScreenOfEightyColumns) {
  for (const CommandSpec& command : all_commands()) {
    if (!is_tool_command(command.name)) continue;
    std::istringstream lines(command_help(command));
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80U) << line;
  }
}

TEST(CommandTable, KnowsTheWordsOfAChoice) {
  EXPECT_THAT((OptionSpec{"--x", "", "text|gtest-xml", ""}.choices()), ElementsAre("text", "gtest-xml"));
  EXPECT_THAT((OptionSpec{"--x", "", "N|auto", ""}.choices()), ElementsAre());
  EXPECT_THAT((OptionSpec{"--x", "", "FILE", ""}.choices()), ElementsAre());
}

TEST(CommandWords, AreReadInEverySpelling) {
  const CommandSpec& merge = *command_named("merge");
  for (const std::vector<std::string>& words : {std::vector<std::string>{"-o", "x", "a", "b"},
                                                {"-ox", "a", "b"},
                                                {"a", "--output=x", "b"},
                                                {"a", "b", "--output", "x"},
                                                {"--output", "x", "--", "a", "b"}}) {
    const auto read = read_command_words(merge, words);
    ASSERT_TRUE(read) << read.error().what;
    EXPECT_EQ(read->value("--output"), "x");
    EXPECT_THAT(read->words, ElementsAre("a", "b"));
  }
  const auto dashes = read_command_words(merge, {"-o", "x", "--", "-a"});
  ASSERT_TRUE(dashes);
  EXPECT_THAT(dashes->words, ElementsAre("-a"));
}

// R20
TEST(CommandWords, SayWhatIsWrong) {
  const std::vector<std::tuple<std::string, std::vector<std::string>, std::string>> table{
      {"clean", {"--kep", "3", "x"}, "option '--kep' is unknown; did you mean '--keep'?"},
      {"clean", {"--keep"}, "--keep: the value is missing: --keep N"},
      {"clean", {"--keep="}, "--keep: the value is missing: --keep N"},
      {"clean", {"-n", "-n", "x"}, "option '-n': --dry-run is given twice"},
      {"clean", {"--dry-run=1", "x"}, "option '--dry-run=1': --dry-run has no value"},
      {"clean", {}, "cleave clean needs [--keep N] [--dry-run] FOLDER...; see cleave clean --help"},
      {"list", {"--format", "xml", "x"}, "--format='xml' is not text or json"},
      {"manual", {"x"}, "argument 'x' is one too many; see cleave manual --help"},
  };
  for (const auto& [command, words, message] : table) {
    const auto read = read_command_words(*command_named(command), words);
    ASSERT_FALSE(read) << message;
    EXPECT_EQ(read.error().what, message);
    EXPECT_EQ(read.error().kind, Errc::usage);
  }
}

}  // namespace
}  // namespace cleave::cli
