#include "plan/planner.hpp"

#include <algorithm>
#include <map>

namespace cleave::plan {
namespace {

std::string part_of(const Constraints& constraints, const std::vector<std::string>& resource_locks) {
  if (constraints.serial) return "serial";
  std::string part = "parallel";
  for (const LockUse& lock : constraints.locks) {
    if (std::find(resource_locks.begin(), resource_locks.end(), lock.name) == resource_locks.end()) continue;
    part = part == "parallel" ? "lock-" + lock.name : "locks";
  }
  return part;
}

std::uint64_t checksum(const Plan& plan) {
  std::string bytes;
  for (const Item& item : plan.items) bytes += std::to_string(item.index) + "," + std::to_string(item.repetition) + ";";
  for (const Group& group : plan.groups) bytes += std::to_string(group.end) + "|";
  for (const Part& part : plan.parts) bytes += part.name + ":" + std::to_string(part.end) + "/";
  return identity_of("plan", bytes, "", 0);
}

}  // namespace

const Part* Plan::part(std::string_view name) const {
  const auto place = std::find_if(parts.begin(), parts.end(), [&](const Part& part) { return part.name == name; });
  return place == parts.end() ? nullptr : &*place;
}

std::uint32_t Plan::items_of(const Part& part) const {
  return part.begin == part.end ? 0 : groups[part.end - 1].end - groups[part.begin].begin;
}

Plan make_plan(const TestList& list, const std::vector<Constraints>& constraints,
               const std::vector<std::string>& resource_locks) {
  std::vector<std::uint32_t> order;
  for (std::uint32_t i = 0; i < list.tests.size(); ++i) {
    if (list.tests[i].selected) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return list.tests[a].position < list.tests[b].position; });

  std::vector<std::string> names{"parallel"};
  for (const std::string& lock : resource_locks) names.push_back("lock-" + lock);
  if (resource_locks.size() > 1) names.push_back("locks");
  names.push_back("serial");

  std::map<std::string, std::vector<std::uint32_t>> dealt;
  for (const std::uint32_t index : order) dealt[part_of(constraints[index], resource_locks)].push_back(index);

  Plan plan;
  for (const std::string& name : names) {
    Part part{name, static_cast<std::uint32_t>(plan.groups.size()), 0};
    const std::vector<std::uint32_t>& members = dealt[name];
    for (std::int32_t repetition = 0; repetition < list.repeat; ++repetition) {
      const std::string* suite = nullptr;
      for (const std::uint32_t index : members) {
        const auto next = static_cast<std::uint32_t>(plan.items.size());
        const TestCase& test = list.tests[index];
        if (!list.groups_matter || suite == nullptr || *suite != test.suite) plan.groups.push_back(Group{next, next});
        suite = &test.suite;
        plan.items.push_back(Item{index, static_cast<std::uint32_t>(repetition)});
        plan.groups.back().end = next + 1;
      }
    }
    part.end = static_cast<std::uint32_t>(plan.groups.size());
    plan.parts.push_back(std::move(part));
  }
  plan.checksum = checksum(plan);
  return plan;
}

}  // namespace cleave::plan
