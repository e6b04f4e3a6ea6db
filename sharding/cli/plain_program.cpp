#include "cli/plain_program.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "os/fd.hpp"
#include "os/file.hpp"
#include "os/machine.hpp"
#include "os/spawn.hpp"
#include "report/text.hpp"
#include "run/options.hpp"

namespace cleave::cli {
namespace {

constexpr std::chrono::seconds kListLimit{60};
/// GoogleTest's and Bazel's ways to say what runs and what is written where.
constexpr std::array<std::string_view, 9> kForeign{
    "GTEST_TOTAL_SHARDS", "GTEST_SHARD_INDEX", "GTEST_SHARD_STATUS_FILE", "GTEST_OUTPUT", "XML_OUTPUT_FILE",
    "TEST_TOTAL_SHARDS",  "TEST_SHARD_INDEX",  "TEST_SHARD_STATUS_FILE",  "BAZEL_TEST"};

Error broken(const std::string& path, const std::string& what) {
  return Error{Errc::broken, "list the tests of " + path + ": " + what, 0};
}

/// What a program printed, and how it ended.
struct Answer {
  std::string output;
  os::ExitStatus status;
};

Result<Answer> ask(const std::string& path, std::vector<std::string> arguments, const std::vector<std::string>& more) {
  const auto output = os::open_nameless(os::scratch_directory());
  if (!output) return output.error();
  const auto errors = os::open_nameless(os::scratch_directory());
  if (!errors) return errors.error();
  os::ProgramImage image;
  image.arguments = std::move(arguments);
  image.arguments.insert(image.arguments.begin(), path);
  image.arguments.insert(image.arguments.end(), more.begin(), more.end());
  image.environment = plain_environment();
  const auto program = os::Program::start(image, *output, *errors);
  if (!program) return broken(path, program.error().what);
  const bool ended = program->wait_ended(kListLimit);
  const auto status = program->finish();
  if (!ended) return broken(path, "it did not end within " + std::to_string(kListLimit.count()) + " s");
  if (!status) return broken(path, "how it ended is not known");
  const auto text_of = [](const os::Fd& file) {
    auto text = os::read_at(file.get(), 0, os::end_offset(file.get()));
    return text ? std::move(*text) : std::string();
  };
  Answer answer{text_of(*output), *status};
  if (status->signalled)
    return broken(path, "it was killed by " + os::signal_name(status->code) + "\n" + text_of(*errors));
  // Catch2 2 ends with the number of tests that it listed.
  if (answer.output.empty() && status->code != 0)
    return broken(path, "its exit status was " + std::to_string(status->code) + "\n" + text_of(*errors));
  return answer;
}

std::string excerpt(const std::string& text) {
  constexpr std::size_t kMost = 400;
  return text.size() <= kMost ? text : text.substr(0, kMost) + " …";
}

Result<plan::TestList> list_gtest(const PlainProgram& program) {
  auto folder = os::make_private_folder(os::scratch_directory() + "/cleave-list-");
  if (!folder) return folder.error();
  const std::string file = *folder + "/list.json";
  auto answer = ask(program.path, program.arguments, {"--gtest_list_tests", "--gtest_output=json:" + file});
  const auto json = os::read_file(file);
  os::remove_tree(*folder);
  if (!answer) return answer.error();
  if (!json) return broken(program.path, "it wrote none; it printed\n" + excerpt(answer->output));
  constexpr std::string_view kAlsoDisabled = "gtest_also_run_disabled_tests";
  bool also = os::environment("GTEST_ALSO_RUN_DISABLED_TESTS").value_or("0") != "0";
  for (const std::string& argument : program.arguments)
    also = also || (argument.find(kAlsoDisabled) != std::string::npos && !argument.ends_with("=0"));
  return read_gtest_list(*json, also);
}

Result<plan::TestList> list_catch2(PlainProgram& program) {
  auto identity = ask(program.path, {}, {"--libidentify"});
  if (!identity) return identity.error();
  auto version = read_catch2_version(identity->output);
  if (!version) return version.error();
  const bool v2 = version->starts_with('2');
  program.framework = v2 ? Framework::catch2_v2 : Framework::catch2_v3;
  const std::vector<std::string> names{"--list-test-names-only", "-v", "high"};
  const std::vector<std::string> tests{"--list-tests", "-r", "xml"};
  auto answer = ask(program.path, program.arguments, v2 ? names : tests);
  if (!answer) return answer.error();
  auto list = v2 ? read_catch2_v2_list(answer->output) : read_catch2_v3_list(answer->output);
  if (!list) return Error{Errc::corrupt, list.error().what + "; it printed\n" + excerpt(answer->output), 0};
  list->framework_version = *version;
  if (!v2) return list;
  // Tags are asked for one by one, because a list of names tells none.
  answer = ask(program.path, program.arguments, {"--list-tags"});
  if (!answer) return answer.error();
  for (const std::string& tag : read_catch2_v2_tags(answer->output)) {
    if (!counts_without_cleave(tag)) continue;
    auto with_tag = program.arguments;
    with_tag.push_back("[" + tag + "]");
    answer = ask(program.path, with_tag, names);
    if (!answer) return answer.error();
    const auto tagged = read_catch2_v2_list(answer->output);
    if (!tagged) return tagged.error();
    std::set<std::pair<std::string, std::int32_t>> places;
    for (const plan::TestCase& test : tagged->tests) places.insert({test.file + "\n" + test.name, test.line});
    for (plan::TestCase& test : list->tests) {
      if (places.count({test.file + "\n" + test.name, test.line}) != 0) test.tags.push_back(tag);
    }
  }
  return list;
}

}  // namespace

std::vector<std::string> plain_environment() {
  std::vector<std::string> environment = os::all_environment();
  const std::vector<std::string> ours = run::flag_variables();
  std::erase_if(environment, [&](const std::string& assignment) {
    const std::string_view name = std::string_view(assignment).substr(0, assignment.find('='));
    return std::ranges::find(kForeign, name) != kForeign.end() || std::ranges::find(ours, name) != ours.end();
  });
  return environment;
}

Result<void> check_plain_arguments(const std::string& path, const ProgramKind& kind,
                                   const std::vector<std::string>& arguments) {
  constexpr std::array<std::string_view, 12> kTaken{"-r",
                                                    "--reporter",
                                                    "-o",
                                                    "--out",
                                                    "-l",
                                                    "--list-tests",
                                                    "-t",
                                                    "--list-tags",
                                                    "-f",
                                                    "--input-file",
                                                    "--list-test-names-only",
                                                    "--list-reporters"};
  for (const std::string& argument : arguments) {
    const std::string name = argument.substr(0, argument.find('='));
    const bool of_catch2 = kind.catch2 && std::ranges::find(kTaken, name) != kTaken.end();
    const bool of_gtest = kind.gtest && (name == "--gtest_list_tests" || name == "--gtest_output");
    if (of_catch2 || of_gtest)
      return Error{Errc::usage,
                   "argument '" + argument + "': '" + path +
                       "' has no Cleave in it, and cleave run itself says what such a program lists, reads and writes",
                   0};
  }
  return {};
}

Result<ListedProgram> list_plain_program(const std::string& path, const ProgramKind& kind,
                                         const std::vector<std::string>& arguments, const PlainRules& rules) {
  ListedProgram listed;
  listed.program = PlainProgram{os::absolute_path(path), arguments, Framework::gtest};
  Result<plan::TestList> list = Error{};
  // A program of Catch2 refuses the flags of GoogleTest, but not the other way round.
  if (kind.gtest) list = list_gtest(listed.program);
  if (!list && kind.catch2) list = list_catch2(listed.program);
  if (!list) return list.error().what.starts_with("list the tests") ? list.error() : broken(path, list.error().what);
  listed.list = std::move(*list);
  auto constraints = plain_constraints(listed.list, rules);
  if (!constraints) return constraints.error();
  listed.constraints = std::move(*constraints);
  return listed;
}

std::vector<std::string> reporting_arguments(Framework framework, const std::string& file) {
  if (framework == Framework::gtest) return {"--gtest_output=json:" + file, "--gtest_color=no", "--gtest_brief=0"};
  return {"-r", "xml", "-d", "yes", "-o", file};
}

}  // namespace cleave::cli
