#include "run/console_listener.hpp"

#include <cstdio>

#include "os/fd.hpp"
#include "os/machine.hpp"
#include "report/console.hpp"

namespace cleave::run {

bool wants_colour() {
  const auto no = os::environment("NO_COLOR");
  const auto terminal = os::environment("TERM");
  return os::is_terminal(1) && (!no || no->empty()) && terminal.value_or("dumb") != "dumb";
}

void print(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

ConsoleListener::ConsoleListener(const RunContext& context, const Options& options)
    : context_(context), show_output_(options.output != "capture"), colour_(wants_colour()) {}

void ConsoleListener::on_attempt(const report::AttemptRecord& record) {
  if (plan::is_green(record.attempt.outcome) || record.attempt.outcome == plan::Outcome::not_run) return;
  const report::RunReport& frame = context_.frame;
  const plan::TestCase& test = frame.list.tests[context_.plan.items[record.item].index];
  report::Attempt attempt = record.attempt;
  if (!show_output_) attempt.output = {};
  print(report::failure_block(frame, test, attempt, colour_));
}

void ConsoleListener::on_problem(const report::Problem& problem) { print(report::problem_block(problem, colour_)); }

void ConsoleListener::on_output(const std::string& shard, std::string_view bytes) {
  std::string text;
  for (std::size_t begin = 0; begin < bytes.size();) {
    const std::size_t end = std::min(bytes.find('\n', begin), bytes.size());
    text += "[" + shard + "] " + std::string(bytes.substr(begin, end - begin)) + "\n";
    begin = end + 1;
  }
  print(text);
}

}  // namespace cleave::run
