#include "run/options.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>

#include "os/machine.hpp"
#include "run/flags.hpp"

namespace cleave::run {
namespace {

using namespace std::chrono_literals;
using Words = std::vector<std::string>;

Result<CommandLine> read(Words words) {
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  return read_command_line(static_cast<int>(argv.size()), argv.data());
}

Options options_of(const Words& flags) {
  Words words{"t"};
  words.insert(words.end(), flags.begin(), flags.end());
  const auto line = read(words);
  EXPECT_TRUE(line) << (line ? "" : line.error().what);
  return line ? line->options : Options{};
}

std::string error_of(const std::string& flag) {
  const auto line = read({"t", flag});
  return line ? "" : line.error().what;
}

/// A variable that lasts as long as its test.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) { setenv(name, value, 1); }
  ~Variable() { unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
};

// R06, R14, R24, R25, R41
TEST(Options, WrongOnesNameTheFlagTheValueAndWhatIsLegal) {
  const std::vector<std::pair<std::string, std::string>> table{
      {"--cleave-jbos=2", "did you mean --cleave-jobs?"},
      {"--cleave-retires=2", "did you mean --cleave-retries?"},
      {"--cleave-jobs=0", "--cleave-jobs='0' is not auto or a number from 1 to 1024"},
      {"--cleave-jobs=x", "--cleave-jobs='x'"},
      {"--cleave-jobs", "--cleave-jobs needs a value"},
      {"--cleave-timeout=5", "duration '5'"},
      {"--cleave-isolation=no", "is not shard, suite or test"},
      {"--cleave-output=loud", "is not fail, capture or stream"},
      {"--cleave-colour=red", "--cleave-colour='red' is not auto, always or never"},
      {"--cleave-color=always", "did you mean --cleave-colour?"},
      {"--cleave-events=", "--cleave-events='' is not a file or fd:N"},
      {"--cleave-events=fd:0", "--cleave-events='fd:0' is not fd:N with a number from 1 to 65535"},
      {"--cleave-seed=0", "from 1 to 99999"},
      {"--cleave-help=1", "takes no value"},
      {"--cleave-entry=shard:4/4", "shard:I/N"},
      {"--cleave-fail-fast=x", "--cleave-fail-fast='x': limit of failures 'x' is not a number from 1 to 1000000"},
      {"--cleave-fail-fast=101%", "up to 100 such as 10%"},
      {"--cleave-retries=101", "--cleave-retries='101': number of retries '101' is not a number from 0 to 100"},
      {"--cleave-retries", "--cleave-retries needs a value: --cleave-retries=N"},
      {"--cleave-flaky=maybe", "is not pass or fail"},
      {"--cleave-rerun=all", "--cleave-rerun='all' is not failed"},
      {"--cleave-rerun", "--cleave-rerun needs a value: --cleave-rerun=failed"},
      {"--cleave-replay=", "--cleave-replay='' is not a path"},
      {"--cleave-dir=", "--cleave-dir='' is not a path"},
      {"--cleave-max-load=0", "--cleave-max-load='0' is not auto or a number above 0 and up to 100000"},
      {"--cleave-max-load=nan", "is not auto or a number above 0"},
      {"--cleave-max-load=2x", "is not auto or a number above 0"},
      {"--cleave-max-load=-1", "is not auto or a number above 0"},
      {"--cleave-stagger=100", "--cleave-stagger='100': duration '100'"},
      {"--cleave-repeat=0", "--cleave-repeat='0' is not N or until-fail:N with a number from 1 to 100000"},
      {"--cleave-repeat=until-fail", "is not N or until-fail:N"},
      {"--cleave-repeat=until-fail:", "is not N or until-fail:N"},
      {"--cleave-repeat=until-pass:3", "is not N or until-fail:N"},
      {"--cleave-verify=0", "--cleave-verify='0' is not a number from 1 to 1000"},
      {"--cleave-verify=1001", "is not a number from 1 to 1000"},
      {"--cleave-cache=1", "--cleave-cache takes no value"},
  };
  for (const auto& [flag, expected] : table) {
    const std::string error = error_of(flag);
    EXPECT_NE(error.find(expected), std::string::npos) << flag << "\n" << error;
  }
}

TEST(Options, TheFrameworksArgumentsKeepTheirOrder) {
  const auto line = read({"t", "-x", "--cleave-jobs=3", "[db]", "--cleave-timeout=250ms", "--", "-y"});
  ASSERT_TRUE(line);
  EXPECT_EQ(line->framework_arguments, (Words{"t", "-x", "[db]", "--", "-y"}));
  EXPECT_EQ(line->options.jobs, 3U);
  EXPECT_EQ(line->options.test_timeout, 250ms);
}

TEST(Options, StateNothingOfSchedulingWithoutAFlag) {
  const Options options = options_of({"--cleave-jobs=2"});
  EXPECT_FALSE(options.has_fail_fast);
  EXPECT_LT(options.retries, 0);
  EXPECT_FALSE(options.has_flaky);
  EXPECT_FALSE(options.rerun_failed);
  EXPECT_EQ(options.replay, "");
  EXPECT_EQ(options.max_load, 0);
  EXPECT_LT(options.stagger.count(), 0);
  EXPECT_EQ(options.repeat, 0U);
  EXPECT_FALSE(options.until_fail);
  EXPECT_EQ(options.verify, 0U);
  EXPECT_FALSE(options.cache);
}

// R14: the first red test, the k-th, or a share; and 0 takes back what CMake says.
TEST(Options, FailFastIsOneWhenNothingElseIsSaid) {
  const std::vector<std::pair<std::string, plan::FailureLimit>> table{{"--cleave-fail-fast", {1, 0}},
                                                                      {"--cleave-fail-fast=1", {1, 0}},
                                                                      {"--cleave-fail-fast=7", {7, 0}},
                                                                      {"--cleave-fail-fast=2.5%", {0, 2.5}},
                                                                      {"--cleave-fail-fast=0", {0, 0}}};
  for (const auto& [flag, limit] : table) {
    const Options options = options_of({flag});
    EXPECT_TRUE(options.has_fail_fast) << flag;
    EXPECT_EQ(options.fail_fast, limit) << flag;
  }
}

// R06, R24, R25, R41
TEST(Options, HoldWhatTheFlagsOfSchedulingSay) {
  const Options options = options_of({"--cleave-retries=0", "--cleave-flaky=fail", "--cleave-rerun=failed",
                                      "--cleave-replay=order 1.txt", "--cleave-max-load=2.5", "--cleave-stagger=150ms",
                                      "--cleave-repeat=until-fail:50", "--cleave-verify=3", "--cleave-cache"});
  EXPECT_EQ(options.retries, 0);
  EXPECT_TRUE(options.has_flaky);
  EXPECT_EQ(options.flaky, plan::FlakyPolicy::fail);
  EXPECT_TRUE(options.rerun_failed);
  EXPECT_EQ(options.replay, "order 1.txt");
  EXPECT_EQ(options.max_load, 2.5);
  EXPECT_EQ(options.stagger, 150ms);
  EXPECT_EQ(options.repeat, 50U);
  EXPECT_TRUE(options.until_fail);
  EXPECT_EQ(options.verify, 3U);
  EXPECT_TRUE(options.cache);
  const Options repeat = options_of({"--cleave-repeat=4"});
  EXPECT_EQ(repeat.repeat, 4U);
  EXPECT_FALSE(repeat.until_fail);
  EXPECT_EQ(options_of({"--cleave-max-load=auto"}).max_load, os::usable_cpus());
}

TEST(Options, VariablesStandForFlagsWhichWin) {
  const Variable retries("CLEAVE_RETRIES", "4");
  const Variable fail_fast("CLEAVE_FAIL_FAST", "0");
  const Variable cache("CLEAVE_CACHE", "1");
  const Variable stagger("CLEAVE_STAGGER", "");
  const Options options = options_of({});
  EXPECT_EQ(options.retries, 4);
  EXPECT_TRUE(options.has_fail_fast) << "0 says never, which is not the same as nothing";
  EXPECT_EQ(options.fail_fast, plan::FailureLimit{});
  EXPECT_TRUE(options.cache);
  EXPECT_LT(options.stagger.count(), 0) << "an empty variable says nothing";
  EXPECT_EQ(options_of({"--cleave-retries=1"}).retries, 1);
}

TEST(Options, AWrongVariableIsNamedAsTheVariable) {
  const std::vector<std::array<const char*, 3>> table{
      {"CLEAVE_RETRIES", "many", "CLEAVE_RETRIES='many': number of retries 'many' is not a number from 0 to 100"},
      {"CLEAVE_CACHE", "no", "CLEAVE_CACHE='no' is not 0 or 1"},
      {"CLEAVE_JOBS", "0", "CLEAVE_JOBS='0' is not auto or a number from 1 to 1024"},
      {"CLEAVE_REPEAT", "0", "CLEAVE_REPEAT='0' is not N or until-fail:N"}};
  for (const auto& [name, value, expected] : table) {
    const Variable variable(name, value);
    const auto line = read({"t"});
    ASSERT_FALSE(line) << name;
    EXPECT_EQ(line.error().what.rfind(expected, 0), 0U) << line.error().what;
  }
  const Variable off("CLEAVE_CACHE", "0");
  EXPECT_FALSE(options_of({}).cache);
}

// Each flag has the variable of its name, is in the help, and keeps out of the environment of workers.
TEST(Options, EveryFlagHasItsVariableAndItsLineInTheHelp) {
  const std::string help = help_text("store_tests");
  const auto variables = flag_variables();
  for (const Flag& flag : all_flags()) {
    std::string variable = "CLEAVE_" + std::string(flag.name);
    std::transform(variable.begin(), variable.end(), variable.begin(),
                   [](unsigned char c) { return c == '-' ? '_' : static_cast<char>(std::toupper(c)); });
    EXPECT_EQ(flag.variable, variable);
    EXPECT_EQ(std::count(variables.begin(), variables.end(), variable), 1) << variable;
    EXPECT_NE(help.find("\n  --cleave-" + std::string(flag.name)), std::string::npos) << flag.name;
    std::string entry = variable + "=1";
    std::string program = "t";
    std::array<char*, 2> environment{entry.data(), nullptr};
    std::array<char*, 2> arguments{program.data(), nullptr};
    EXPECT_TRUE(wants_cleave(1, arguments.data(), environment.data())) << variable;
  }
  for (const char* part :
       {"\nWhat runs:\n", "\nWhen tests fail:\n", "\nWhat is shown, and where:\n", "\nBeing a good neighbour:\n",
        "--cleave-fail-fast[=k|k%]", "--cleave-repeat=N|until-fail:N"}) {
    EXPECT_NE(help.find(part), std::string::npos) << part << help;
  }
}

}  // namespace
}  // namespace cleave::run
