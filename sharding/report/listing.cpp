#include "report/listing.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "report/text.hpp"

namespace cleave::report {
namespace {

/// The framework's own tags, then what else Cleave found (by name or pattern).
std::vector<std::string> tags_of(const plan::TestCase& test, const plan::Constraints& constraints) {
  std::vector<std::string> tags;
  const auto add = [&](std::string tag) {
    if (std::find(tags.begin(), tags.end(), tag) == tags.end()) tags.push_back(std::move(tag));
  };
  for (const std::string& tag : test.tags) add(utf8(tag));
  if (constraints.serial) add("serial");
  for (const plan::LockUse& lock : constraints.locks) add("lock:" + lock.name + (lock.shared ? ":read" : ""));
  return tags;
}

}  // namespace

std::string list_text(const RunReport& frame, const plan::Plan& plan,
                      const std::vector<plan::Constraints>& constraints) {
  std::string text;
  for (const plan::Item& item : plan.items) {
    if (item.repetition > 0) continue;
    const plan::TestCase& test = frame.list.tests[item.index];
    text += printable(full_name(test, frame.list.framework));
    for (const std::string& tag : tags_of(test, constraints[item.index])) text += " [" + printable(tag) + "]";
    text += "\n";
  }
  return text;
}

std::string list_json(const RunReport& frame, const plan::Plan& plan,
                      const std::vector<plan::Constraints>& constraints) {
  nlohmann::ordered_json tests = nlohmann::ordered_json::array();
  for (const plan::Item& item : plan.items) {
    if (item.repetition > 0) continue;
    const plan::TestCase& test = frame.list.tests[item.index];
    tests.push_back({{"name", utf8(full_name(test, frame.list.framework))},
                     {"suite", utf8(test.suite)},
                     {"test", utf8(test.name)},
                     {"file", utf8(test.file)},
                     {"line", test.line},
                     {"tags", tags_of(test, constraints[item.index])}});
  }
  const nlohmann::ordered_json document{
      {"framework", frame.list.framework}, {"target", frame.target}, {"tests", std::move(tests)}};
  return document.dump(2) + "\n";
}

}  // namespace cleave::report
