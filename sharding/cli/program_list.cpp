#include "cli/program_list.hpp"

#include <chrono>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "os/fd.hpp"
#include "os/file.hpp"
#include "os/machine.hpp"
#include "os/spawn.hpp"
#include "plan/seconds.hpp"
#include "plan/tags.hpp"

namespace cleave::cli {
namespace {

using Json = nlohmann::json;

constexpr std::chrono::seconds kListLimit{60};

/// A program may print before its main begins, so the list is looked for.
constexpr std::string_view kListStart = "{\n \"framework\":";

Error broken(const std::string& program, const std::string& what) {
  return Error{Errc::broken, "list the tests of " + program + ": " + what, 0};
}

std::string ending_text(const os::ExitStatus& status) {
  return status.signalled ? "it was killed by " + os::signal_name(status.code)
                          : "its exit status was " + std::to_string(status.code);
}

/// What the program wrote to stdout.
Result<std::string> output_of(const std::string& path, const std::string& settings) {
  const auto output = os::open_nameless(os::scratch_directory());
  if (!output) return output.error();
  const os::Fd errors = os::duplicate(2);
  os::ProgramImage image;
  image.arguments = {os::absolute_path(path), "--cleave-list=json"};
  if (!settings.empty()) image.arguments.push_back("--cleave-settings=" + settings);
  image.environment = os::all_environment();
  const auto program = os::Program::start(image, *output, errors);
  if (!program) return broken(path, program.error().what);
  const bool ended = program->wait_ended(kListLimit);
  const auto status = program->finish();
  if (!ended) return broken(path, "it did not end within " + std::to_string(kListLimit.count()) + " s");
  if (!status) return broken(path, "how it ended is not known");
  constexpr int kNothingToRun = 4;
  if (!status->signalled && status->code == kNothingToRun)
    return Error{Errc::nothing_to_run, "list the tests of " + path + ": it has none", 0};
  if (status->signalled || status->code != 0) return broken(path, ending_text(*status));
  return os::read_at(output->get(), 0, os::end_offset(output->get()));
}

std::chrono::nanoseconds seconds_of(const Json& seconds) {
  return plan::nanoseconds_of(seconds.get<double>());
}

/// A test of the list, and what `after:` tags may call it.
struct Listed {
  plan::Task task;
  std::string test;
};

/// Of the tags, those that mean nothing to Cleave are the user's own.
Listed read_test(const Json& test) {
  Listed listed{{}, test.at("test").get<std::string>()};
  plan::Task& task = listed.task;
  task.name = test.at("name").get<std::string>();
  task.suite = test.at("suite").get<std::string>();
  plan::Constraints constraints;
  for (const Json& tag : test.at("tags")) (void)plan::apply_tag(tag.get<std::string>(), constraints);
  task.serial = constraints.serial;
  task.locks = std::move(constraints.locks);
  task.weight = test.value("weight", 1U);
  task.phase = test.value("phase", "");
  task.after = test.value("after", std::vector<std::string>());
  if (const auto expected = test.find("expected_seconds"); expected != test.end())
    task.duration = seconds_of(*expected);
  task.origin =
      test.at("file").get<std::string>() + ":" + std::to_string(test.at("line").get<int>()) + ": " + task.name;
  return listed;
}

/// True when an `after:` tag with this name waits for the test: the rule of plan/barriers.
bool is_meant(std::string_view name, const Listed& listed, bool gtest) {
  const plan::Task& task = listed.task;
  if (!gtest) return name == listed.test || (!task.suite.empty() && name == task.suite);
  if (plan::names_instance_of(name, task.suite)) return true;
  const auto dot = name.find('.');
  return dot != std::string_view::npos && plan::names_instance_of(name.substr(0, dot), task.suite) &&
         plan::names_instance_of(name.substr(dot + 1), listed.test);
}

/// Replaces what `after:` tags say by the suites and tests that they mean. One that means none of them is dropped: the
/// program has checked that there is such a test, so it is not selected, and holds nothing up.
std::vector<plan::Task> resolved(std::vector<Listed> list, bool gtest) {
  std::map<std::string, std::vector<std::string>> meant;
  for (const Listed& listed : list) {
    for (const std::string& name : listed.task.after) meant[name];
  }
  for (auto& [name, names] : meant) {
    for (const Listed& listed : list) {
      if (!is_meant(name, listed, gtest)) continue;
      const bool whole_suite = gtest && plan::names_instance_of(name, listed.task.suite);
      const std::string& found = whole_suite ? listed.task.suite : listed.task.name;
      if (names.empty() || names.back() != found) names.push_back(found);
    }
  }
  std::vector<plan::Task> tasks;
  for (Listed& listed : list) {
    std::vector<std::string> after;
    for (const std::string& name : listed.task.after) after.insert(after.end(), meant[name].begin(), meant[name].end());
    listed.task.after = std::move(after);
    tasks.push_back(std::move(listed.task));
  }
  return tasks;
}

}  // namespace

Result<plan::TaskGraph> read_program(const std::string& path, std::string_view bytes) {
  if (!kind_of(bytes).sharded) {
    return Error{Errc::usage,
                 path +
                     ": the program has no Cleave in it, and would run its tests if asked for them: "
                     "link Cleave::gtest or Cleave::catch2, or call cleave_add_shards()",
                 0};
  }
  const auto output = output_of(path, "");
  if (!output) return output.error();
  return read_program_list(*output, path);
}

Result<std::string> program_list_text(const std::string& path, const std::string& settings) {
  auto output = output_of(path, settings);
  if (!output) return output;
  const std::size_t begin = output->rfind(kListStart);
  if (begin == std::string::npos) return broken(path, "it printed none");
  return output->substr(begin);
}

Result<plan::TaskGraph> read_program_list(std::string_view text, const std::string& program) {
  const std::size_t begin = text.rfind(kListStart);
  if (begin == std::string_view::npos) return broken(program, "it printed none");
  std::vector<Listed> tests;
  std::vector<plan::PhaseSpec> phases;
  bool gtest = false;
  try {
    const Json list = Json::parse(text.substr(begin));
    gtest = list.at("framework") == "gtest";
    for (const Json& phase : list.at("phases"))
      phases.push_back({phase.at("name").get<std::string>(), seconds_of(phase.at("timeout_seconds"))});
    for (const Json& test : list.at("tests")) tests.push_back(read_test(test));
  } catch (const Json::exception& error) {
    return broken(program, error.what());
  }
  return plan::make_task_graph(resolved(std::move(tests), gtest), std::move(phases));
}

}  // namespace cleave::cli
