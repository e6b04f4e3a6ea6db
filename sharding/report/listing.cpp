#include "report/listing.hpp"

#include <algorithm>

#include "plan/tag_values.hpp"
#include "report/json_writer.hpp"
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
  for (const std::string& need : constraints.needs) add("needs:" + need);
  if (constraints.says_needs && constraints.needs.empty()) add("needs:none");
  if (constraints.weight != 1) add("weight:" + std::to_string(constraints.weight));
  if (constraints.memory != 0) add("memory:" + plan::memory_text(constraints.memory));
  if (constraints.priority != 0) add("priority:" + std::to_string(constraints.priority));
  if (!constraints.phase.empty()) add("phase:" + constraints.phase);
  for (const std::string& name : constraints.after) add("after:" + utf8(name));
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
  JsonWriter out(3);
  out.begin_object();
  out.member("framework", frame.list.framework);
  out.member("target", frame.target);
  out.key("tests");
  out.begin_array();
  for (const plan::Item& item : plan.items) {
    if (item.repetition > 0) continue;
    const plan::TestCase& test = frame.list.tests[item.index];
    out.begin_object();
    out.member("name", full_name(test, frame.list.framework));
    out.member("suite", test.suite);
    out.member("test", test.name);
    out.member("file", test.file);
    out.member("line", test.line);
    out.key("tags");
    out.begin_array();
    for (const std::string& tag : tags_of(test, constraints[item.index])) out.string(tag);
    out.end_array();
    out.end_object();
  }
  out.end_array();
  out.end_object();
  return std::move(out).take();
}

}  // namespace cleave::report
