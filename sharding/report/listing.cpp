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
  // These have more than one spelling, of which a tag of the framework's own stands already.
  const auto add_value = [&](const std::string& family, const std::string& value) {
    const auto spelled = [&](const std::string& tag) { return tag.starts_with(family); };
    if (std::none_of(tags.begin(), tags.end(), spelled)) tags.push_back(family + value);
  };
  if (constraints.weight != 1) add_value("weight:", std::to_string(constraints.weight));
  if (constraints.memory != 0) add_value("memory:", plan::memory_text(constraints.memory));
  if (constraints.priority != 0) add_value("priority:", std::to_string(constraints.priority));
  if (constraints.isolation == plan::Isolation::suite) add_value("isolation:", "suite");
  if (constraints.isolation == plan::Isolation::test) add_value("isolation:", "test");
  if (!constraints.phase.empty()) add_value("phase:", constraints.phase);
  for (const std::string& name : constraints.after) add("after:" + utf8(name));
  return tags;
}

void put_sources(const std::vector<plan::TagSource>& sources, JsonWriter& out) {
  out.key("tag_sources");
  out.begin_array();
  for (const plan::TagSource& source : sources) {
    out.begin_object();
    out.member("tag", source.tag);
    out.member("place", source.place);
    out.member("rule", source.rule);
    out.end_object();
  }
  out.end_array();
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

std::string list_json(const RunReport& frame, const plan::Plan& plan, const std::vector<plan::Constraints>& constraints,
                      const std::vector<plan::PhaseSpec>& phases, const plan::Costs& costs,
                      const ListedSources& sources) {
  JsonWriter out(3);
  out.begin_object();
  out.member("framework", frame.list.framework);
  out.member("target", frame.target);
  out.member("home", sources.home);
  out.key("phases");
  out.begin_array();
  for (const plan::PhaseSpec& phase : phases) {
    out.begin_object();
    out.member("name", phase.name);
    out.key("timeout_seconds");
    out.seconds(phase.timeout);
    out.end_object();
  }
  out.end_array();
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
    const plan::Constraints& bound = constraints[item.index];
    if (bound.weight != 1) out.member("weight", bound.weight);
    if (!bound.phase.empty()) out.member("phase", bound.phase);
    if (!bound.after.empty()) {
      out.key("after");
      out.begin_array();
      for (const std::string& name : bound.after) out.string(name);
      out.end_array();
    }
    if (item.index < sources.tags.size() && !sources.tags[item.index].empty())
      put_sources(sources.tags[item.index], out);
    if (item.index < costs.known.size() && costs.known[item.index]) {
      out.key("expected_seconds");
      out.seconds(costs.test[item.index]);
    }
    out.end_object();
  }
  out.end_array();
  out.end_object();
  return std::move(out).take();
}

}  // namespace cleave::report
