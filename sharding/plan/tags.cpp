#include "plan/tags.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "plan/fixtures.hpp"
#include "plan/glob.hpp"
#include "plan/nearest.hpp"
#include "plan/quoted.hpp"
#include "plan/tag_match.hpp"
#include "plan/tag_values.hpp"

namespace cleave::plan {
namespace {

constexpr std::string_view kSerialPrefix = "SERIAL_";
constexpr std::string_view kDisabledPrefix = "DISABLED_";

Error usage(std::string what) { return Error{Errc::usage, std::move(what), 0}; }

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

void add_lock(Constraints& constraints, LockUse use) {
  auto& locks = constraints.locks;
  const auto place = std::lower_bound(locks.begin(), locks.end(), use.name,
                                      [](const LockUse& have, const std::string& name) { return have.name < name; });
  if (place != locks.end() && place->name == use.name) {
    place->shared = place->shared && use.shared;
  } else {
    locks.insert(place, std::move(use));
  }
}

/// Adds a name to a sorted list in which each stands once.
void add_name(std::vector<std::string>& names, std::string_view name) {
  const auto place = std::lower_bound(names.begin(), names.end(), name);
  if (place == names.end() || *place != name) names.insert(place, std::string(name));
}

Result<void> apply_serial(std::string_view, Constraints& constraints) {
  constraints.serial = true;
  return {};
}

Result<void> apply_lock(std::string_view name, Constraints& constraints) {
  bool shared = false;
  if (const auto colon = name.find(':'); colon != std::string_view::npos) {
    const std::string_view mode = name.substr(colon + 1);
    if (mode != "read") {
      return usage("mode " + quoted(mode) + " is unknown; write 'lock:NAME' or 'lock:NAME:read'");
    }
    shared = true;
    name = name.substr(0, colon);
  }
  if (auto valid = check_lock_name(name); !valid) return valid;
  add_lock(constraints, LockUse{std::string(name), shared});
  return {};
}

/// That the fixture exists is checked by check_needs(), which knows the place to name.
Result<void> apply_needs(std::string_view name, Constraints& constraints) {
  if (auto valid = check_lock_name(name); !valid) return valid;
  constraints.says_needs = true;
  if (name != kNeedsNone) add_name(constraints.needs, name);
  return {};
}

Result<void> apply_weight(std::string_view value, Constraints& constraints) {
  const auto weight = parse_weight(value);
  if (!weight) return weight.error();
  constraints.weight = std::max(constraints.weight, *weight);
  return {};
}

Result<void> apply_memory(std::string_view value, Constraints& constraints) {
  const auto memory = parse_memory(value);
  if (!memory) return memory.error();
  constraints.memory = std::max(constraints.memory, *memory);
  return {};
}

Result<void> apply_priority(std::string_view value, Constraints& constraints) {
  const auto priority = parse_priority(value);
  if (!priority) return priority.error();
  constraints.priority = *priority;
  return {};
}

Result<void> apply_isolation(std::string_view value, Constraints& constraints) {
  const auto isolation = parse_isolation(value);
  if (!isolation) return isolation.error();
  constraints.isolation = std::max(constraints.isolation, *isolation);
  return {};
}

Result<void> apply_phase(std::string_view name, Constraints& constraints) {
  if (auto valid = check_phase_name(name); !valid) return valid;
  if (!constraints.phase.empty() && constraints.phase != name) {
    return usage("the test is in phase '" + constraints.phase + "' already; legal is one phase");
  }
  constraints.phase = name;
  return {};
}

Result<void> apply_after(std::string_view name, Constraints& constraints) {
  if (auto valid = check_after(name); !valid) return valid;
  add_name(constraints.after, name);
  return {};
}

/// Tags that begin alike. `apply` gets what stands behind the colon.
struct Family {
  std::string_view name;
  std::string_view spelled;  ///< With a colon, when the family has values.
  Result<void> (*apply)(std::string_view value, Constraints& constraints);

  bool has_value() const noexcept { return name.size() < spelled.size(); }
};

constexpr std::array kFamilies{
    Family{"serial", "serial", apply_serial},
    Family{"lock", "lock:NAME[:read]", apply_lock},
    Family{"needs", "needs:FIXTURE", apply_needs},
    Family{"weight", "weight:K", apply_weight},
    Family{"memory", "memory:SIZE", apply_memory},
    Family{"priority", "priority:P", apply_priority},
    Family{"phase", "phase:NAME", apply_phase},
    Family{"after", "after:SUITE[.NAME]", apply_after},
    Family{"isolation", "isolation:shard|suite|test", apply_isolation},
};

/// The family to which a tag belongs, or null.
const Family* family_of(std::string_view tag) noexcept {
  const auto colon = tag.find(':');
  for (const Family& family : kFamilies) {
    if (tag.substr(0, colon) == family.name && (colon != std::string_view::npos) == family.has_value()) return &family;
  }
  return nullptr;
}

Result<void> apply_as(const Family& family, std::string_view tag, Constraints& constraints) {
  const std::string_view value = family.has_value() ? tag.substr(family.name.size() + 1) : std::string_view();
  if (auto applied = family.apply(value, constraints); !applied) {
    return usage("tag " + quoted(tag) + ": " + applied.error().what);
  }
  return {};
}

Error unknown_tag(std::string_view tag) {
  std::array<std::string_view, kFamilies.size()> names;
  std::transform(kFamilies.begin(), kFamilies.end(), names.begin(), [](const Family& family) { return family.name; });
  const std::string near = nearest(tag.substr(0, tag.find(':')), names);
  std::string known;
  for (const Family& family : kFamilies) {
    if (family.name == near) {
      return usage("tag " + quoted(tag) + " is unknown; did you mean '" + std::string(family.spelled) + "'?");
    }
    known += (known.empty() ? "'" : ", '") + std::string(family.spelled) + "'";
  }
  return usage("tag " + quoted(tag) + " is unknown; known are " + known);
}

/// Every fixture that a tag of the test names is declared.
Result<void> check_needs(const Constraints& constraints, const std::vector<std::string>& fixtures) {
  for (const std::string& need : constraints.needs) {
    if (std::find(fixtures.begin(), fixtures.end(), need) != fixtures.end()) continue;
    const std::vector<std::string_view> names(fixtures.begin(), fixtures.end());
    const std::string near = nearest(need, names);
    return usage("tag 'needs:" + need + "': this binary declares no fixture '" + need + "'" +
                 (near.empty() ? "" : "; did you mean '" + near + "'?"));
  }
  return {};
}

/// Tags a test of a binary that declares `fixtures`.
Result<void> apply_checked(std::string_view tag, const std::vector<std::string>& fixtures, Constraints& constraints) {
  if (auto applied = apply_tag(tag, constraints); !applied) return applied;
  return check_needs(constraints, fixtures);
}

bool segment_is(std::string_view declared, std::string_view segment) noexcept { return declared == segment; }

std::string place_of(const RegisteredTag& tag) { return tag.file + ":" + std::to_string(tag.line); }

Result<void> apply_registered(const TestList& list, const RegisteredTag& tag, const std::vector<std::string>& fixtures,
                              std::vector<Constraints>& all) {
  bool matched = false;
  for (std::size_t i = 0; i < list.tests.size(); ++i) {
    const TestCase& test = list.tests[i];
    if (!names_instance_of(tag.suite, test.suite)) continue;
    if (!tag.test.empty() && !names_instance_of(tag.test, test.name)) continue;
    matched = true;
    if (auto applied = apply_checked(tag.tag, fixtures, all[i]); !applied) {
      return usage(place_of(tag) + ": " + applied.error().what);
    }
  }
  if (!matched) return usage(place_of(tag) + ": " + spelled(tag) + " matches no test of this binary");
  return {};
}

Result<void> apply_catch2_tags(const TestCase& test, const std::vector<std::string>& fixtures,
                               Constraints& constraints) {
  const std::string where = test.file + ":" + std::to_string(test.line);
  for (const std::string& tag : test.tags) {
    if (!means_something(tag, !fixtures.empty())) continue;
    auto applied = apply_as(*family_of(lower(tag)), tag, constraints);
    if (applied) applied = check_needs(constraints, fixtures);
    if (!applied) return usage(where + ": " + applied.error().what);
  }
  return {};
}

/// Calls `apply(index)` for each test that the pattern covers. `where` begins its errors.
template <class Apply>
Result<void> apply_pattern(const std::vector<std::string>& names, const std::string& where, const std::string& pattern,
                           const Settings& settings, const Apply& apply) {
  bool matched = false;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (!glob_match(pattern, names[i])) continue;
    matched = true;
    if (Result<void> applied = apply(i); !applied) {
      return usage(where + "pattern " + quoted(pattern) + ", test " + quoted(names[i]) + ": " + applied.error().what);
    }
  }
  if (matched) return {};
  return usage(where + "pattern " + quoted(pattern) + " matches no test of " +
               (settings.target.empty() ? "this binary" : settings.target));
}

/// How errors about the pattern begin. Only PHASE of cleave_add_shards() has no place of its own.
std::string where_of(const TagPattern& rule, const std::string& call) {
  if (!rule.origin.empty()) return rule.origin + ": ";
  return call + "PHASE " + rule.tag.substr(rule.tag.find(':') + 1) + " ";
}

/// SERIAL and LOCK of cleave_add_shards(), then PHASE and what CONFIG says.
Result<void> apply_settings(const std::vector<std::string>& names, const Settings& settings,
                            const std::vector<std::string>& fixtures, std::vector<Constraints>& all) {
  const std::string call = settings.from.empty() ? std::string() : settings.from + ": ";
  for (const std::string& pattern : settings.serial) {
    auto applied = apply_pattern(names, call + "SERIAL ", pattern, settings,
                                 [&](std::size_t i) { return apply_serial({}, all[i]); });
    if (!applied) return applied;
  }
  for (const LockPattern& lock : settings.locks) {
    auto applied = apply_pattern(names, call + "LOCK " + lock.name + " ", lock.pattern, settings, [&](std::size_t i) {
      add_lock(all[i], LockUse{lock.name, lock.shared});
      return Result<void>();
    });
    if (!applied) return applied;
  }
  for (const TagPattern& rule : settings.tags) {
    auto applied = apply_pattern(names, where_of(rule, call), rule.pattern, settings,
                                 [&](std::size_t i) { return apply_checked(rule.tag, fixtures, all[i]); });
    if (!applied) return applied;
  }
  return {};
}

}  // namespace

bool means_something(std::string_view tag, bool has_fixtures) {
  const Family* const family = family_of(lower(tag));
  return family != nullptr && (family->apply != apply_needs || has_fixtures);
}

bool has_serial_name(std::string_view name) noexcept {
  while (true) {
    std::string_view part = name.substr(0, name.find('/'));
    if (part.starts_with(kDisabledPrefix)) part.remove_prefix(kDisabledPrefix.size());
    if (part.starts_with(kSerialPrefix)) return true;
    const auto slash = name.find('/');
    if (slash == std::string_view::npos) return false;
    name.remove_prefix(slash + 1);
  }
}

std::string spelled(const RegisteredTag& tag) {
  return tag.test.empty() ? "CLEAVE_TAG(" + tag.suite + ", \"" + tag.tag + "\")"
                          : "CLEAVE_TAG_TEST(" + tag.suite + ", " + tag.test + ", \"" + tag.tag + "\")";
}

bool names_instance_of(std::string_view declared, std::string_view actual) noexcept {
  if (declared == actual) return true;
  while (true) {
    const auto slash = actual.find('/');
    if (segment_is(declared, actual.substr(0, slash))) return true;
    if (slash == std::string_view::npos) return false;
    actual.remove_prefix(slash + 1);
  }
}

Result<void> apply_tag(std::string_view tag, Constraints& constraints) {
  const Family* const family = family_of(tag);
  return family == nullptr ? unknown_tag(tag) : apply_as(*family, tag, constraints);
}

Result<std::vector<Constraints>> constraints_of(const TestList& list, const std::vector<RegisteredTag>& registered,
                                                const Settings& settings, const std::vector<std::string>& fixtures) {
  std::vector<Constraints> all(list.tests.size());
  std::vector<std::string> names;
  names.reserve(list.tests.size());
  for (std::size_t i = 0; i < list.tests.size(); ++i) {
    const TestCase& test = list.tests[i];
    names.push_back(full_name(test, list.framework));
    all[i].serial = has_serial_name(test.suite) || has_serial_name(test.name);
    if (auto applied = apply_catch2_tags(test, fixtures, all[i]); !applied) return applied.error();
  }
  for (const bool of_suites : {true, false}) {
    for (const RegisteredTag& tag : registered) {
      if (tag.test.empty() != of_suites) continue;
      if (auto applied = apply_registered(list, tag, fixtures, all); !applied) return applied.error();
    }
  }
  if (auto applied = apply_settings(names, settings, fixtures, all); !applied) return applied.error();
  return all;
}

}  // namespace cleave::plan
