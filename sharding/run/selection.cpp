#include "run/selection.hpp"

#include <algorithm>
#include <map>

#include "os/file.hpp"
#include "plan/glob.hpp"
#include "plan/quoted.hpp"
#include "report/order.hpp"

namespace cleave::run {
namespace {

/// A test counts as changed when its source file is newer than what the history took in last.
std::vector<std::uint32_t> new_or_changed(const Caller& caller, const RunContext& context) {
  const auto recorded = os::modified_at(caller.home + "/history");
  std::map<std::string, bool> changed;  // By file.
  std::vector<std::uint32_t> found;
  const plan::TestList& list = context.frame.list;
  for (std::uint32_t i = 0; i < list.tests.size(); ++i) {
    const std::string& file = list.tests[i].file;
    const auto [place, fresh] = changed.emplace(file, false);
    if (fresh && recorded) {
      const auto written = os::modified_at(file);
      place->second = written && *written > *recorded;
    }
    const bool known = i < context.costs.known.size() && context.costs.known[i];
    if (!recorded || !known || place->second) found.push_back(i);
  }
  return found;
}

Result<report::Order> read_order_file(const std::string& path) {
  auto text = os::read_users_file(path);
  if (!text) return Error{Errc::usage, "--cleave-replay: " + text.error().what, text.error().sys_errno};
  auto order = report::read_order(*text, path);
  if (!order) return Error{Errc::usage, "--cleave-replay: " + order.error().what, 0};
  return order;
}

/// Only the tests of a recorded order, each batch in a process of its own.
Result<void> apply_order(const std::string& path, RunContext& context) {
  auto order = read_order_file(path);
  if (!order) return order.error();
  plan::TestList& list = context.frame.list;
  // A batch of Catch2 tests runs in the order in which it is given; GoogleTest's order is its own.
  const bool follows = list.framework == "catch2";
  if (follows) list.seed = order->seed;
  if (!follows && (order->shuffled != list.shuffled || (order->shuffled && order->seed != list.seed))) {
    return Error{
        Errc::usage,
        "--cleave-replay: " + path + " is of a run that was " +
            (order->shuffled ? "shuffled with the seed " + std::to_string(order->seed) + ": give the same flags"
                             : "not shuffled: leave out what shuffles this one"),
        0};
  }
  std::map<std::pair<std::string, std::string>, std::uint32_t> index_of;
  for (std::uint32_t i = 0; i < list.tests.size(); ++i) {
    index_of.emplace(std::pair(list.tests[i].suite, list.tests[i].name), i);
    list.tests[i].selected = false;
  }
  context.batch_of.assign(list.tests.size(), 0);
  std::uint32_t batch = 0;
  std::uint32_t place = 0;
  for (const auto& worker : order->workers) {
    ++batch;
    for (const auto& [suite, name] : worker) {
      const auto found = index_of.find({suite, name});
      if (found == index_of.end()) {
        return Error{Errc::usage,
                     "--cleave-replay: " + path + ": this binary has no test " + plan::quoted(suite + "." + name), 0};
      }
      list.tests[found->second].selected = true;
      context.batch_of[found->second] = batch;
      if (follows) list.tests[found->second].position = place++;
    }
  }
  context.costs = {};
  return {};
}

}  // namespace

bool select_last_failed(const RunStore& store, plan::TestList& list) {
  const std::vector<std::string> names = store.last_failed();
  std::vector<bool> keep(list.tests.size(), false);
  bool any = false;
  for (std::size_t i = 0; i < list.tests.size(); ++i) {
    const plan::TestCase& test = list.tests[i];
    keep[i] = test.selected && std::binary_search(names.begin(), names.end(), remembered_name(test));
    any = any || keep[i];
  }
  if (!any) return false;
  for (std::size_t i = 0; i < list.tests.size(); ++i) list.tests[i].selected = keep[i];
  return true;
}

Result<std::uint32_t> seed_of(const Options& options) {
  if (options.seed != 0 || options.replay.empty()) return std::uint32_t{options.seed};
  auto order = read_order_file(options.replay);
  if (!order) return order.error();
  return order->shuffled ? order->seed : 0U;
}

Result<void> apply_selection(const Caller& caller, RunContext& context) {
  const Options& options = caller.options;
  plan::TestList& list = context.frame.list;
  if (!options.replay.empty()) {
    if (auto applied = apply_order(options.replay, context); !applied) return applied;
  }
  if (!options.filter.empty()) {
    for (plan::TestCase& test : list.tests) {
      if (plan::glob_match(options.filter, plan::full_name(test, list.framework))) continue;
      test.selected = false;
      test.disabled = false;
    }
  }
  if (options.rerun_failed) {
    if (!select_last_failed(RunStore(caller.home), list)) {
      return Error{Errc::nothing_to_run,
                   "nothing to run: of the tests selected none was red or not run last time (--cleave-rerun=failed)",
                   0};
    }
    context.rerun = true;
  }
  if (options.repeat > 0) {
    if (list.repeat < 0) {
      return Error{Errc::usage, "--cleave-repeat: the framework is told to repeat for ever; say one or the other", 0};
    }
    list.repeat *= static_cast<std::int32_t>(options.repeat);
  }
  if (options.verify > 1) {
    context.times.assign(list.tests.size(), static_cast<std::uint32_t>(std::max(0, list.repeat)));
    for (const std::uint32_t index : new_or_changed(caller, context)) context.times[index] *= options.verify;
  }
  return {};
}

}  // namespace cleave::run
