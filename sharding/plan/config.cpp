#include "plan/config.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "plan/config_values.hpp"
#include "plan/identity.hpp"
#include "plan/policy.hpp"
#include "plan/quoted.hpp"
#include "plan/tag_values.hpp"
#include "plan/tags.hpp"

namespace cleave::plan {
namespace {

using Values = ConfigValues;

constexpr std::size_t kMostTags = 64;  ///< Of one rule: each is kept for each of its patterns.
constexpr std::string_view kVariablePrefix = "env:";

/// `"$schema"` is for editors.
Result<void> read_schema(const Values& values, const JsonValue& value, Settings&) {
  return values.expect(value, JsonKind::string, "the address of a schema");
}

/// Adds the tag for each test that one of the patterns covers.
void add_tag(const Values& values, const std::vector<JsonValue>& patterns, const std::string& tag, Settings& settings) {
  for (const JsonValue& pattern : patterns) {
    settings.tags.push_back(TagPattern{tag, pattern.text(), values.origin_of(pattern)});
  }
}

/// Where the phase goes among those of the settings, the first `behind` of which come before it.
Result<void> place_phase(const PhaseSpec& phase, std::size_t& behind, Settings& settings) {
  auto& phases = settings.phases;
  const auto known =
      std::find_if(phases.begin(), phases.end(), [&](const PhaseSpec& p) { return p.name == phase.name; });
  const auto position = static_cast<std::size_t>(known - phases.begin());
  if (position < behind) {
    return Error{Errc::usage,
                 "phase '" + phase.name +
                     "' has its place already; legal is each phase once, in the order of cleave_add_shards()",
                 0};
  }
  if (known == phases.end()) {
    phases.push_back(phase);
  } else {
    known->timeout = phase.timeout;
  }
  behind = position + 1;
  return {};
}

Result<void> read_phase(const Values& values, const JsonValue& value, std::size_t& behind, Settings& settings) {
  static constexpr std::array<std::string_view, 3> kKnown{"name", "tests", "timeout"};
  if (auto good = values.expect_members(value, kKnown, 1); !good) return good;
  const JsonValue name = *value.find("name");
  auto text = values.text(name, "a phase's name");
  if (!text) return text.error();
  if (auto valid = check_phase_name(*text); !valid) return values.wrong(name, valid.error().what);
  PhaseSpec phase;
  phase.name = *text;
  if (const auto timeout = value.find("timeout")) {
    auto duration = values.parsed(*timeout, "a duration, such as \"30m\"", parse_duration);
    if (!duration) return duration.error();
    phase.timeout = *duration;
  }
  if (auto good = place_phase(phase, behind, settings); !good) return values.wrong(name, good.error().what);
  if (const auto tests = value.find("tests")) {
    auto patterns = values.patterns(*tests);
    if (!patterns) return patterns.error();
    add_tag(values, *patterns, "phase:" + phase.name, settings);
  }
  return {};
}

Result<void> read_phases(const Values& values, const JsonValue& value, Settings& settings) {
  const auto phases = values.elements(value, "an array of phases");
  if (!phases) return phases.error();
  std::size_t behind = 0;
  for (const JsonValue& phase : *phases) {
    if (auto read = read_phase(values, phase, behind, settings); !read) return read;
  }
  return {};
}

Result<void> read_rule(const Values& values, const JsonValue& value, Settings& settings) {
  static constexpr std::array<std::string_view, 2> kKnown{"tests", "tags"};
  if (auto good = values.expect_members(value, kKnown, kKnown.size()); !good) return good;
  const auto patterns = values.patterns(*value.find("tests"));
  if (!patterns) return patterns.error();
  const JsonValue list = *value.find("tags");
  const auto tags = values.elements(list, "an array of tags, such as [\"lock:db\"]");
  if (!tags) return tags.error();
  if (tags->size() > kMostTags) {
    return values.wrong(list, std::to_string(tags->size()) + " tags; legal are up to " + std::to_string(kMostTags));
  }
  Constraints together;
  for (const JsonValue& tag : *tags) {
    auto text = values.text(tag, "a tag, such as \"lock:db\"");
    if (!text) return text.error();
    if (auto good = values.placed(tag, apply_tag(*text, together)); !good) return good;
    add_tag(values, *patterns, *text, settings);
  }
  return {};
}

Result<void> read_rules(const Values& values, const JsonValue& value, Settings& settings) {
  const auto rules = values.elements(value, "an array of rules");
  if (!rules) return rules.error();
  for (const JsonValue& rule : *rules) {
    if (auto read = read_rule(values, rule, settings); !read) return read;
  }
  return {};
}

Result<void> read_retries(const Values& values, const JsonValue& value, Settings& settings) {
  if (auto good = values.expect(value, JsonKind::number, "a number from 0 to 100"); !good) return good;
  const auto retries = parse_retries(value.text());
  if (!retries) return values.wrong(value, retries.error().what);
  if (settings.retries < 0) settings.retries = *retries;
  return {};
}

Result<void> read_fail_fast(const Values& values, const JsonValue& value, Settings& settings) {
  const bool is_percentage = value.kind() == JsonKind::string && value.text().ends_with('%');
  if (!is_percentage) {
    constexpr std::string_view kLegal = "a number from 1 to 1000000, or a percentage such as \"10%\"";
    if (auto good = values.expect(value, JsonKind::number, kLegal); !good) return good;
  }
  const auto limit = parse_failure_limit(value.text());
  if (!limit) return values.wrong(value, limit.error().what);
  if (settings.fail_fast == FailureLimit{}) settings.fail_fast = *limit;
  return {};
}

Result<void> read_flaky(const Values& values, const JsonValue& value, Settings& settings) {
  const auto policy = values.parsed(value, "\"pass\" or \"fail\"", parse_flaky);
  if (!policy) return policy.error();
  if (!settings.has_flaky) settings.flaky = *policy;
  settings.has_flaky = true;
  return {};
}

Result<void> read_stagger(const Values& values, const JsonValue& value, Settings& settings) {
  const auto duration = values.parsed(value, "a duration, such as \"100ms\"", parse_duration);
  if (!duration) return duration.error();
  if (settings.stagger.count() < 0) settings.stagger = *duration;
  return {};
}

Result<void> read_test_timeout(const Values& values, const JsonValue& value, Settings& settings) {
  const auto duration = values.parsed(value, "a duration, such as \"60s\"", parse_duration);
  if (!duration) return duration.error();
  if (settings.test_timeout.count() < 0) settings.test_timeout = *duration;
  return {};
}

Result<void> read_isolation(const Values& values, const JsonValue& value, Settings& settings) {
  const auto isolation = values.parsed(value, "\"shard\", \"suite\" or \"test\"", parse_isolation);
  if (!isolation) return isolation.error();
  if (!settings.has_isolation) settings.isolation = *isolation;
  settings.has_isolation = true;
  return {};
}

Result<void> read_serial(const Values& values, const JsonValue& value, Settings& settings) {
  const auto patterns = values.patterns(value);
  if (!patterns) return patterns.error();
  add_tag(values, *patterns, "serial", settings);
  return {};
}

Result<void> read_environment(const Values& values, const JsonValue& value, Settings& settings) {
  if (auto good = values.expect(value, JsonKind::object, "an object of variables and templates"); !good) return good;
  const std::vector<std::string> of_call = settings.environment;
  for (const JsonValue& variable : value.children()) {
    if (auto good = values.expect(variable, JsonKind::string, "a template, such as \"{prefix}db\""); !good) return good;
    const std::string begin = variable.key() + "=";
    if (begin.find('=') + 1 != begin.size() || variable.text().find('\0') != std::string::npos) {
      return values.wrong(variable, "name " + quoted(variable.key()) +
                                        " or its template has a '=' or a zero character in it that is not legal");
    }
    if (auto good = values.placed(variable, check_environment(begin + variable.text())); !good) return good;
    const bool is_given = std::any_of(of_call.begin(), of_call.end(),
                                      [&](const std::string& assignment) { return assignment.starts_with(begin); });
    if (!is_given) settings.environment.push_back(begin + variable.text());
  }
  return {};
}

Result<void> read_quarantined(const Values& values, const JsonValue& value, Settings& settings) {
  static constexpr std::array<std::string_view, 3> kKnown{"tests", "until", "reason"};
  if (auto good = values.expect_members(value, kKnown, 2); !good) return good;
  const auto patterns = values.patterns(*value.find("tests"));
  if (!patterns) return patterns.error();
  const JsonValue until = *value.find("until");
  auto date = values.text(until, "a date, such as \"2026-12-31\"");
  if (!date) return date.error();
  if (auto valid = check_date(*date); !valid) return values.wrong(until, valid.error().what);
  std::string reason;
  if (const auto member = value.find("reason")) {
    auto text = values.text(*member, "the reason, in words");
    if (!text) return text.error();
    reason = *text;
  }
  for (const JsonValue& pattern : *patterns) {
    settings.quarantine.push_back(Quarantine{pattern.text(), *date, reason, values.origin_of(pattern)});
  }
  return {};
}

Result<void> read_quarantine(const Values& values, const JsonValue& value, Settings& settings) {
  const auto entries = values.elements(value, "an array of objects with 'tests' and 'until'");
  if (!entries) return entries.error();
  for (const JsonValue& entry : *entries) {
    if (auto read = read_quarantined(values, entry, settings); !read) return read;
  }
  return {};
}

Result<void> read_inputs(const Values& values, const JsonValue& value, Settings& settings) {
  const auto inputs = values.elements(value, "an array of paths and of variables written \"env:NAME\"");
  if (!inputs) return inputs.error();
  for (const JsonValue& element : *inputs) {
    auto input = values.text(element, "a path, or a variable written \"env:NAME\"");
    if (!input) return input.error();
    if (input->starts_with(kVariablePrefix)) {
      const std::string name = input->substr(kVariablePrefix.size());
      if (name.find('=') != std::string::npos || !check_environment(name + "=")) {
        return values.wrong(element, "variable " + quoted(name) + " is not letters, digits and '_'");
      }
      settings.inputs.push_back(*input);
    } else if (input->starts_with('/')) {
      settings.inputs.push_back(*input);
    } else {
      settings.inputs.push_back(values.path().substr(0, values.path().rfind('/') + 1) + *input);
    }
  }
  return {};
}

struct Key {
  std::string_view name;
  Result<void> (*read)(const Values& values, const JsonValue& value, Settings& settings);
};

constexpr std::array kKeys{
    Key{"phases", read_phases},       Key{"rules", read_rules},
    Key{"serial", read_serial},       Key{"environment", read_environment},
    Key{"retries", read_retries},     Key{"fail_fast", read_fail_fast},
    Key{"flaky", read_flaky},         Key{"quarantine", read_quarantine},
    Key{"stagger", read_stagger},     Key{"test_timeout", read_test_timeout},
    Key{"isolation", read_isolation}, Key{"inputs", read_inputs},
    Key{"$schema", read_schema},
};

}  // namespace

Result<void> apply_config(std::string_view text, const std::string& path, Settings& settings) {
  const auto document = read_json(text, path);
  if (!document) return document.error();
  const ConfigValues values(path);
  std::array<std::string_view, kKeys.size()> names;
  std::transform(kKeys.begin(), kKeys.end(), names.begin(), [](const Key& key) { return key.name; });
  if (auto good = values.expect_members(document->root(), names, 0); !good) return good;
  for (const JsonValue& member : document->root().children()) {
    const auto key = std::find_if(kKeys.begin(), kKeys.end(), [&](const Key& k) { return k.name == member.key(); });
    if (auto read = key->read(values, member, settings); !read) return read;
  }
  return {};
}

}  // namespace cleave::plan
