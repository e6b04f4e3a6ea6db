#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "plan/settings.hpp"
#include "plan/test_case.hpp"

namespace cleave::plan {

/// By test: why a red outcome of it is borne on the day `today`, "until 2026-12-31: waits for the new driver"; empty
/// for those that are in no quarantine that still counts. Where several cover a test, the first that counts is told.
std::vector<std::string> quarantine_of(const TestList& list, const std::vector<Quarantine>& entries,
                                       std::string_view today);

/// What should be told of the entries themselves: those that are over, and those that cover no test any more.
std::vector<std::string> stale_quarantine(const TestList& list, const std::vector<Quarantine>& entries,
                                          std::string_view today);

}  // namespace cleave::plan
