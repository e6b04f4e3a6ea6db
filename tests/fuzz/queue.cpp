#include "run/queue.hpp"
#include "target.hpp"

namespace cleave::fuzz {
namespace {

plan::Plan five_items() {
  plan::TestList list;
  list.framework = "gtest";
  for (std::uint32_t i = 0; i < 5; ++i) {
    plan::TestCase test;
    test.name = std::to_string(i);
    test.position = i;
    test.selected = true;
    list.tests.push_back(std::move(test));
  }
  plan::PlanInput input;
  input.constraints.resize(list.tests.size());
  input.constraints[1].weight = 2;
  input.lanes = 2;
  return plan::make_plan(list, input);
}

/// Everything that a lane does with its queue.
void work_off(run::Queue& queue, const plan::Plan& plan) {
  (void)queue.stopped();
  (void)queue.open_items();
  (void)queue.others_work(0);
  (void)queue.spend_retry();
  queue.enter(0);
  for (std::uint32_t part = 0; part < plan.parts.size(); ++part) {
    for (std::size_t round = 0; round < plan.items.size() + 2; ++round) {
      plan::ClaimRequest request;
      request.part = part;
      request.want = 2;
      const plan::Claim claim = queue.claim(
          request, [](std::uint32_t) { return false; }, [](std::uint32_t) { return true; });
      for (const std::uint32_t item : claim.items) {
        must(item < plan.items.size(), "only items of the plan are handed out");
        queue.finish(item, plan::ItemEnd::green);
      }
      if (claim.items.empty()) break;
    }
  }
  queue.leave(0);
}

}  // namespace

/// A queue that stands where a shard opens its own. The bytes are laid over a good one: what begins with the mark of a
/// queue of this plan says more than what does not.
void queue(std::string_view bytes) {
  static const plan::Plan plan = five_items();
  plan::BoardOptions options;
  options.lanes = 2;
  const std::string path = write_scratch("queue", bytes);
  (void)run::Queue::snapshot(path);
  if (auto opened = run::Queue::open(path, plan, options)) work_off(*opened, plan);

  // Pairs of a place and a byte change a queue that was made for this plan.
  const std::string good = write_scratch("good", {});
  if (auto made = run::Queue::open(good, plan, options); !made) return;
  std::string changed = os::read_file(good).value();
  for (std::size_t at = 0; at + 2 < bytes.size(); at += 3) {
    const std::size_t place = static_cast<unsigned char>(bytes[at]) * 256U + static_cast<unsigned char>(bytes[at + 1]);
    changed[place % changed.size()] = bytes[at + 2];
  }
  const std::string hostile = write_scratch("hostile", changed);
  (void)run::Queue::snapshot(hostile);
  if (auto opened = run::Queue::open(hostile, plan, options)) work_off(*opened, plan);
}

}  // namespace cleave::fuzz
