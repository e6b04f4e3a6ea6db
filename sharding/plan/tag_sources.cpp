#include "plan/tag_sources.hpp"

#include <algorithm>

#include "plan/glob.hpp"
#include "plan/tag_match.hpp"

namespace cleave::plan {
namespace {

using Sources = std::vector<std::vector<TagSource>>;

constexpr const char* kOfTheCall = " of cleave_add_shards()";

std::string place_of(const std::string& file, int line) {
  return file.empty() ? std::string() : file + ":" + std::to_string(line);
}

/// Catch2's tags say the same in upper case.
std::string in_lower_case_to_colon(std::string tag) {
  const auto colon = std::min(tag.find(':'), tag.size());
  std::transform(tag.begin(), tag.begin() + static_cast<std::ptrdiff_t>(colon), tag.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return tag;
}

/// What the source itself says: names, and tags of Catch2.
void add_own(const TestCase& test, bool has_fixtures, std::vector<TagSource>& sources) {
  const std::string place = place_of(test.file, test.line);
  for (const std::string* const name : {&test.suite, &test.name}) {
    if (has_serial_name(*name)) sources.push_back({"serial", place, "the name " + *name});
  }
  for (const std::string& tag : test.tags) {
    if (means_something(tag, has_fixtures)) sources.push_back({in_lower_case_to_colon(tag), place, "[" + tag + "]"});
  }
}

void add_registered(const TestList& list, const RegisteredTag& tag, Sources& all) {
  for (std::size_t i = 0; i < list.tests.size(); ++i) {
    const TestCase& test = list.tests[i];
    if (!names_instance_of(tag.suite, test.suite)) continue;
    if (tag.test.empty() || names_instance_of(tag.test, test.name))
      all[i].push_back({tag.tag, place_of(tag.file, tag.line), spelled(tag)});
  }
}

}  // namespace

Sources tag_sources(const TestList& list, const std::vector<RegisteredTag>& registered, const Settings& settings,
                    bool has_fixtures) {
  Sources all(list.tests.size());
  std::vector<std::string> names;
  names.reserve(list.tests.size());
  for (std::size_t i = 0; i < list.tests.size(); ++i) {
    names.push_back(full_name(list.tests[i], list.framework));
    add_own(list.tests[i], has_fixtures, all[i]);
  }
  for (const bool of_suites : {true, false}) {
    for (const RegisteredTag& tag : registered) {
      if (tag.test.empty() == of_suites) add_registered(list, tag, all);
    }
  }
  const auto add_pattern = [&](const std::string& pattern, const TagSource& source) {
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (glob_match(pattern, names[i])) all[i].push_back(source);
    }
  };
  for (const std::string& pattern : settings.serial)
    add_pattern(pattern, {"serial", settings.from, "SERIAL " + pattern + kOfTheCall});
  for (const LockPattern& lock : settings.locks) {
    const std::string name = lock.name + (lock.shared ? ":read" : "");
    add_pattern(lock.pattern, {"lock:" + name, settings.from, "LOCK " + name + " " + lock.pattern + kOfTheCall});
  }
  for (const TagPattern& rule : settings.tags) {
    const bool of_call = rule.origin.empty();
    const std::string told = of_call ? "PHASE " + rule.tag.substr(rule.tag.find(':') + 1) + " " : "the pattern ";
    add_pattern(rule.pattern, {rule.tag, of_call ? settings.from : rule.origin,
                               told + rule.pattern + (of_call ? kOfTheCall : " of CONFIG")});
  }
  return all;
}

}  // namespace cleave::plan
