#include "report/live.hpp"

#include <algorithm>
#include <numeric>
#include <string_view>

#include "report/cells.hpp"
#include "report/text.hpp"

namespace cleave::report {
namespace {

constexpr std::string_view kRed = "\x1b[31m";
constexpr std::string_view kGreen = "\x1b[32m";
constexpr std::string_view kYellow = "\x1b[33m";
constexpr std::string_view kDim = "\x1b[2m";
constexpr std::string_view kPlain = "\x1b[0m";
/// A bar that is shorter tells nothing, a longer one nothing more.
constexpr std::size_t kShortestBar = 8;
constexpr std::size_t kLongestBar = 30;
/// From here on names of lanes are numbers, to leave room for what they run.
constexpr std::size_t kNarrow = 50;
/// What runs for so long is worth a look.
constexpr std::chrono::seconds kLong{10};

std::string painted(std::string_view text, std::string_view with, bool colour) {
  if (!colour || with.empty()) return std::string(text);
  return std::string(with).append(text).append(kPlain);
}

std::string left_text(const std::optional<Nanoseconds>& remaining) {
  if (!remaining) return "? left";
  return *remaining < std::chrono::seconds(1) ? "<1 s left" : "about " + whole_seconds(*remaining) + " left";
}

/// A part of the first line.
struct Piece {
  std::string text;
  std::string_view colour;
};

std::string bar(const LiveState& state, std::size_t cells, const LiveStyle& style) {
  const std::size_t full =
      state.total == 0 ? cells : static_cast<std::size_t>(std::uint64_t{state.done} * cells / state.total);
  std::string done;
  std::string open;
  for (std::size_t i = 0; i < cells; ++i) {
    if (i < full)
      done += style.unicode ? "━" : "=";
    else
      open += style.unicode ? "─" : "-";
  }
  return painted(done, state.failed > 0 ? kRed : kGreen, style.colour && full > 0) +
         painted(open, kDim, style.colour && full < cells);
}

/// Count, bar, what went wrong, times. What does not fit is left out: first the bar, then the time that passed, the
/// flaky ones, the time that is left; the count stays, and is cut at worst.
std::string first_line(const LiveState& state, std::size_t cells, Nanoseconds now, const LiveStyle& style) {
  const std::string count = std::to_string(state.done) + "/" + std::to_string(state.total);
  const Piece failed{std::to_string(state.failed) + " failed", kRed};
  const Piece flaky{std::to_string(state.flaky) + " flaky", kYellow};
  const Piece passed{whole_seconds(now - state.began), ""};
  const Piece left{left_text(state.remaining), ""};
  std::size_t room = cells - std::min(cells, count.size());
  const auto takes = [&](const Piece& piece, bool wanted) {
    const std::size_t wide = cells_of(piece.text) + 2;
    if (!wanted || wide > room) return false;
    room -= wide;
    return true;
  };
  const bool has_failed = takes(failed, state.failed > 0);
  const bool has_left = takes(left, true);
  const bool has_flaky = takes(flaky, state.flaky > 0);
  const bool has_passed = takes(passed, true);
  std::string line = fitted(count, cells);
  if (room >= kShortestBar + 2) line += "  " + bar(state, std::min(room - 2, kLongestBar), style);
  if (has_failed) line += "  " + painted(failed.text, failed.colour, style.colour);
  if (has_flaky) line += "  " + painted(flaky.text, flaky.colour, style.colour);
  if (has_passed) line += "  " + passed.text;
  if (has_left) line += (has_passed ? ", " : "  ") + left.text;
  return line;
}

/// What is still waited for, and what another Ctrl-C does about it: while fixtures are torn down, nothing.
std::string stopping_line(const LiveState& state, std::size_t cells, Nanoseconds now, const LiveStyle& style) {
  const auto runs = [](bool fixture) {
    return [fixture](const LiveState::Lane& lane) { return lane.since && lane.fixture == fixture; };
  };
  const auto tests = std::count_if(state.lanes.begin(), state.lanes.end(), runs(false));
  const std::string stopping = "stopping (" + state.stopping->signal + ")";
  std::string text = stopping;
  if (tests > 0 && now < state.stopping->until) {
    const std::string left = whole_seconds(std::chrono::ceil<std::chrono::seconds>(state.stopping->until - now));
    text += ": " + std::to_string(tests) + (tests == 1 ? " test may" : " tests may") + " run on for " + left +
            "; Ctrl-C again ends " + (tests == 1 ? "it" : "them") + " now";
    if (cells_of(text) > cells) text = "stopping: " + left + " left; Ctrl-C again: now";
  } else if (tests > 0) {
    text += ": what runs is ended";
  } else if (std::any_of(state.lanes.begin(), state.lanes.end(), runs(true))) {
    text += ": fixtures are torn down";
  }
  return painted(fitted(text, cells), kYellow, style.colour);
}

/// "shard-3" on a wide terminal, "3" on a narrow one.
std::string lane_label(const std::string& name, std::size_t cells) {
  const auto dash = name.rfind('-');
  if (cells >= kNarrow || !name.starts_with("shard-") || dash == std::string::npos) return one_line(name);
  return name.substr(dash + 1);
}

std::string lane_line(const LiveState::Lane& lane, std::size_t label, std::size_t cells, Nanoseconds now,
                      const LiveStyle& style) {
  std::string line = "  " + painted(in_column(lane_label(lane.name, cells), label), kDim, style.colour) + "  ";
  const std::size_t taken = 2 + label + 2;
  if (taken >= cells) return fitted("  " + lane_label(lane.name, cells), cells);
  std::size_t room = cells - taken;
  if (!lane.since) return line + painted(fitted("waits", room), kDim, style.colour);
  const Nanoseconds ran = now - *lane.since;
  const std::string time = ran < std::chrono::seconds(1) ? "" : whole_seconds(ran);
  const std::string test = one_line(lane.test);
  if (time.empty() || time.size() + 2 + 4 > room) return line + fitted(test, room, true);
  // The time stands beside the name, at a column where those of most lanes can stand below each other.
  const std::size_t names = std::min(room - time.size() - 2, std::max<std::size_t>(cells_of(test), 40));
  line += in_column(test, names, true) + "  ";
  return line + painted(time, ran >= kLong ? kYellow : std::string_view{}, style.colour);
}

}  // namespace

std::string whole_seconds(Nanoseconds duration) {
  const auto seconds = std::max<long long>(0, duration / std::chrono::seconds(1));
  const auto two = [](long long value) { return (value < 10 ? "0" : "") + std::to_string(value); };
  if (seconds < 60) return std::to_string(seconds) + " s";
  if (seconds < 3600) return std::to_string(seconds / 60) + " m " + two(seconds % 60) + " s";
  return std::to_string(seconds / 3600) + " h " + two(seconds / 60 % 60) + " m";
}

std::vector<std::string> live_status(const LiveState& state, std::uint32_t width, std::uint32_t height, Nanoseconds now,
                                     const LiveStyle& style) {
  const std::size_t cells = width > 1 ? width - 1 : 1;
  std::vector<std::string> lines{first_line(state, cells, now, style)};
  std::size_t room = height / 2 > 1 ? height / 2 - 1 : 0;
  if (state.stopping) {
    if (room == 0) lines.clear();
    lines.push_back(stopping_line(state, cells, now, style));
    if (room > 0) --room;
  }
  if (room == 0) return lines;

  std::vector<std::size_t> shown(state.lanes.size());
  std::iota(shown.begin(), shown.end(), std::size_t{0});
  const bool all = shown.size() <= room;
  if (!all) {
    const auto longer = [&](std::size_t a, std::size_t b) {
      return state.lanes[a].since.value_or(Nanoseconds::max()) < state.lanes[b].since.value_or(Nanoseconds::max());
    };
    std::stable_sort(shown.begin(), shown.end(), longer);
    shown.resize(std::max<std::size_t>(1, room - 1));
    std::sort(shown.begin(), shown.end());
  }
  std::size_t label = 0;
  for (const std::size_t i : shown) label = std::max(label, cells_of(lane_label(state.lanes[i].name, cells)));
  for (const std::size_t i : shown) lines.push_back(lane_line(state.lanes[i], label, cells, now, style));
  if (!all && room > 1) {
    lines.push_back(
        painted(fitted("  and " + std::to_string(state.lanes.size() - shown.size()) + " more shards", cells), kDim,
                style.colour));
  }
  return lines;
}

std::string progress_text(const LiveState& state) {
  const bool whole = state.total > 0;
  std::string text = std::to_string(state.done) + (whole ? " of " + std::to_string(state.total) : "") + " done";
  if (state.failed > 0) text += ", " + std::to_string(state.failed) + " failed";
  if (state.flaky > 0) text += ", " + std::to_string(state.flaky) + " flaky";
  return whole ? text + ", " + left_text(state.remaining) : text;
}

std::string lanes_block(const LiveState& state, const std::string& title, Nanoseconds now,
                        const std::vector<std::string>& stacks) {
  std::string out = title + ": " + progress_text(state) + "\n";
  std::size_t label = 0;
  for (const LiveState::Lane& lane : state.lanes) label = std::max(label, cells_of(one_line(lane.name)));
  for (std::size_t i = 0; i < state.lanes.size(); ++i) {
    const LiveState::Lane& lane = state.lanes[i];
    out += "  " + in_column(one_line(lane.name), label) + "  ";
    out += lane.since ? one_line(lane.test) + "  " + whole_seconds(now - *lane.since) : "waits";
    out += '\n';
    if (i >= stacks.size()) continue;
    const std::string safe = printable(stacks[i]);
    for (std::string_view rest = safe; !rest.empty();) {
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      out.append("    ").append(rest.substr(0, end)).append("\n");
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  return out;
}

}  // namespace cleave::report
