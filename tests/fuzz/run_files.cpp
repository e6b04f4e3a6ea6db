#include "plan/plan_codec.hpp"
#include "report/order.hpp"
#include "run/kept_run.hpp"
#include "run/run_store.hpp"
#include "target.hpp"

namespace cleave::fuzz {

/// What stands in the folder of a run: run.bin, plan.bin and order.json.
void run_files(std::string_view bytes) {
  if (const auto plan = plan::decode_plan(bytes)) {
    const std::string once = plan::encode_plan(*plan);
    const auto again = plan::decode_plan(once);
    must(again && plan::encode_plan(*again) == once, "a plan that is written and read stays the same");
    for (std::uint32_t item = 0; item < plan->items.size(); ++item) {
      const std::uint32_t group = plan->group_of(item);
      must(group < plan->groups.size() && plan->part_of(group) < plan->parts.size(), "every item has group and part");
    }
  }
  if (const auto order = report::read_order(bytes, "order.json"); !order)
    must(order.error().what.starts_with("order.json"), "an error begins with the file");

  const auto [run, plan] = halves(bytes);
  write_scratch("run.bin", run);
  write_scratch("plan.bin", plan);
  if (const auto kept = run::load_kept_run(scratch())) {
    for (const plan::Item& item : kept->plan.items)
      must(item.index < kept->frame.list.tests.size(), "a kept plan names tests of its list");
  }
}

}  // namespace cleave::fuzz
