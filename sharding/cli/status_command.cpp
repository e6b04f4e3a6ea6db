#include "cli/status_command.hpp"

#include "cli/columns.hpp"
#include "cli/kept_report.hpp"
#include "cli/status_board.hpp"
#include "os/file.hpp"
#include "os/machine.hpp"
#include "os/terminal.hpp"
#include "report/html.hpp"
#include "report/text.hpp"
#include "run/console_listener.hpp"
#include "run/kept_run.hpp"
#include "run/pool_member.hpp"

namespace cleave::cli {
namespace {

/// One look at the run.
struct Look {
  std::string text;
  bool goes_on = false;
};

Result<Look> look_at(const RunPlace& place);

/// All programs of a `cleave run`, those that have begun: each has a run of its own.
std::string programs_of(const std::string& pool) {
  std::string text;
  for (const std::string& name : os::list_directory(pool + run::kPoolRuns)) {
    const auto directory = os::read_file(pool + run::kPoolRuns + name);
    if (!directory || directory->empty()) continue;
    const auto look = look_at(RunPlace{*directory, *directory, *directory + "/report.json"});
    text += look ? look->text : label(*directory) + ": " + look.error().what + "\n";
  }
  return text;
}

Result<Look> look_at(const RunPlace& place) {
  // Asked first: a run that ends meanwhile is looked at once more.
  const bool works = run::is_going_on(place.directory);
  const bool goes_on = works || run::may_go_on(place.directory);
  if (!goes_on && is_current(place, "report.json")) {
    const auto report = report_of(place);
    if (!report) return report.error();
    return Look{report->target + " " + report->run_id + " has ended: " + report::headline(*report) + "\n"};
  }
  const auto context = run::load_kept_run(place.directory);
  if (!context) return context.error();
  const report::RunReport& frame = context->frame;
  std::string headline = frame.target + " " + frame.run_id;
  const report::UnixTime now = os::wall_now();
  const std::string pool = place.directory + "/pool";
  const bool of_many = os::exists(pool + run::kPoolRuns);
  const auto live = os::read_file(place.directory + "/" + kLiveBoard);
  headline +=
      goes_on ? " has been going on for " + report::duration_text(now - frame.start) : " was killed before it reported";
  // Programs without Cleave leave no journals, and one that was killed as it began neither.
  if (!goes_on && !of_many && !run::read_journals(place.directory).empty()) headline += ": see cleave report";
  if (of_many) return Look{headline + "\n" + programs_of(pool), goes_on};
  std::optional<StatusBoard> board = live ? decode_board(*live) : std::nullopt;
  if (!board) board = status_of(run::told_by_journals(*context));
  if (!goes_on) board->lanes.clear();
  return Look{status_text(*board, headline, now), goes_on};
}

}  // namespace

Result<Done> run_status(const CommandWords& words) {
  const auto place = find_run(words.words[0]);
  if (!place) return place.error();
  if (place->directory.empty())
    return Error{Errc::usage, "'" + words.words[0] + "' is the report of a run that has ended", 0};
  constexpr int kStandardOutput = 1;
  const bool terminal = os::terminal_size(kStandardOutput).has_value();
  while (true) {
    auto look = look_at(*place);
    if (!look) return look.error();
    // From the upper left corner, and nothing below it.
    if (words.has("--watch") && terminal) look->text = "\x1B[H\x1B[J" + look->text;
    if (!words.has("--watch") || !look->goes_on) return Done{std::move(look->text)};
    run::print(look->text + (terminal ? "" : "\n"));
    os::sleep_for(std::chrono::seconds(1));
  }
}

}  // namespace cleave::cli
