#include "plan/settings.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>

#include "plan/policy.hpp"
#include "plan/quoted.hpp"
#include "plan/tag_values.hpp"
#include "plan/whole_number.hpp"

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

using Values = std::vector<std::string_view>;

/// Sets `field` to what was read.
template <class Field, class Value>
Result<void> set(Field& field, const Result<Value>& read) {
  if (!read) return read.error();
  field = *read;
  return {};
}

Result<void> set_shards(std::string_view value, Settings& settings) {
  const auto shards = whole_number<std::uint32_t>(value, 1, 1024);
  if (!shards) return usage("shards " + quoted(value) + " is not a number from 1 to 1024");
  settings.shards = *shards;
  return {};
}

Result<void> add_lock(std::string_view name, std::string_view pattern, Settings& settings) {
  constexpr std::string_view kRead = ":read";
  const bool shared = name.ends_with(kRead);
  if (shared) name.remove_suffix(kRead.size());
  if (auto valid = check_lock_name(name); !valid) return valid;
  settings.locks.push_back(LockPattern{std::string(name), std::string(pattern), shared});
  return {};
}

Result<void> add_resource_lock(std::string_view name, Settings& settings) {
  if (auto valid = check_lock_name(name); !valid) return valid;
  settings.resource_locks.emplace_back(name);
  return {};
}

/// A phase keeps the place where it is named first.
Result<void> add_phase(std::string_view name, Settings& settings) {
  if (auto valid = check_phase_name(name); !valid) return valid;
  const auto is_same = [&](const PhaseSpec& phase) { return phase.name == name; };
  if (std::none_of(settings.phases.begin(), settings.phases.end(), is_same)) {
    settings.phases.emplace_back().name = name;
  }
  return {};
}

Result<void> add_phase_tests(std::string_view name, std::string_view pattern, Settings& settings) {
  if (auto added = add_phase(name, settings); !added) return added;
  settings.tags.push_back(TagPattern{"phase:" + std::string(name), std::string(pattern), ""});
  return {};
}

Result<void> set_isolation(std::string_view value, Settings& settings) {
  settings.has_isolation = true;
  return set(settings.isolation, parse_isolation(value));
}

/// A key of the text, how many values it has and what takes them.
struct Key {
  std::string_view name;
  std::size_t values;
  Result<void> (*apply)(const Values& values, Settings& settings);
};

constexpr std::array kKeys{
    Key{"target", 1, [](const Values& v, Settings& s) { return s.target = v[0], Result<void>(); }},
    Key{"name", 1, [](const Values& v, Settings& s) { return s.name = v[0], Result<void>(); }},
    Key{"from", 1, [](const Values& v, Settings& s) { return s.from = v[0], Result<void>(); }},
    Key{"config", 1, [](const Values& v, Settings& s) { return s.config = v[0], Result<void>(); }},
    Key{"stacks", 1, [](const Values& v, Settings& s) { return s.stacks = v[0], Result<void>(); }},
    Key{"shards", 1, [](const Values& v, Settings& s) { return set_shards(v[0], s); }},
    Key{"serial", 1, [](const Values& v, Settings& s) { return s.serial.emplace_back(v[0]), Result<void>(); }},
    Key{"lock", 2, [](const Values& v, Settings& s) { return add_lock(v[0], v[1], s); }},
    Key{"resource-lock", 1, [](const Values& v, Settings& s) { return add_resource_lock(v[0], s); }},
    Key{"phase", 1, [](const Values& v, Settings& s) { return add_phase(v[0], s); }},
    Key{"phase-tests", 2, [](const Values& v, Settings& s) { return add_phase_tests(v[0], v[1], s); }},
    Key{"environment", 1,
        [](const Values& v, Settings& s) { return s.environment.emplace_back(v[0]), Result<void>(); }},
    Key{"test-timeout", 1, [](const Values& v, Settings& s) { return set(s.test_timeout, parse_duration(v[0])); }},
    Key{"isolation", 1, [](const Values& v, Settings& s) { return set_isolation(v[0], s); }},
    Key{"retries", 1, [](const Values& v, Settings& s) { return set(s.retries, parse_retries(v[0])); }},
    Key{"fail-fast", 1, [](const Values& v, Settings& s) { return set(s.fail_fast, parse_failure_limit(v[0])); }},
    Key{"stagger", 1, [](const Values& v, Settings& s) { return set(s.stagger, parse_duration(v[0])); }},
};

Result<void> apply_line(Values fields, Settings& settings) {
  const std::string_view name = fields[0];
  fields.erase(fields.begin());
  const auto key = std::find_if(kKeys.begin(), kKeys.end(), [&](const Key& k) { return k.name == name; });
  if (key == kKeys.end()) return usage("key " + quoted(name) + " is unknown to this version");
  if (fields.size() != key->values) {
    return usage(quoted(name) + " has " + std::to_string(fields.size()) + " values instead of " +
                 std::to_string(key->values));
  }
  return key->apply(fields, settings);
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
    return usage("duration " + quoted(text) + " is not a number with ms, s, m or h, for example 250ms, 2s, 1m, or 0");
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
  return usage("isolation " + quoted(text) + " is not shard, suite or test");
}

Result<void> check_lock_name(std::string_view name) {
  const auto legal = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == '-' || c == '.'; };
  if (!name.empty() && name.size() <= 64 && name[0] != '.' && std::all_of(name.begin(), name.end(), legal)) return {};
  return usage("lock name " + quoted(name) + " is not 1 to 64 letters, digits, '_', '-' or '.'");
}

}  // namespace cleave::plan
