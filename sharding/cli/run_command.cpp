#include <algorithm>
#include <filesystem>

#include "cli/pool.hpp"
#include "cli/pool_guard.hpp"
#include "cli/report_file.hpp"
#include "cli/run_request.hpp"
#include "os/machine.hpp"
#include "report/console.hpp"
#include "report/json.hpp"
#include "report/junit.hpp"
#include "run/console_listener.hpp"
#include "run/failure.hpp"
#include "run/pool_member.hpp"
#include "run/run_store.hpp"

namespace cleave::cli {
namespace {

/// What is worse comes first; nothing to run in one of many programs is told by a green run's exit code, never by a red
/// one's.
int worst(int a, int b) {
  constexpr int kOrder[] = {run::kBroken, run::kUsage, run::kRed, run::kNothingToRun};
  for (const int code : kOrder) {
    if (a == code || b == code) return code;
  }
  return run::kGreen;
}

/// The folder of runs of many programs, and this one in it.
run::RunContext context_of(const RunRequest& request, std::uint32_t lanes) {
  std::error_code failed;
  const std::string base = request.options.dir.empty() ? std::filesystem::current_path(failed).string()
                                                       : os::absolute_path(request.options.dir);
  run::RunContext context;
  context.frame.start = os::wall_now();
  context.frame.run_id = run::new_run_id(context.frame.start);
  context.frame.target = "run";
  context.frame.host = os::host_name();
  context.frame.shard_count = lanes;
  context.directory = base + "/cleave/run/runs/" + context.frame.run_id;
  context.shared = context.directory + "/pool";
  context.lanes = lanes;
  return context;
}

Result<void> make_folders(const run::RunContext& context) {
  const run::RunStore store(os::directory_of(os::directory_of(context.directory)));
  auto lock = store.lock();
  if (!lock) {
    const std::string what = lock.error().what;
    return Error{Errc::usage, what.substr(0, what.find(';')) + "; put the reports elsewhere with --dir", 0};
  }
  if (auto added = store.add(context); !added) return added;
  return os::make_directories(context.shared + "/locks");
}

Result<void> write_reports(const run::RunContext& context, const report::RunReport& all) {
  for (auto&& written : {os::write_file(context.file("junit.xml"), report::junit_xml(all)),
                         os::write_file(context.file("report.json"), report::json_report(all))}) {
    if (!written) return Error{Errc::broken, "write the report: " + written.error().what, written.error().sys_errno};
  }
  return {};
}

int code_of(const std::vector<PoolProgram>& programs, const report::RunReport& all, bool filtered) {
  bool some = false;
  int code = run::kGreen;
  for (const PoolProgram& program : programs) {
    const bool none = program.code == run::kNothingToRun;
    some = some || !none;
    if (!(none && filtered)) code = worst(code, program.code);
  }
  if (!some) return run::kNothingToRun;
  const int merged = report::exit_code_of(all);
  return merged == run::kNothingToRun ? code : worst(code, merged);
}

}  // namespace

Result<int> run_programs(const RunRequest& request) {
  auto programs = pool_of(request);
  if (!programs) return programs.error();
  const auto rules = rules_of(request);
  if (!rules) return rules.error();
  for (const std::string& ignored : rules->ignored) run::warn(ignored);
  const run::Options& options = request.options;
  const std::uint32_t lanes = options.jobs > 0 ? options.jobs : os::usable_cpus();
  const bool colour = run::wants_colour(options);
  os::become_supervisor(false);
  const run::RunContext context = context_of(request, lanes);
  if (auto made = make_folders(context); !made) return made.error();
  const auto presence = run::RunPresence::enter(context);
  if (!presence) return presence.error();
  const auto began = os::monotonic_now();
  auto guard = PoolGuard::start(context.frame.run_id);
  if (!guard) return guard.error();
  os::SignalWatch signals;
  for (PoolProgram& program : *programs) {
    if (program.sharded) continue;
    if (auto listed = list_plain(program, request, *rules); !listed) return listed.error();
  }
  if (auto good = check_rules(*rules, *programs); !good) return good.error();
  for (PoolProgram& program : *programs) {
    if (program.sharded) continue;
    if (auto ready = program.ended ? Result<void>() : prepare_plain(program, request, lanes); !ready)
      return ready.error();
    if (program.ended && !program.report.problems.empty())
      run::print(report::problem_block(program.report.problems.front(), colour));
  }
  Result<void> ran;
  {
    auto pool = Pool::make(request, *programs, lanes, context.shared, colour);
    if (!pool) return pool.error();
    ran = pool->run(signals);
  }
  // What tests left behind in sessions of their own is ours now.
  os::end_strays({guard->pid()});
  os::remove_tree(context.shared);
  if (!ran) return ran.error();
  std::vector<NamedReport> reports;
  for (const PoolProgram& program : *programs) reports.push_back({program.name, &program.report});
  report::RunReport frame = context.frame;
  frame.wall = os::monotonic_now() - began;
  const report::RunReport all = merged(std::move(frame), reports);
  if (auto written = write_reports(context, all); !written) return written.error();
  const int code = code_of(*programs, all, !options.filter.empty() || options.rerun_failed);
  run::print(report::summary(all, colour));
  if (code == run::kNothingToRun && report::exit_code_of(all) == run::kGreen)
    run::print("but not every program has tests (see the notes above): exit status 4\n");
  run::print("report: " + context.file("junit.xml") + "\n");
  return code;
}

}  // namespace cleave::cli
