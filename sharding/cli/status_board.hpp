#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "report/merge.hpp"

namespace cleave::cli {

/// How far a run is at one moment.
struct StatusBoard {
  struct Lane {
    std::string shard;
    enum class State : std::uint8_t { runs, rests, ended } state = State::rests;
    std::string test;          ///< Its full name, when it runs one.
    report::UnixTime since{};  ///< When it started that.
  };
  std::uint32_t total = 0;       ///< Items of the plan.
  std::uint32_t done = 0;        ///< Those that came to their end.
  std::vector<std::string> red;  ///< Tests that did so red, each once.
  std::vector<Lane> lanes;       ///< Of shards that have begun, by name.
  std::string stopped;           ///< Why nothing more starts; empty while more does.
};

/// As journals and queues tell it. Pure.
StatusBoard status_of(const report::MergeInput& told);

/// How it is shown; the first line is `headline`. Ends with a newline.
std::string status_text(const StatusBoard& board, const std::string& headline, report::UnixTime now);

/// @name The same as bytes, for runs of programs without Cleave, which have neither journals nor queues.
/// @{
inline constexpr const char* kLiveBoard = "live";  ///< In the run directory, as long as the run goes on.
std::string encode_board(const StatusBoard& board);
/// Nothing when these bytes are none.
std::optional<StatusBoard> decode_board(std::string_view bytes);
/// @}

}  // namespace cleave::cli
