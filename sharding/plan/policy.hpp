#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "plan/settings.hpp"

namespace cleave::plan {

/// @name The values of settings and flags that say what happens when tests fail. Each error gives the value and what is
/// legal.
/// @{

/// "3": a number of red tests, 1 to 1000000; "10%": a share of those selected, more than 0 and up to 100.
Result<FailureLimit> parse_failure_limit(std::string_view text);
/// 0 to 100.
Result<std::int32_t> parse_retries(std::string_view text);
/// "pass" or "fail".
Result<FlakyPolicy> parse_flaky(std::string_view text);
/// A day of the calendar, "2026-12-31", of the years 1970 to 9999.
Result<void> check_date(std::string_view text);
/// @}

/// The day in UTC, "2026-12-31", `since_epoch` after the beginning of 1970.
std::string date_of(std::chrono::nanoseconds since_epoch);

/// True when the quarantine still leaves the run green on the day `today`: its last day counts. Both are days as
/// check_date() has them.
bool counts(const Quarantine& quarantine, std::string_view today) noexcept;

}  // namespace cleave::plan
