#include "report/listing.hpp"

#include <nlohmann/json.hpp>

#include "report/text.hpp"

namespace cleave::report {
namespace {

std::vector<std::string> tags_of(const plan::Constraints& constraints) {
  std::vector<std::string> tags;
  if (constraints.serial) tags.emplace_back("serial");
  for (const plan::LockUse& lock : constraints.locks) tags.push_back("lock:" + lock.name + (lock.shared ? ":read" : ""));
  return tags;
}

}  // namespace

std::string list_text(const RunReport& frame, const plan::Plan& plan, const std::vector<plan::Constraints>& constraints) {
  std::string text;
  for (const plan::Item& item : plan.items) {
    if (item.repetition > 0) continue;
    text += printable(full_name(frame.list.tests[item.index], frame.list.framework));
    for (const std::string& tag : tags_of(constraints[item.index])) text += " [" + tag + "]";
    text += "\n";
  }
  return text;
}

std::string list_json(const RunReport& frame, const plan::Plan& plan, const std::vector<plan::Constraints>& constraints) {
  nlohmann::ordered_json tests = nlohmann::ordered_json::array();
  for (const plan::Item& item : plan.items) {
    if (item.repetition > 0) continue;
    const plan::TestCase& test = frame.list.tests[item.index];
    tests.push_back({{"name", utf8(full_name(test, frame.list.framework))}, {"suite", utf8(test.suite)},
                     {"test", utf8(test.name)}, {"file", utf8(test.file)}, {"line", test.line},
                     {"tags", tags_of(constraints[item.index])}});
  }
  const nlohmann::ordered_json document{
      {"framework", frame.list.framework}, {"target", frame.target}, {"tests", std::move(tests)}};
  return document.dump(2) + "\n";
}

}  // namespace cleave::report
