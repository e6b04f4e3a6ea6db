#include "cli/status_command.hpp"

#include "cli/kept_report.hpp"
#include "cli/status_board.hpp"
#include "os/machine.hpp"
#include "os/terminal.hpp"
#include "report/html.hpp"
#include "report/text.hpp"
#include "run/console_listener.hpp"
#include "run/kept_run.hpp"

namespace cleave::cli {
namespace {

/// One look at the run.
struct Look {
  std::string text;
  bool goes_on = false;
};

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
  headline += goes_on ? " has been going on for " + report::duration_text(now - frame.start)
                      : " was killed before it reported: see cleave report";
  if (goes_on && context->plan.items.empty())
    return Look{
        headline + "\nits tests are told when it has ended: the programs with Cleave in it have runs of their own\n",
        true};
  StatusBoard board = status_of(run::told_by_journals(*context), now);
  if (!goes_on) board.lanes.clear();
  return Look{status_text(board, frame.list, headline), goes_on};
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
