#pragma once

#include <map>
#include <optional>
#include <string>

#include "report/live.hpp"
#include "report/model.hpp"
#include "report/progress.hpp"
#include "report/speed.hpp"
#include "run/ci_output.hpp"
#include "run/live_terminal.hpp"
#include "run/shard.hpp"
#include "run/stacks.hpp"

namespace cleave::run {

/// Tells on standard output what happens: failures at once and whole, on a terminal with a live status below them, and
/// what runs after a long silence and when SIGUSR1 asks for it.
class ConsoleListener : public Listener {
 public:
  ConsoleListener(const Caller& caller, const RunContext& context);
  ~ConsoleListener() override { end(); }
  ConsoleListener(const ConsoleListener&) = delete;
  ConsoleListener& operator=(const ConsoleListener&) = delete;

  void on_attempt(const report::AttemptRecord& record) override;
  void on_problem(const report::Problem& problem) override;
  void on_output(const std::string& shard, std::string_view bytes) override;
  void on_stopping(const std::string& signal, const LanesNow& lanes, std::chrono::nanoseconds until) override;
  std::chrono::nanoseconds on_round(const LanesNow& lanes, std::chrono::nanoseconds now) override;
  /// Takes the live status away and prints what is held back; what follows may print on its own.
  void end();
  bool colour() const noexcept { return colour_; }
  const CiOutput& ci() const noexcept { return ci_; }
  const report::Progress& progress() const noexcept { return progress_; }

 private:
  void say(const std::string& text);
  report::LiveState state_of(const std::vector<report::LaneState>& lanes, std::chrono::nanoseconds now) const;
  void tell_lanes(const std::string& title, const LanesNow& lanes, std::chrono::nanoseconds now, bool only_with_stacks);
  void draw(const LanesNow& lanes, std::chrono::nanoseconds now);

  const RunContext& context_;
  const Options& options_;
  StackReader reader_;
  bool colour_;
  bool live_;  ///< There is a terminal that can show a live status.
  bool unicode_;
  report::Progress progress_;
  LiveTerminal terminal_;
  CiOutput ci_;
  std::chrono::nanoseconds began_;
  std::chrono::nanoseconds last_news_;  ///< When a test ended.
  std::chrono::nanoseconds silence_;    ///< So long a silence is told of next.
  std::chrono::nanoseconds next_draw_{};
  std::optional<report::LiveState::Stopping> stopping_;
  unsigned questions_;                       ///< So many are answered.
  std::map<std::string, std::string> torn_;  ///< By shard: streamed output that does not end with a newline yet.
};

/// What --cleave-colour says; left to itself, true when standard output is a terminal that shows colours and NO_COLOR
/// is not set.
bool wants_colour(const Options& options);
report::Detail detail_of(LogLevel level) noexcept;
/// Writes to standard output now. A closed standard output is no failure.
void print(const std::string& text);

}  // namespace cleave::run
