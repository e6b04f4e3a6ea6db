#include "run/console_listener.hpp"

#include <algorithm>
#include <cstdio>

#include "os/fd.hpp"
#include "os/machine.hpp"
#include "os/terminal.hpp"
#include "report/console.hpp"

namespace cleave::run {
namespace {

using std::chrono::nanoseconds;

/// How often the live status is drawn at most.
constexpr std::chrono::milliseconds kBetweenDraws{100};
/// After the first silence each further one is told of when it is twice as long, and then every five minutes.
constexpr std::chrono::minutes kLongestSilence{5};
constexpr std::uint32_t kUsualColumns = 80;
constexpr std::uint32_t kUsualRows = 24;

bool is_usual_terminal() {
  const std::string kind = os::environment("TERM").value_or("");
  return os::is_terminal(1) && !kind.empty() && kind != "dumb";
}

/// By the variables that choose the character set, as setlocale() would.
bool speaks_utf8() {
  for (const char* const name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const std::string value = os::environment(name).value_or("");
    if (value.empty()) continue;
    return value.find("UTF-8") != std::string::npos || value.find("utf8") != std::string::npos ||
           value.find("utf-8") != std::string::npos;
  }
  return false;
}

}  // namespace

bool wants_colour(const Options& options) {
  if (options.colour != Colour::automatic) return options.colour == Colour::always;
  const auto no = os::environment("NO_COLOR");
  return is_usual_terminal() && (!no || no->empty());
}

report::Detail detail_of(LogLevel level) noexcept {
  switch (level) {
    case LogLevel::quiet: return report::Detail::quiet;
    case LogLevel::verbose: return report::Detail::verbose;
    case LogLevel::normal: break;
  }
  return report::Detail::normal;
}

void print(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

ConsoleListener::ConsoleListener(const Caller& caller, const RunContext& context)
    : context_(context),
      options_(caller.options),
      reader_(stack_reader(caller)),
      colour_(wants_colour(options_)),
      live_(is_usual_terminal() && !context.by_entries && options_.log != LogLevel::quiet &&
            options_.output != "stream"),
      unicode_(speaks_utf8()),
      progress_(context.plan, context.frame.shard_count),
      ci_(context),
      began_(os::monotonic_now()),
      last_news_(began_),
      silence_(options_.heartbeat),
      questions_(os::questions()) {}

void ConsoleListener::say(const std::string& text) {
  terminal_.erase();
  print(text);
}

void ConsoleListener::end() {
  terminal_.erase();
  for (const auto& [shard, rest] : torn_) print(ci_.lines("[" + shard + "] " + rest + "\n"));
  torn_.clear();
}

void ConsoleListener::on_attempt(const report::AttemptRecord& record) {
  progress_.on_attempt(record, context_.is_quarantined(record.item));
  last_news_ = os::monotonic_now();
  silence_ = options_.heartbeat;
  const report::RunReport& frame = context_.frame;
  const plan::TestCase& test = frame.list.tests[context_.plan.items[record.item].index];
  if (plan::is_green(record.attempt.outcome) || record.attempt.outcome == plan::Outcome::not_run) {
    std::string text = options_.log == LogLevel::verbose
                           ? ci_.block(report::ended_line(frame, test, record.attempt, colour_))
                           : std::string();
    text += ci_.attempt(record);
    if (!text.empty()) say(text);
    return;
  }
  report::Attempt attempt = record.attempt;
  if (options_.output == "capture") attempt.output = {};
  say(ci_.block(report::failure_block(frame, test, attempt, colour_)) + ci_.attempt(record));
}

void ConsoleListener::on_problem(const report::Problem& problem) {
  say(ci_.block(report::problem_block(problem, colour_)));
}

/// Whole lines only: those of several shards never meet on one.
void ConsoleListener::on_output(const std::string& shard, std::string_view bytes) {
  std::string& held = torn_[shard];
  std::string text;
  for (std::size_t end = bytes.find('\n'); end != std::string_view::npos; end = bytes.find('\n')) {
    text.append("[").append(shard).append("] ").append(held).append(bytes.substr(0, end + 1));
    held.clear();
    bytes.remove_prefix(end + 1);
  }
  held += bytes;
  if (!text.empty()) say(ci_.lines(std::move(text)));
}

/// Without a live status that is worth a line of its own, once.
void ConsoleListener::on_stopping(const std::string& signal, const LanesNow& lanes, nanoseconds until) {
  if (stopping_) return;
  stopping_ = report::LiveState::Stopping{signal, until};
  next_draw_ = {};
  if (live_ || options_.log == LogLevel::quiet) return;
  const nanoseconds now = os::monotonic_now();
  const std::string title = "cleave: stopping after " + signal + "; what runs may end within " +
                            report::whole_seconds(until - now + std::chrono::milliseconds(500)) +
                            ", a second signal ends it now";
  say(report::lanes_block(state_of(lanes(), now), title, now, {}));
}

nanoseconds ConsoleListener::on_round(const LanesNow& lanes, nanoseconds now) {
  if (const unsigned asked = os::questions(); asked != questions_) {
    questions_ = asked;
    tell_lanes("cleave: asked by SIGUSR1", lanes, now, false);
  }
  const bool tells_silence = silence_.count() > 0 && options_.log != LogLevel::quiet;
  if (tells_silence && now - last_news_ >= silence_) {
    tell_lanes("cleave: no test ended for " + report::whole_seconds(now - last_news_), lanes, now, live_);
    silence_ = std::min<nanoseconds>(silence_ * 2, silence_ + kLongestSilence);
  }
  const nanoseconds next_silence = tells_silence ? last_news_ + silence_ : nanoseconds::max();
  if (!live_) return next_silence;
  if (now < next_draw_) return std::min(next_draw_, next_silence);
  draw(lanes, now);
  next_draw_ = now + kBetweenDraws;
  return next_silence;
}

report::LiveState ConsoleListener::state_of(const std::vector<report::LaneState>& lanes, nanoseconds now) const {
  report::LiveState state;
  // An entry of CTest knows what it ran itself, and no more.
  state.total = context_.by_entries ? 0 : progress_.total();
  state.done = progress_.done();
  state.failed = progress_.failed();
  state.flaky = progress_.flaky();
  state.began = began_;
  state.remaining = progress_.remaining(lanes, now);
  state.stopping = stopping_;
  for (const report::LaneState& lane : lanes) {
    report::LiveState::Lane shown{lane.name, lane.doing, std::nullopt};
    if (!lane.doing.empty()) {
      shown.since = std::min(lane.since, now);
      shown.fixture = true;
      state.remaining.reset();  // Nobody knows what a fixture takes.
    }
    if (lane.item >= 0) {
      const plan::TestList& list = context_.frame.list;
      const plan::Item& item = context_.plan.items[static_cast<std::size_t>(lane.item)];
      shown.test = plan::full_name(list.tests[item.index], list.framework);
      shown.since = std::min(lane.since, now);
    }
    state.lanes.push_back(std::move(shown));
  }
  return state;
}

/// @param only_with_stacks the live status says the rest already.
void ConsoleListener::tell_lanes(const std::string& title, const LanesNow& lanes, nanoseconds now,
                                 bool only_with_stacks) {
  const std::vector<report::LaneState> states = lanes();
  std::vector<int> pids;
  for (const report::LaneState& lane : states) {
    pids.push_back(lane.item >= 0 || !lane.doing.empty() ? std::max(0, lane.pid) : 0);
  }
  const std::vector<std::string> stacks = stacks_of(reader_, pids, context_.directory);
  const bool any = std::any_of(stacks.begin(), stacks.end(), [](const std::string& text) { return !text.empty(); });
  if (any || !only_with_stacks) say(report::lanes_block(state_of(states, now), title, now, stacks));
}

void ConsoleListener::draw(const LanesNow& lanes, nanoseconds now) {
  // A shell that got its terminal back has its prompt where the status would be.
  if (!os::is_in_foreground(1)) return;
  const os::TerminalSize size = os::terminal_size(1).value_or(os::TerminalSize{kUsualColumns, kUsualRows});
  terminal_.draw(report::live_status(state_of(lanes(), now), size.columns, size.rows, now, {colour_, unicode_}), size);
}

}  // namespace cleave::run
