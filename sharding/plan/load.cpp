#include "plan/load.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>

namespace cleave::plan {
namespace {

constexpr double kLargestLoad = 100000;
constexpr double kSmallestLoad = 0.1;
constexpr std::chrono::duration<double> kHalfLife{0.7};

/// A finite number that is not negative, at the beginning of the text, which is cut off.
std::optional<double> take_number(std::string_view& text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (error != std::errc() || !std::isfinite(number) || number < 0) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

/// "0.15 0.15 0.49 1/87 14531": the number before the slash.
std::optional<std::uint32_t> runnable_in(std::string_view loadavg) {
  for (int field = 0; field < 3; ++field) {
    const auto blank = loadavg.find(' ');
    if (blank == std::string_view::npos) return std::nullopt;
    loadavg.remove_prefix(blank + 1);
  }
  std::uint32_t number = 0;
  const char* const last = loadavg.data() + loadavg.size();
  const auto [end, error] = std::from_chars(loadavg.data(), last, number);
  if (error != std::errc() || end == last || *end != '/') return std::nullopt;
  return number;
}

/// "some avg10=0.00 avg60=…": the share of the last ten seconds.
std::optional<double> pressure_in(std::string_view text) {
  constexpr std::string_view kKey = "some avg10=";
  if (!text.starts_with(kKey)) return std::nullopt;
  text.remove_prefix(kKey.size());
  const auto share = take_number(text);
  if (!share || *share > 100) return std::nullopt;
  return share;
}

}  // namespace

Result<LoadReading> parse_load(std::string_view loadavg, std::string_view cpu_pressure) {
  LoadReading reading;
  std::string_view rest = loadavg;
  const auto average = take_number(rest);
  if (!average || (!rest.empty() && rest.front() != ' ' && rest.front() != '\n')) {
    return Error{Errc::corrupt,
                 "read the load average: '" + std::string(loadavg.substr(0, 80)) + "' does not begin with a number", 0};
  }
  reading.one_minute = *average;
  reading.runnable = runnable_in(loadavg);
  reading.cpu_pressure = pressure_in(cpu_pressure);
  return reading;
}

Result<double> parse_max_load(std::string_view text, unsigned cpus) {
  if (text == "auto") return static_cast<double>(std::max(1U, cpus));
  std::string_view rest = text;
  const auto number = take_number(rest);
  if (number && rest.empty() && *number >= kSmallestLoad && *number <= kLargestLoad) return *number;
  return Error{Errc::usage, "load '" + std::string(text) + "' is not auto or a number from 0.1 to 100000", 0};
}

void LoadMeter::observe(const LoadReading& reading, std::chrono::nanoseconds now) {
  std::erase_if(starts_, [&](std::chrono::nanoseconds start) { return now - start >= kUnseen; });
  // The reader itself runs while it reads.
  const double value = reading.runnable ? static_cast<double>(*reading.runnable) - 1 : reading.one_minute;
  const double sample = std::max(0.0, value);
  if (!seen_ || !reading.runnable) {
    mean_ = sample;
  } else {
    const std::chrono::duration<double> passed = std::max(now - last_, std::chrono::nanoseconds{0});
    mean_ = sample + (mean_ - sample) * std::exp2(-passed / kHalfLife);
  }
  seen_ = true;
  last_ = now;
}

void LoadMeter::started(std::chrono::nanoseconds now) { starts_.push_back(now); }

double LoadMeter::load(std::chrono::nanoseconds now) const {
  const auto unseen = std::count_if(starts_.begin(), starts_.end(),
                                    [&](std::chrono::nanoseconds start) { return now - start < kUnseen; });
  return mean_ + static_cast<double>(unseen);
}

bool LoadGate::may_start(double load, double limit, std::uint32_t running) noexcept {
  closed_ = closed_ ? load >= limit * kReopen : load >= limit;
  return running == 0 || !closed_;
}

}  // namespace cleave::plan
