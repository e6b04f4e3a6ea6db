#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "report/model.hpp"
#include "report/progress.hpp"

namespace cleave::report {

/// What the live status at the bottom of a terminal shows.
struct LiveState {
  struct Lane {
    std::string name;                  ///< "shard-3".
    std::string test;                  ///< What it runs, any bytes; empty: nothing at the moment.
    std::optional<Nanoseconds> since;  ///< Since when it runs that; monotonic.
    bool fixture = false;              ///< `test` is what is done for a fixture.
  };
  /// A signal came: nothing new starts.
  struct Stopping {
    std::string signal;   ///< "SIGINT".
    Nanoseconds until{};  ///< What runs may come to its end until then; monotonic.
  };
  std::uint32_t total = 0;
  std::uint32_t done = 0;
  std::uint32_t failed = 0;
  std::uint32_t flaky = 0;
  Nanoseconds began{};                   ///< Monotonic.
  std::optional<Nanoseconds> remaining;  ///< Nothing: unknown.
  std::optional<Stopping> stopping;
  std::vector<Lane> lanes;
};

/// How it is drawn.
struct LiveStyle {
  bool colour = false;
  bool unicode = true;  ///< The bar may have characters beyond ASCII.
};

/// The lines of the live status: how far the run is, whether it is stopping and what it waits for then, and what each
/// lane runs and for how long. No line takes more than
/// `width` - 1 columns, so that nothing wraps, and there are at most half as many as the terminal has, at least one.
/// Where there are more lanes than lines those that run longest are shown, and the last of several lines counts the
/// others. Whole seconds, so that the same lines come out until there is something new to see. Nothing in them steers
/// the terminal but colours, if they are asked for.
/// @pre now >= every time in the state
std::vector<std::string> live_status(const LiveState& state, std::uint32_t width, std::uint32_t height, Nanoseconds now,
                                     const LiveStyle& style);

/// What every lane runs and for how long, as plain lines that each end with a newline, under `title`: after a long
/// silence, and when somebody asks. `stacks`, by lane, stands indented below what it belongs to; may be empty.
std::string lanes_block(const LiveState& state, const std::string& title, Nanoseconds now,
                        const std::vector<std::string>& stacks);

/// "12 of 48 done, 1 failed, 2 flaky, about 7 s left"; "12 done, 1 failed" when the total is 0, which is not known.
std::string progress_text(const LiveState& state);

/// Whole seconds for people: "0 s", "59 s", "2 m 03 s", "1 h 02 m".
std::string whole_seconds(Nanoseconds duration);

}  // namespace cleave::report
