#include "plan/settings.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>

namespace cleave::plan {
namespace {

Error usage(std::string what) { return Error{Errc::usage, std::move(what), 0}; }

std::vector<std::string_view> split_tabs(std::string_view line) {
  std::vector<std::string_view> fields;
  while (true) {
    const auto tab = line.find('\t');
    fields.push_back(line.substr(0, tab));
    if (tab == std::string_view::npos) return fields;
    line.remove_prefix(tab + 1);
  }
}

Result<void> apply_line(const std::vector<std::string_view>& fields, Settings& settings) {
  const std::string_view key = fields[0];
  const std::size_t wanted = key == "lock" ? 3 : 2;
  if (fields.size() != wanted) {
    return usage("'" + std::string(key) + "' has " + std::to_string(fields.size() - 1) + " values instead of " +
                 std::to_string(wanted - 1));
  }
  const std::string value(fields[1]);
  if (key == "target") {
    settings.target = value;
  } else if (key == "name") {
    settings.name = value;
  } else if (key == "from") {
    settings.from = value;
  } else if (key == "shards") {
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), settings.shards);
    if (error != std::errc() || end != value.data() + value.size() || settings.shards < 1 || settings.shards > 1024) {
      return usage("shards '" + value + "' is not a number from 1 to 1024");
    }
  } else if (key == "serial") {
    settings.serial.push_back(value);
  } else if (key == "lock") {
    std::string name = value;
    const bool shared = name.ends_with(":read");
    if (shared) name.resize(name.size() - 5);
    if (auto valid = check_lock_name(name); !valid) return valid.error();
    settings.locks.push_back(LockPattern{name, std::string(fields[2]), shared});
  } else if (key == "resource-lock") {
    if (auto valid = check_lock_name(value); !valid) return valid.error();
    settings.resource_locks.push_back(value);
  } else if (key == "environment") {
    settings.environment.push_back(value);
  } else if (key == "test-timeout") {
    auto duration = parse_duration(value);
    if (!duration) return duration.error();
    settings.test_timeout = *duration;
  } else if (key == "isolation") {
    auto isolation = parse_isolation(value);
    if (!isolation) return isolation.error();
    settings.has_isolation = true;
    settings.isolation = *isolation;
  } else {
    return usage("key '" + std::string(key) + "' is unknown to this version");
  }
  return {};
}

}  // namespace

Result<Settings> parse_settings(std::string_view text, std::string_view origin) {
  Settings settings;
  std::size_t number = 0;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    ++number;
    if (number == 1) {
      if (line == "cleave-settings 1") continue;
      return usage(std::string(origin) + ":1: first line is '" + std::string(line) +
                   "' instead of 'cleave-settings 1'");
    }
    if (line.empty()) continue;
    if (auto applied = apply_line(split_tabs(line), settings); !applied) {
      return usage(std::string(origin) + ":" + std::to_string(number) + ": " + applied.error().what);
    }
  }
  if (settings.name.empty()) settings.name = settings.target;
  return settings;
}

Result<std::chrono::nanoseconds> parse_duration(std::string_view text) {
  const auto bad = [&] {
    return usage("duration '" + std::string(text) +
                 "' is not a number with ms, s, m or h, for example 250ms, 2s, 1m, or 0");
  };
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || !std::isfinite(number) || number < 0) return bad();
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  double seconds = 0;
  if (unit == "ms") {
    seconds = number / 1000;
  } else if (unit == "s") {
    seconds = number;
  } else if (unit == "m") {
    seconds = number * 60;
  } else if (unit == "h") {
    seconds = number * 3600;
  } else if (!(unit.empty() && number == 0)) {
    return bad();
  }
  if (seconds > 1e9) return bad();
  return std::chrono::nanoseconds(static_cast<std::int64_t>(seconds * 1e9));
}

Result<Isolation> parse_isolation(std::string_view text) {
  if (text == "shard") return Isolation::shard;
  if (text == "suite") return Isolation::suite;
  if (text == "test") return Isolation::test;
  return usage("isolation '" + std::string(text) + "' is not shard, suite or test");
}

Result<void> check_lock_name(std::string_view name) {
  const auto legal = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == '-' || c == '.'; };
  if (!name.empty() && name.size() <= 64 && name[0] != '.' && std::all_of(name.begin(), name.end(), legal)) return {};
  return usage("lock name '" + std::string(name) + "' is not 1 to 64 letters, digits, '_', '-' or '.'");
}

}  // namespace cleave::plan
