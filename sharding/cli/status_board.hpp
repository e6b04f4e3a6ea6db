#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "report/merge.hpp"

namespace cleave::cli {

/// How far a run is, as its journals and queues tell at one moment.
struct StatusBoard {
  struct Lane {
    std::string shard;
    enum class State : std::uint8_t { runs, rests, ended } state = State::rests;
    std::uint32_t test = 0;              ///< Into the list, when it runs one.
    std::chrono::nanoseconds at_most{};  ///< For how long, at most: since it was last heard of.
  };
  std::uint32_t total = 0;         ///< Items of the plan.
  std::uint32_t done = 0;          ///< Those that came to their end.
  std::vector<std::uint32_t> red;  ///< Tests that did so red, by index, each once.
  std::vector<Lane> lanes;         ///< Of shards that have begun, by name.
  std::string stopped;             ///< Why nothing more starts; empty while more does.
};

/// Pure.
StatusBoard status_of(const report::MergeInput& told, report::UnixTime now);

/// How it is shown; the first line is `headline`. Ends with a newline.
std::string status_text(const StatusBoard& board, const plan::TestList& list, const std::string& headline);

}  // namespace cleave::cli
