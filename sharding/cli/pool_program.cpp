#include "cli/pool_program.hpp"

#include <algorithm>
#include <filesystem>
#include <map>

#include "cli/program_kind.hpp"
#include "cli/report_file.hpp"
#include "os/file.hpp"
#include "os/machine.hpp"
#include "plan/glob.hpp"
#include "plan/history.hpp"
#include "report/json.hpp"
#include "report/junit.hpp"
#include "report/order.hpp"
#include "run/failure.hpp"
#include "run/history_store.hpp"
#include "run/run_store.hpp"
#include "run/selection.hpp"
#include "run/test_limit.hpp"

namespace cleave::cli {
namespace {

Error usage(std::string what) { return Error{Errc::usage, std::move(what), 0}; }

/// What only the process that holds the tests can do.
std::string needs_cleave(const run::Options& options) {
  if (options.repeat > 0) return "repeat";
  if (options.verify > 0) return "verify";
  if (options.cache) return "cache";
  if (options.seed > 0) return "seed";
  if (options.max_load > 0) return "max-load";
  if (options.stagger.count() > 0) return "stagger";
  return options.has_isolation && options.isolation == plan::Isolation::suite ? "isolation=suite" : "";
}

/// Each program's file name; where several have one, as many folders in front as tell them apart.
void name_them(std::vector<PoolProgram>& programs) {
  const auto tail_of = [](const std::string& path, std::size_t parts) {
    std::size_t at = path.size();
    while (parts-- > 0 && at != std::string::npos && at > 0) at = path.rfind('/', at - 1);
    return at == std::string::npos || at == 0 ? path : path.substr(at + 1);
  };
  for (PoolProgram& one : programs) {
    for (std::size_t parts = 1;; ++parts) {
      one.name = tail_of(one.path, parts);
      const bool alone = std::ranges::none_of(
          programs, [&](const PoolProgram& other) { return &other != &one && tail_of(other.path, parts) == one.name; });
      if (alone || one.name == one.path) break;
    }
  }
}

void select(const run::Options& options, plan::TestList& list) {
  if (options.filter.empty()) return;
  for (plan::TestCase& test : list.tests) {
    if (plan::glob_match(options.filter, plan::full_name(test, list.framework))) continue;
    test.selected = false;
    test.disabled = false;
  }
}

void set(std::vector<std::string>& environment, const std::string& name, const std::string& value) {
  std::erase_if(environment, [&](const std::string& assignment) { return assignment.starts_with(name + "="); });
  environment.push_back(name + "=" + value);
}

}  // namespace

Result<std::vector<PoolProgram>> pool_of(const RunRequest& request) {
  std::vector<PoolProgram> programs;
  std::map<std::string, std::string> seen;  // By what the path leads to.
  std::map<std::string, std::string> homes;
  for (const std::string& given : request.programs) {
    const auto kind = kind_of_file(given);
    if (!kind) return kind.error();
    std::error_code failed;
    const std::string real = std::filesystem::canonical(given, failed).string();
    const auto [place, fresh] = seen.emplace(real, given);
    if (!fresh)
      return usage("'" + given + "' is named twice" +
                   (place->second == given ? "" : ", also as '" + place->second + "'"));
    PoolProgram program;
    program.given = given;
    program.path = os::absolute_path(given);
    program.sharded = kind->sharded;
    if (!request.options.dir.empty()) {
      const std::string file = os::file_name_of(program.path);
      const auto [other, alone] = homes.emplace(file, given);
      if (!alone)
        return usage("'" + other->second + "' and '" + given + "' would both have their reports in " +
                     request.options.dir + "/cleave/" + file + ": leave out --dir");
    }
    if (!program.sharded) {
      if (auto legal = check_plain_arguments(given, *kind, request.arguments); !legal) return legal.error();
      if (const std::string flag = needs_cleave(request.options); !flag.empty())
        return usage("--cleave-" + flag + " needs Cleave in the program, and '" + given + "' has none");
    }
    programs.push_back(std::move(program));
  }
  name_them(programs);
  return programs;
}

void end_with(PoolProgram& program, const std::string& problem, int code) {
  program.ended = true;
  program.code = code;
  report::Problem told;
  told.title = problem;
  told.when = os::wall_now();
  told.run_broken = code == run::kBroken;
  program.report.problems.push_back(std::move(told));
}

Result<PlainRules> rules_of(const RunRequest& request) {
  if (request.config.empty()) return PlainRules{};
  const std::string path = os::absolute_path(request.config);
  const auto text = os::read_file(path);
  if (!text) return usage("--config: " + text.error().what);
  return read_plain_rules(*text, path);
}

Result<void> check_rules(const PlainRules& rules, const std::vector<PoolProgram>& programs) {
  for (const plan::TagPattern& rule : rules.tags) {
    const auto has_match = [&](const PoolProgram& program) {
      return std::ranges::any_of(program.listed.list.tests, [&](const plan::TestCase& test) {
        return plan::glob_match(rule.pattern, plan::full_name(test, program.listed.list.framework));
      });
    };
    if (std::ranges::none_of(programs, has_match))
      return usage(rule.origin + ": pattern '" + rule.pattern + "' matches no test of a program without Cleave");
  }
  return {};
}

Result<void> list_plain(PoolProgram& program, const RunRequest& request, const PlainRules& rules) {
  const auto kind = kind_of_file(program.path);
  if (!kind) return kind.error();
  auto listed = list_plain_program(program.path, *kind, request.arguments, rules);
  if (listed) {
    program.listed = std::move(*listed);
    for (const std::string& odd : odd_tags(program.listed.list))
      run::warn("'" + program.given + "': " + odd + "; it counts for nothing");
    return {};
  }
  if (listed.error().kind == Errc::usage) return usage("'" + program.given + "': " + listed.error().what);
  program.report.target = os::file_name_of(program.path);
  program.report.binary = program.path;
  end_with(program, listed.error().what, run::kBroken);
  return {};
}

Result<void> prepare_plain(PoolProgram& program, const RunRequest& request, std::uint32_t lanes) {
  const run::Options& options = request.options;
  ListedProgram* const listed = &program.listed;
  report::RunReport& frame = program.context.frame;
  frame.start = os::wall_now();
  frame.run_id = run::new_run_id(frame.start);
  frame.target = os::file_name_of(program.path);
  frame.binary = program.path;
  frame.host = os::host_name();
  frame.shard_count = lanes;
  frame.flaky_is_red = options.has_flaky && options.flaky == plan::FlakyPolicy::fail;
  program.report = frame;
  program.plain = std::move(listed->program);
  const bool any = !listed->list.tests.empty();
  select(options, listed->list);
  const std::string base = options.dir.empty() ? os::directory_of(program.path) : os::absolute_path(options.dir);
  program.home = base + "/cleave/" + frame.target;
  const run::RunStore store(program.home);
  bool some = true;
  if (options.rerun_failed) some = run::select_last_failed(store, listed->list);
  const bool selected = std::ranges::any_of(listed->list.tests, [](const auto& test) { return test.selected; });
  if (!some || !selected) {
    program.ended = true;
    program.code = run::kNothingToRun;
    program.report.notes.push_back(
        any ? "none of its " + std::to_string(listed->list.tests.size()) + " tests is selected" : "it has no tests");
    return {};
  }
  frame.list = std::move(listed->list);
  program.context.directory = program.home + "/runs/" + frame.run_id;
  program.context.shared = program.context.directory;
  program.context.lanes = lanes;
  auto lock = store.lock();
  if (!lock) return lock.error();
  if (auto added = store.add(program.context); !added) return added.error();
  auto presence = run::RunPresence::enter(program.context);
  if (!presence) return presence.error();
  program.presence = std::move(*presence);
  run::LoadedHistory known = run::HistoryStore(program.home).load();
  if (!known.warning.empty()) run::warn(known.warning);
  std::vector<Unit> units = units_of(frame.list, program.plain.framework, listed->constraints);
  for (const Unit& unit : units) program.selected += static_cast<std::uint32_t>(unit.tests.size());
  const bool one_at_a_time = options.has_isolation && options.isolation == plan::Isolation::test;
  program.run = std::make_unique<PlainRun>(frame, program.plain.framework, std::move(units),
                                           plan::costs_of(frame.list, known.history),
                                           static_cast<std::uint32_t>(std::max(0, options.retries)), one_at_a_time);
  return {};
}

Result<JobPlace> place_of(const PoolProgram& program, std::uint32_t lane, const Batch& batch, const std::string& slots,
                          const RunRequest& request) {
  const plan::ShardIdentity identity = run::shard_identity(program.context, lane);
  if (auto made = os::make_directories(identity.temp_dir); !made) return made.error();
  JobPlace place;
  place.folder = program.context.directory;
  place.shard = batch.serial ? "serial" : "shard-" + std::to_string(lane);
  place.environment = plain_environment();
  set(place.environment, "CLEAVE_RUN_ID", identity.run_id);
  set(place.environment, "CLEAVE_SHARD_INDEX", std::to_string(identity.index));
  set(place.environment, "CLEAVE_SHARD_COUNT", std::to_string(identity.count));
  set(place.environment, "CLEAVE_PREFIX", identity.prefix);
  set(place.environment, "CLEAVE_ATTEMPT", std::to_string(batch.attempt));
  for (const char* const name : {"CLEAVE_TMPDIR", "TMPDIR", "TEST_TMPDIR"})
    set(place.environment, name, identity.temp_dir);
  if (!slots.empty()) set(place.environment, "CLEAVE_JOB_SLOTS", slots);
  const auto limit = request.options.test_timeout;
  place.limit = limit.count() >= 0 ? limit : std::chrono::nanoseconds(run::kDefaultTestLimit);
  return place;
}

Result<void> finish_plain(PoolProgram& program, report::Nanoseconds wall, const std::string& interrupted_by) {
  program.report = program.run->finish(wall, interrupted_by);
  program.ended = true;
  const report::RunReport& report = program.report;
  program.code = report::exit_code_of(report);
  const run::RunStore store(program.home);
  auto lock = store.lock();
  if (!lock) return lock.error();
  for (auto&& written : {os::write_file(program.context.file("junit.xml"), report::junit_xml(report)),
                         os::write_file(program.context.file("report.json"), report::json_report(report)),
                         os::write_file(program.context.file("order.json"), report::order_json(report)),
                         store.update_last_failed(report)}) {
    if (!written) return Error{Errc::broken, "write the report: " + written.error().what, written.error().sys_errno};
  }
  const auto told =
      run::HistoryStore(program.home).record(report, program.context.directory, plan::day_of(os::wall_now()));
  if (!told) {
    run::warn("the history of " + program.name + " was not recorded: " + told.error().what);
  } else if (!told->empty()) {
    run::warn(*told);
  }
  run::forget_taken(program.context.directory);
  os::remove_tree(program.context.file(kLiveBoard));
  program.presence.reset();
  const std::string temp = program.context.file("tmp");
  for (const std::string& lane : os::list_directory(temp)) {
    if (program.code == run::kGreen || os::is_empty_directory(temp + "/" + lane)) os::remove_tree(temp + "/" + lane);
  }
  if (os::is_empty_directory(temp)) os::remove_tree(temp);
  return {};
}

void finish_sharded(PoolProgram& program, const os::ExitStatus& status, const std::string& directory,
                    const RunRequest& request) {
  const std::string how = status.signalled ? "was killed by " + os::signal_name(status.code)
                                           : "ended with status " + std::to_string(status.code);
  program.ended = true;
  if (directory.empty()) {
    if (!status.signalled && status.code == run::kNothingToRun) {
      program.code = run::kNothingToRun;
      program.report.notes.emplace_back(request.options.filter.empty() ? "it has no tests"
                                                                       : "none of its tests is selected");
      return;
    }
    const bool its_usage = !status.signalled && status.code == run::kUsage;
    end_with(program, "the program " + how + " without a report", its_usage ? run::kUsage : run::kBroken);
    return;
  }
  const auto text = os::read_file(directory + "/report.json");
  auto report = text ? read_report(*text) : Result<report::RunReport>(text.error());
  if (!report) {
    end_with(program, directory + "/report.json: " + report.error().what, run::kBroken);
    return;
  }
  program.report = std::move(*report);
  program.report.flaky_is_red = request.options.has_flaky && request.options.flaky == plan::FlakyPolicy::fail;
  program.code = status.signalled ? run::kBroken : status.code;
  if (status.signalled) end_with(program, "the program " + how + " behind its report", run::kBroken);
}

}  // namespace cleave::cli
