#pragma once

#include <map>
#include <string>
#include <string_view>

#include "plan/history.hpp"
#include "report/model.hpp"

namespace cleave::report {

/// Up to which moment the history has taken in what each shard did. The entries of a ctest run are reported again and
/// again while it goes on, and nothing may count twice.
using Taken = std::map<std::string, UnixTime>;

/// What the shards did after `taken`, oldest first for each test; `taken` moves on to the newest of it. Attempts that
/// were not run and disabled ones are left out.
plan::Observations observations_of(const RunReport& report, Taken& taken);

/// `taken` as bytes, for the run's folder. What cannot be read is empty.
std::string encode_taken(const Taken& taken);
Taken decode_taken(std::string_view bytes);

}  // namespace cleave::report
