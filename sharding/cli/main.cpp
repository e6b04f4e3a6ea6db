// The `cleave` tool: words become a Command, a Command becomes a text or an error, and only this file prints.
#include <cstdio>
#include <exception>
#include <string>
#include <variant>
#include <vector>

#include "cli/command_line.hpp"
#include "cli/history_merge.hpp"
#include "cli/plan_command.hpp"
#include "cli/tool.hpp"
#include "os/fd.hpp"
#include "report/text.hpp"
#include "run/options.hpp"

namespace cleave::cli {
namespace {

int fail(const Error& error) {
  std::fprintf(stderr, "cleave: %s\n", report::printable(error.what).c_str());
  switch (error.kind) {
    case Errc::usage: return run::kUsage;
    case Errc::nothing_to_run: return run::kNothingToRun;
    case Errc::broken:
    case Errc::system:
    case Errc::corrupt: break;
  }
  return run::kBroken;
}

int say(const std::string& text, int code) {
  constexpr int kStandardOutput = 1;
  const auto written = os::write_all(kStandardOutput, text);
  return written ? code : fail({Errc::broken, "write to stdout: " + written.error().what, 0});
}

struct Perform {
  Result<std::string> operator()(const RunRequest&) const { return std::string(); }  // Prints while it runs.
  Result<std::string> operator()(const CommandWords&) const { return std::string(); }  // Has a code of its own.
  Result<std::string> operator()(const Message& message) const { return message.text; }
  Result<std::string> operator()(const PlanRequest& request) const { return run_plan(request); }
  Result<std::string> operator()(const HistoryMergeRequest& request) const { return run_history_merge(request); }
};

int run(std::vector<std::string> arguments) {
  const auto command = read_command_line(std::move(arguments));
  if (!command) return fail(command.error());
  if (const auto* const request = std::get_if<RunRequest>(&*command)) {
    const auto code = run_programs(*request);
    return code ? *code : fail(code.error());
  }
  if (const auto* const words = std::get_if<CommandWords>(&*command)) {
    const auto done = run_tool(*words);
    return done ? say(done->text, done->code) : fail(done.error());
  }
  const auto text = std::visit(Perform{}, *command);
  return text ? say(*text, run::kGreen) : fail(text.error());
}

}  // namespace
}  // namespace cleave::cli

int main(int argc, char** argv) {
  try {
    return cleave::cli::run({argv + (argc > 0 ? 1 : 0), argv + argc});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "cleave: internal error: %s\n", error.what());
    return cleave::run::kBroken;
  }
}
