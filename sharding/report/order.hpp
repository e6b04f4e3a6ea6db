#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "plan/result.hpp"
#include "report/model.hpp"
#include "report/pieces.hpp"

namespace cleave::report {

/// Which process ran which tests in which order: enough to run them in the same company again.
struct Order {
  bool shuffled = false;
  std::uint32_t seed = 0;  ///< Of the framework's shuffling.
  /// By process: suites and names.
  std::vector<std::vector<std::pair<std::string, std::string>>> workers;
};

/// The order of a run as JSON: {"order": 1, "shuffled": …, "seed": …, "workers": [{"shard": …, "tests": [{"suite": …,
/// "name": …}]}]}. Workers in the order of their first tests; only first attempts of a first repetition are told.
std::string order_json(const RunReport& report);
void order_json(const RunReport& report, const Pieces& pieces);

/// What read_order() takes: half a million tests with names of a hundred bytes each.
inline constexpr std::size_t kOrderBytes = 64UL << 20U;

/// Reads it back. An error of kind `usage` names `file`, line and what is wrong.
Result<Order> read_order(std::string_view text, std::string_view file);

}  // namespace cleave::report
