// What a filter of GoogleTest or Catch2 can say about a test, and which tests it therefore cannot part.
#include <algorithm>
#include <map>
#include <numeric>

#include "cli/plain_list.hpp"
#include "plan/glob.hpp"
#include "report/catch2_names.hpp"
#include "report/console.hpp"

namespace cleave::cli {
namespace {

constexpr std::string_view kBlank = " \n\r\t";

/// As Catch2 compares names: without blanks around them, in lower case.
std::string normalised(std::string_view name) {
  const auto first = name.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  std::string text(name.substr(first, name.find_last_not_of(kBlank) + 1 - first));
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

/// Where the first byte stands that Catch2's XML has to spell out as "\x1B".
std::size_t first_spelled_out(std::string_view name) {
  const std::size_t blanks = std::min(name.find_first_not_of(kBlank), name.size());
  const std::string spelled = report::catch2_spelling(name);
  const std::string_view own = name.substr(blanks);
  const auto [differs, in_own] = std::ranges::mismatch(spelled, own);
  return differs == spelled.end() ? std::string_view::npos : blanks + static_cast<std::size_t>(in_own - own.begin());
}

/// A pattern, and which names it matches.
struct Pattern {
  std::string text;
  bool wild = false;  ///< It may match other names than its own.
  std::string key;    ///< What an exact one is compared with; the glob of a wild one.
};

/// ':' parts patterns, '-' begins what is left out, and there is no escape; one character may stand for any.
Pattern gtest_pattern(const plan::TestCase& test) {
  Pattern pattern;
  pattern.text = test.suite + "." + test.name;
  for (char& c : pattern.text) {
    if (std::string_view(":-*?\n").find(c) == std::string_view::npos) continue;
    c = '?';
    pattern.wild = true;
  }
  pattern.key = pattern.text;
  return pattern;
}

/// A star at an end cannot be escaped; bytes that the list spells out are not known for sure, and end the pattern.
Pattern catch2_pattern(const plan::TestCase& test, Framework framework) {
  plan::TestCase named = test;
  const auto cut = framework == Framework::catch2_v3 ? first_spelled_out(test.name) : std::string_view::npos;
  if (cut != std::string_view::npos) named.name = test.name.substr(0, cut) + "*";
  Pattern pattern;
  pattern.text = report::framework_filter(named, "catch2");
  pattern.key = normalised(named.name);
  const bool front = pattern.key.starts_with('*');
  const bool back = pattern.key.size() > (front ? 1U : 0U) && pattern.key.ends_with('*');
  pattern.wild = front || back;
  if (pattern.wild) {
    std::string core = pattern.key.substr(front ? 1 : 0);
    if (back) core.pop_back();
    // Stars within are ordinary; as the glob has no escape, one byte stands for each.
    std::ranges::replace(core, '*', '?');
    pattern.key = (front ? "*" : "") + core + (back ? "*" : "");
  }
  return pattern;
}

/// Sets that grow together.
class Groups {
 public:
  explicit Groups(std::size_t size) : parents_(size) { std::iota(parents_.begin(), parents_.end(), 0U); }
  std::uint32_t of(std::uint32_t i) {
    while (parents_[i] != i) i = parents_[i] = parents_[parents_[i]];
    return i;
  }
  /// The smaller number stands for both.
  void join(std::uint32_t a, std::uint32_t b) {
    a = of(a);
    b = of(b);
    parents_[std::max(a, b)] = std::min(a, b);
  }

 private:
  std::vector<std::uint32_t> parents_;
};

/// What both need.
void join(plan::Constraints& all, const plan::Constraints& more) {
  all.serial = all.serial || more.serial;
  all.weight = std::max(all.weight, more.weight);
  all.memory = std::max(all.memory, more.memory);
  all.priority = all.priority == 0 ? more.priority : std::max(all.priority, more.priority);
  for (const plan::LockUse& lock : more.locks)
    (void)plan::apply_tag("lock:" + lock.name + (lock.shared ? ":read" : ""), all);
}

}  // namespace

std::vector<Unit> units_of(const plan::TestList& list, Framework framework,
                           const std::vector<plan::Constraints>& constraints) {
  const auto count = static_cast<std::uint32_t>(list.tests.size());
  const bool gtest = framework == Framework::gtest;
  std::vector<std::string> names;
  std::map<std::string, std::uint32_t> first_of;
  Groups groups(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    const plan::TestCase& test = list.tests[i];
    names.push_back(gtest ? test.suite + "." + test.name : normalised(test.name));
    const auto [place, fresh] = first_of.emplace(names.back(), i);
    if (!fresh) groups.join(place->second, i);
  }
  std::vector<std::string> patterns(count);
  std::vector<bool> wanted(count, false);
  for (std::uint32_t i = 0; i < count; ++i) {
    if (!list.tests[i].selected) continue;
    const Pattern pattern = gtest ? gtest_pattern(list.tests[i]) : catch2_pattern(list.tests[i], framework);
    patterns[i] = pattern.text;
    if (!pattern.wild) continue;
    for (std::uint32_t other = 0; other < count; ++other) {
      if (plan::glob_match(pattern.key, names[other])) groups.join(i, other);
    }
  }
  for (std::uint32_t i = 0; i < count; ++i) {
    if (list.tests[i].selected) wanted[groups.of(i)] = true;
  }
  std::vector<Unit> units;
  std::map<std::uint32_t, std::size_t> place_of;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t group = groups.of(i);
    if (!wanted[group] || list.tests[i].disabled) continue;
    const auto [place, fresh] = place_of.emplace(group, units.size());
    if (fresh) units.emplace_back();
    Unit& unit = units[place->second];
    unit.tests.push_back(i);
    join(unit.needs, constraints[i]);
    if (!patterns[i].empty() && std::ranges::find(unit.patterns, patterns[i]) == unit.patterns.end())
      unit.patterns.push_back(patterns[i]);
  }
  return units;
}

std::vector<std::string> selecting_arguments(const plan::TestList& list, Framework framework,
                                             const std::vector<const Unit*>& units) {
  const bool gtest = framework == Framework::gtest;
  std::map<std::string_view, std::size_t> missing;  // By suite: tests that would run with it and are not asked for.
  if (gtest) {
    for (const plan::TestCase& test : list.tests) missing[test.suite] += test.disabled ? 0U : 1U;
    for (const Unit* const unit : units) {
      for (const std::uint32_t test : unit->tests) --missing[list.tests[test].suite];
    }
  }
  std::string filter;
  const auto add = [&](std::string_view pattern) {
    if (!filter.empty()) filter += gtest ? ':' : ',';
    filter += pattern;
  };
  std::string_view whole;  // The suite that stands in the filter already.
  for (const Unit* const unit : units) {
    const std::string& suite = list.tests[unit->tests.front()].suite;
    const bool plain = suite.find_first_of(":-*?\n") == std::string::npos;
    if (gtest && unit->tests.size() == 1 && plain && missing[suite] == 0) {
      if (whole != suite) add(suite + ".*");
      whole = suite;
      continue;
    }
    for (const std::string& pattern : unit->patterns) add(pattern);
  }
  return {gtest ? "--gtest_filter=" + filter : filter};
}

}  // namespace cleave::cli
