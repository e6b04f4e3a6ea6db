#pragma once

#include <string>

#include "plan/result.hpp"
#include "report/model.hpp"
#include "run/run_context.hpp"

namespace cleave::run {

/// The merged run and whether CTest has been told of every red shard by the shard itself.
struct FinishedRun {
  report::RunReport report;
  bool shards_told = false;
};

/// Merges the journals of the run, writes junit.xml, report.json and the report files that the user asked the framework
/// for, remembers what failed and what all of it cost, and removes what nobody needs any more: queues, part files, temp
/// dirs of green shards.
/// What `context` holds of each test goes meanwhile, or moves into the report: its list, its constraints and its costs.
/// They take a third of the memory of a large run.
/// @param last nobody works on the run any more. Without it, where all is green so far and an end is to come: junit.xml and
/// report.json only, for the case that it does not.
Result<FinishedRun> finish_run(const Caller& caller, RunContext& context, bool last);

}  // namespace cleave::run
