#include "plan/tags.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "plan/fixtures.hpp"
#include "plan/glob.hpp"
#include "plan/nearest.hpp"

namespace cleave::plan {
namespace {

constexpr std::string_view kSerialPrefix = "SERIAL_";
constexpr std::string_view kDisabledPrefix = "DISABLED_";
constexpr std::string_view kLockPrefix = "lock:";
constexpr std::string_view kNeedsPrefix = "needs:";

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

Result<void> apply_lock(std::string_view tag, Constraints& constraints) {
  std::string_view rest = tag.substr(kLockPrefix.size());
  bool shared = false;
  if (const auto colon = rest.find(':'); colon != std::string_view::npos) {
    const std::string_view mode = rest.substr(colon + 1);
    if (mode != "read") {
      return usage("tag '" + std::string(tag) + "': mode '" + std::string(mode) +
                   "' is unknown; write 'lock:NAME' or 'lock:NAME:read'");
    }
    shared = true;
    rest = rest.substr(0, colon);
  }
  if (auto valid = check_lock_name(rest); !valid) {
    return usage("tag '" + std::string(tag) + "': " + valid.error().what);
  }
  add_lock(constraints, LockUse{std::string(rest), shared});
  return {};
}

/// That the fixture exists is checked by check_needs(), which knows the place to name.
Result<void> apply_needs(std::string_view tag, Constraints& constraints) {
  const std::string_view name = tag.substr(kNeedsPrefix.size());
  if (auto valid = check_lock_name(name); !valid) {
    return usage("tag '" + std::string(tag) + "': " + valid.error().what);
  }
  constraints.says_needs = true;
  auto& needs = constraints.needs;
  const auto place = std::lower_bound(needs.begin(), needs.end(), name);
  if (name != kNeedsNone && (place == needs.end() || *place != name)) needs.insert(place, std::string(name));
  return {};
}

/// Every fixture that a tag of the test names is declared.
Result<void> check_needs(const Constraints& constraints, const std::vector<std::string>& fixtures,
                         const std::string& where) {
  for (const std::string& need : constraints.needs) {
    if (std::find(fixtures.begin(), fixtures.end(), need) != fixtures.end()) continue;
    const std::vector<std::string_view> names(fixtures.begin(), fixtures.end());
    const std::string near = nearest(need, names);
    return usage(where + ": tag 'needs:" + need + "': this binary declares no fixture '" + need + "'" +
                 (near.empty() ? "" : "; did you mean '" + near + "'?"));
  }
  return {};
}

bool segment_is(std::string_view declared, std::string_view segment) noexcept { return declared == segment; }

/// SERIAL_ counts at the start of a name, behind DISABLED_, and at the start of each part of "Inst/SERIAL_Suite/0".
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

std::string place_of(const RegisteredTag& tag) { return tag.file + ":" + std::to_string(tag.line); }

std::string spelled(const RegisteredTag& tag) {
  return tag.test.empty() ? "CLEAVE_TAG(" + tag.suite + ", \"" + tag.tag + "\")"
                          : "CLEAVE_TAG_TEST(" + tag.suite + ", " + tag.test + ", \"" + tag.tag + "\")";
}

Result<void> apply_registered(const TestList& list, const RegisteredTag& tag, const std::vector<std::string>& fixtures,
                              std::vector<Constraints>& all) {
  bool matched = false;
  for (std::size_t i = 0; i < list.tests.size(); ++i) {
    const TestCase& test = list.tests[i];
    if (!names_instance_of(tag.suite, test.suite)) continue;
    if (!tag.test.empty() && !names_instance_of(tag.test, test.name)) continue;
    matched = true;
    if (auto applied = apply_tag(tag.tag, all[i]); !applied) {
      return usage(place_of(tag) + ": " + applied.error().what);
    }
    if (auto known = check_needs(all[i], fixtures, place_of(tag)); !known) return known;
  }
  if (!matched) return usage(place_of(tag) + ": " + spelled(tag) + " matches no test of this binary");
  return {};
}

Result<void> apply_catch2_tags(const TestCase& test, const std::vector<std::string>& fixtures,
                               Constraints& constraints) {
  const std::string where = test.file + ":" + std::to_string(test.line);
  for (const std::string& tag : test.tags) {
    const std::string folded = lower(tag);
    if (folded == "serial") {
      constraints.serial = true;
    } else if (folded.starts_with(kLockPrefix)) {
      if (auto applied = apply_lock(tag, constraints); !applied) {
        return usage(where + ": " + applied.error().what);
      }
    } else if (!fixtures.empty() && folded.starts_with(kNeedsPrefix)) {
      if (auto applied = apply_needs(tag, constraints); !applied) return usage(where + ": " + applied.error().what);
      if (auto known = check_needs(constraints, fixtures, where); !known) return known;
    }
  }
  return {};
}

template <class Apply>
Result<void> apply_pattern(const TestList& list, const std::vector<std::string>& names, std::string_view keyword,
                           const std::string& pattern, const Settings& settings, const Apply& apply) {
  bool matched = false;
  for (std::size_t i = 0; i < list.tests.size(); ++i) {
    if (glob_match(pattern, names[i])) {
      matched = true;
      apply(i);
    }
  }
  if (matched) return {};
  return usage((settings.from.empty() ? std::string() : settings.from + ": ") + std::string(keyword) + " pattern '" +
               pattern + "' matches no test of " + (settings.target.empty() ? "this binary" : settings.target));
}

}  // namespace

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
  if (tag == "serial") {
    constraints.serial = true;
    return {};
  }
  if (tag.starts_with(kLockPrefix)) return apply_lock(tag, constraints);
  if (tag.starts_with(kNeedsPrefix)) return apply_needs(tag, constraints);
  constexpr std::array<std::string_view, 4> known{"serial", "lock:NAME", "lock:NAME:read", "needs:FIXTURE"};
  const std::string near = nearest(tag.starts_with("lock") ? "lock:NAME" : tag, known);
  return usage("tag '" + std::string(tag) + "' is unknown" +
               (near.empty() ? "; known are 'serial', 'lock:NAME', 'lock:NAME:read', 'needs:FIXTURE'"
                             : "; did you mean '" + near + "'?"));
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
  for (const RegisteredTag& tag : registered) {
    if (auto applied = apply_registered(list, tag, fixtures, all); !applied) return applied.error();
  }
  for (const std::string& pattern : settings.serial) {
    auto applied =
        apply_pattern(list, names, "SERIAL", pattern, settings, [&](std::size_t i) { all[i].serial = true; });
    if (!applied) return applied.error();
  }
  for (const LockPattern& lock : settings.locks) {
    auto applied = apply_pattern(list, names, "LOCK " + lock.name, lock.pattern, settings, [&](std::size_t i) {
      add_lock(all[i], LockUse{lock.name, lock.shared});
    });
    if (!applied) return applied.error();
  }
  return all;
}

}  // namespace cleave::plan
