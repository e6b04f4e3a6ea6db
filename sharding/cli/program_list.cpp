#include "cli/program_list.hpp"

#include <chrono>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "os/fd.hpp"
#include "os/file.hpp"
#include "os/machine.hpp"
#include "os/spawn.hpp"
#include "plan/tags.hpp"

namespace cleave::cli {
namespace {

using Json = nlohmann::json;

constexpr std::chrono::seconds kListLimit{60};
/// Stands in every program that the plugin is linked to.
constexpr std::string_view kPluginMark = "CLEAVE_LIST";

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
Result<std::string> output_of(const std::string& path) {
  const auto output = os::open_nameless(os::scratch_directory());
  if (!output) return output.error();
  const os::Fd errors = os::duplicate(2);
  os::ProgramImage image;
  image.arguments = {os::absolute_path(path), "--cleave-list=json"};
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

/// Tags that mean nothing to Cleave are the user's own.
plan::Task task_of(const Json& test) {
  plan::Task task;
  task.name = test.at("name").get<std::string>();
  task.suite = test.at("suite").get<std::string>();
  plan::Constraints constraints;
  for (const Json& tag : test.at("tags")) (void)plan::apply_tag(tag.get<std::string>(), constraints);
  task.serial = constraints.serial;
  task.locks = std::move(constraints.locks);
  task.weight = constraints.weight;
  task.phase = std::move(constraints.phase);
  task.after = std::move(constraints.after);
  if (const auto expected = test.find("expected_ms"); expected != test.end()) {
    task.duration = std::chrono::duration_cast<std::chrono::nanoseconds>(
        std::chrono::duration<double, std::milli>(expected->get<double>()));
  }
  task.origin =
      test.at("file").get<std::string>() + ":" + std::to_string(test.at("line").get<int>()) + ": " + task.name;
  return task;
}

}  // namespace

bool is_program(std::string_view bytes) noexcept {
  return bytes.starts_with(
      "\x7F"
      "ELF");
}

Result<plan::TaskGraph> read_program(const std::string& path, std::string_view bytes) {
  if (bytes.find(kPluginMark) == std::string_view::npos) {
    return Error{Errc::usage,
                 path +
                     ": the program has no Cleave in it, and would run its tests if asked for them: "
                     "link Cleave::gtest or Cleave::catch2, or call cleave_add_shards()",
                 0};
  }
  const auto output = output_of(path);
  if (!output) return output.error();
  return read_program_list(*output, path);
}

Result<plan::TaskGraph> read_program_list(std::string_view text, const std::string& program) {
  const std::size_t begin = text.rfind(kListStart);
  if (begin == std::string_view::npos) return broken(program, "it printed none");
  std::vector<plan::Task> tasks;
  try {
    const Json list = Json::parse(text.substr(begin));
    for (const Json& test : list.at("tests")) tasks.push_back(task_of(test));
  } catch (const Json::exception& error) {
    return broken(program, error.what());
  }
  return plan::make_task_graph(std::move(tasks));
}

}  // namespace cleave::cli
