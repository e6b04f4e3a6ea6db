#include "plan/policy.hpp"

#include <array>
#include <charconv>
#include <cstdio>

#include "plan/quoted.hpp"
#include "plan/whole_number.hpp"

namespace cleave::plan {
namespace {

Error usage(std::string what) { return Error{Errc::usage, std::move(what), 0}; }

}  // namespace

Result<FailureLimit> parse_failure_limit(std::string_view text) {
  FailureLimit limit;
  if (text.ends_with('%')) {
    const char* const last = text.data() + text.size() - 1;
    const auto [end, error] = std::from_chars(text.data(), last, limit.percent, std::chars_format::fixed);
    if (error == std::errc() && end == last && limit.percent > 0 && limit.percent <= 100) return limit;
  } else if (const auto count = whole_number<std::uint32_t>(text, 1, 1000000)) {
    limit.count = *count;
    return limit;
  }
  return usage("limit of failures " + quoted(text) +
               " is not a number from 1 to 1000000, or a percentage above 0 and up to 100 such as 10%");
}

Result<std::int32_t> parse_retries(std::string_view text) {
  if (const auto retries = whole_number<std::int32_t>(text, 0, 100)) return *retries;
  return usage("number of retries " + quoted(text) + " is not a number from 0 to 100");
}

Result<FlakyPolicy> parse_flaky(std::string_view text) {
  if (text == "pass") return FlakyPolicy::pass;
  if (text == "fail") return FlakyPolicy::fail;
  return usage("policy for flaky tests " + quoted(text) + " is not pass or fail");
}

Result<void> check_date(std::string_view text) {
  const bool has_form = text.size() == 10 && text[4] == '-' && text[7] == '-';
  if (has_form) {
    const auto year = whole_number<std::uint32_t>(text.substr(0, 4), 1970, 9999);
    const auto month = whole_number<std::uint32_t>(text.substr(5, 2), 1, 12);
    const auto day = whole_number<std::uint32_t>(text.substr(8, 2), 1, 31);
    if (year && month && day &&
        std::chrono::year_month_day(std::chrono::year(static_cast<int>(*year)), std::chrono::month(*month),
                                    std::chrono::day(*day))
            .ok()) {
      return {};
    }
  }
  return usage("date " + quoted(text) + " is not a day of the years 1970 to 9999, written for example 2026-12-31");
}

std::string date_of(std::chrono::nanoseconds since_epoch) {
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::floor<std::chrono::days>(since_epoch))};
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return text.data();
}

bool counts(const Quarantine& quarantine, std::string_view today) noexcept { return today <= quarantine.until; }

}  // namespace cleave::plan
