#include "plan/plan_codec.hpp"

#include <algorithm>

#include "plan/codec.hpp"

namespace cleave::plan {
namespace {

void put(const std::vector<std::uint32_t>& numbers, Writer& out) {
  out.number(static_cast<std::uint32_t>(numbers.size()));
  for (const std::uint32_t number : numbers) out.number(number);
}

std::vector<std::uint32_t> get_numbers(Reader& in) {
  std::vector<std::uint32_t> numbers;
  const auto count = in.number<std::uint32_t>();
  for (std::uint32_t i = 0; i < count && in.ok(); ++i) numbers.push_back(in.number<std::uint32_t>());
  return numbers;
}

void put(const Group& group, Writer& out) {
  out.number(group.begin);
  out.number(group.end);
  out.number(group.suite);
  out.number(group.gate);
  out.number(group.weight);
  out.number(group.memory);
  out.number(group.isolation);
  out.flag(group.big);
  out.number(group.expected.count());
  out.number(group.set_up.count());
}

Group get_group(Reader& in) {
  Group group;
  group.begin = in.number<std::uint32_t>();
  group.end = in.number<std::uint32_t>();
  group.suite = in.number<std::uint32_t>();
  group.gate = in.number<std::uint32_t>();
  group.weight = in.number<std::uint32_t>();
  group.memory = in.number<std::uint64_t>();
  group.isolation = in.number<Isolation>();
  group.big = in.flag();
  group.expected = std::chrono::nanoseconds(in.number<std::int64_t>());
  group.set_up = std::chrono::nanoseconds(in.number<std::int64_t>());
  return group;
}

/// True when every number in it is the place of something.
bool leads_somewhere(const Plan& plan) {
  const auto below = [](std::size_t end) { return [end](std::uint32_t number) { return number < end; }; };
  std::uint32_t at = 0;
  for (const Group& group : plan.groups) {
    if (group.begin != at || group.end <= group.begin || group.gate >= plan.gates.size()) return false;
    if (group.isolation > Isolation::test) return false;
    at = group.end;
  }
  if (at != plan.items.size() || plan.expected.size() != plan.items.size()) return false;
  at = 0;
  for (const Part& part : plan.parts) {
    if (part.begin != at || part.end < part.begin) return false;
    at = part.end;
  }
  return at == plan.groups.size() && plan.order.size() == plan.groups.size() &&
         std::ranges::all_of(plan.order, below(plan.groups.size())) &&
         std::ranges::all_of(plan.gates, [&](const Gate& gate) {
           return std::ranges::all_of(gate.waits_for, below(plan.barriers.size())) &&
                  std::ranges::all_of(gate.member_of, below(plan.barriers.size()));
         });
}

}  // namespace

std::string encode_plan(const Plan& plan) {
  Writer out;
  out.number(kPlanFormat);
  out.number(plan.checksum);
  out.number(static_cast<std::uint32_t>(plan.items.size()));
  for (std::size_t i = 0; i < plan.items.size(); ++i) {
    out.number(plan.items[i].index);
    out.number(plan.items[i].repetition);
    out.number(i < plan.expected.size() ? plan.expected[i].count() : std::int64_t{0});
  }
  out.number(static_cast<std::uint32_t>(plan.groups.size()));
  for (const Group& group : plan.groups) put(group, out);
  out.number(static_cast<std::uint32_t>(plan.parts.size()));
  for (const Part& part : plan.parts) {
    out.text(part.name);
    out.number(part.begin);
    out.number(part.end);
  }
  put(plan.order, out);
  out.number(static_cast<std::uint32_t>(plan.barriers.size()));
  for (const Barrier& barrier : plan.barriers) {
    out.text(barrier.name);
    out.flag(barrier.checkpoint);
    out.number(barrier.timeout.count());
  }
  out.number(static_cast<std::uint32_t>(plan.gates.size()));
  for (const Gate& gate : plan.gates) {
    put(gate.waits_for, out);
    put(gate.member_of, out);
  }
  return std::move(out.bytes());
}

Result<Plan> decode_plan(std::string_view bytes) {
  Reader in(bytes);
  if (in.number<std::uint32_t>() != kPlanFormat) return Error{Errc::corrupt, "is no plan of this version of Cleave", 0};
  Plan plan;
  plan.checksum = in.number<std::uint64_t>();
  const auto each = [&in](auto&& take) {
    const auto count = in.number<std::uint32_t>();
    for (std::uint32_t i = 0; i < count && in.ok(); ++i) take();
  };
  each([&] {
    const auto index = in.number<std::uint32_t>();
    plan.items.push_back({index, in.number<std::uint32_t>()});
    plan.expected.emplace_back(in.number<std::int64_t>());
  });
  each([&] { plan.groups.push_back(get_group(in)); });
  each([&] {
    Part part;
    part.name = in.text();
    part.begin = in.number<std::uint32_t>();
    part.end = in.number<std::uint32_t>();
    plan.parts.push_back(std::move(part));
  });
  plan.order = get_numbers(in);
  each([&] {
    Barrier barrier;
    barrier.name = in.text();
    barrier.checkpoint = in.flag();
    barrier.timeout = std::chrono::nanoseconds(in.number<std::int64_t>());
    plan.barriers.push_back(std::move(barrier));
  });
  each([&] {
    Gate gate;
    gate.waits_for = get_numbers(in);
    gate.member_of = get_numbers(in);
    plan.gates.push_back(std::move(gate));
  });
  if (!in.ok() || !in.at_end() || !leads_somewhere(plan)) return Error{Errc::corrupt, "is no whole plan", 0};
  return plan;
}

}  // namespace cleave::plan
