#include "run/run_store.hpp"

#include <algorithm>
#include <set>

#include "os/machine.hpp"
#include "os/own_folder.hpp"
#include "os/process.hpp"
#include "plan/event.hpp"
#include "run/fixture_files.hpp"
#include "run/kept_run.hpp"

namespace cleave::run {
namespace {

constexpr std::uint32_t kStoreVersion = 5;
constexpr std::size_t kRunsKept = 5;
/// With runs that were killed, and removed nothing.
constexpr std::size_t kRunsBorne = 2 * kRunsKept;

void put_costs(const plan::Costs& costs, plan::Writer& out) {
  out.number(static_cast<std::uint32_t>(costs.test.size()));
  for (std::size_t i = 0; i < costs.test.size(); ++i) {
    out.number(costs.test[i].count());
    out.flag(costs.known[i]);
    out.flag(costs.failed_last[i]);
  }
  out.number(static_cast<std::uint32_t>(costs.suite_set_up.size()));
  for (const auto& [suite, cost] : costs.suite_set_up) {
    out.text(suite);
    out.number(cost.count());
  }
  out.number(costs.process_start.count());
}

plan::Costs get_costs(plan::Reader& in) {
  plan::Costs costs;
  const auto tests = in.number<std::uint32_t>();
  for (std::uint32_t i = 0; i < tests && in.ok(); ++i) {
    costs.test.emplace_back(in.number<std::int64_t>());
    costs.known.push_back(in.flag());
    costs.failed_last.push_back(in.flag());
  }
  const auto suites = in.number<std::uint32_t>();
  for (std::uint32_t i = 0; i < suites && in.ok(); ++i) {
    std::string suite = in.text();
    costs.suite_set_up.emplace(std::move(suite), in.number<std::int64_t>());
  }
  costs.process_start = std::chrono::nanoseconds(in.number<std::int64_t>());
  return costs;
}

}  // namespace

std::string remembered_name(const plan::TestCase& test) {
  std::string name = test.suite + "\t" + test.name;
  std::replace(name.begin(), name.end(), '\n', ' ');
  return name;
}

Result<os::FileLock> RunStore::lock() const {
  auto made = os::check_not_planted(home_);
  if (made) made = os::make_directories(home_);
  if (made) {
    auto lock = os::FileLock::acquire(home_ + "/lock");
    if (lock) return lock;
    made = lock.error();
  }
  return Error{Errc::usage, made.error().what + "; put the reports elsewhere with --cleave-dir=DIR or CLEAVE_DIR",
               made.error().sys_errno};
}

Result<void> RunStore::add(const RunContext& context) const {
  if (auto made = os::make_private_directories(context.directory); !made) return made.error();
  const report::RunReport& frame = context.frame;
  plan::Writer out;
  out.number(kStoreVersion);
  out.text(frame.run_id);
  out.text(frame.target);
  out.text(frame.binary);
  out.text(frame.host);
  out.number(frame.start.count());
  out.number(frame.shard_count);
  out.text(context.shared);
  out.number(context.lanes);
  out.number(os::clock_offset().count());
  out.number(static_cast<std::uint32_t>(context.resource_locks.size()));
  for (const std::string& name : context.resource_locks) out.text(name);
  out.flag(context.by_entries);
  out.flag(context.made_by_begin);
  out.flag(context.rerun);
  for (const auto* texts : {&context.arguments, &context.variables}) {
    out.number(static_cast<std::uint32_t>(texts->size()));
    for (const std::string& text : *texts) out.text(text);
  }
  out.text(context.working_directory);
  out.text(context.settings_file);
  plan::encode_list(frame.list, out);
  put_costs(context.costs, out);
  out.text(context.cache_key);
  out.number(static_cast<std::uint32_t>(context.cached.size()));
  for (const bool cached : context.cached) out.flag(cached);
  for (const auto* numbers : {&context.times, &context.batch_of}) {
    out.number(static_cast<std::uint32_t>(numbers->size()));
    for (const std::uint32_t number : *numbers) out.number(number);
  }
  if (auto written = os::write_private_file(context.file("run.bin"), out.bytes()); !written) return written.error();
  if (auto kept = keep_plan(context); !kept) return kept.error();
  auto linked = os::replace_link("runs/" + frame.run_id, home_ + "/latest", context.file("latest"));
  if (!linked) return linked.error();
  const std::vector<std::string> excess = in_excess(frame.run_id);
  if (excess.size() > kRunsBorne - kRunsKept) remove_runs(excess);
  return {};
}

Result<RunContext> RunStore::read(const std::string& directory) {
  RunContext context;
  context.directory = directory;
  auto bytes = os::read_file(context.file("run.bin"));
  if (!bytes) return bytes.error();
  plan::Reader in(*bytes);
  if (in.number<std::uint32_t>() != kStoreVersion) {
    return Error{Errc::broken, context.file("run.bin") + ": was written by another version of Cleave", 0};
  }
  report::RunReport& frame = context.frame;
  frame.run_id = in.text();
  frame.target = in.text();
  frame.binary = in.text();
  frame.host = in.text();
  frame.start = plan::Nanoseconds(in.number<std::int64_t>());
  frame.shard_count = in.number<std::uint32_t>();
  context.shared = in.text();
  context.lanes = in.number<std::uint32_t>();
  context.clock_offset = plan::Nanoseconds(in.number<std::int64_t>());
  const auto locks = in.number<std::uint32_t>();
  for (std::uint32_t i = 0; i < locks && in.ok(); ++i) context.resource_locks.push_back(in.text());
  context.by_entries = in.flag();
  context.made_by_begin = in.flag();
  context.rerun = in.flag();
  for (auto* texts : {&context.arguments, &context.variables}) {
    const auto count = in.number<std::uint32_t>();
    for (std::uint32_t i = 0; i < count && in.ok(); ++i) texts->push_back(in.text());
  }
  context.working_directory = in.text();
  context.settings_file = in.text();
  frame.list = plan::decode_list(in);
  context.costs = get_costs(in);
  context.cache_key = in.text();
  const auto cached = in.number<std::uint32_t>();
  for (std::uint32_t i = 0; i < cached && in.ok(); ++i) context.cached.push_back(in.flag());
  for (auto* numbers : {&context.times, &context.batch_of}) {
    const auto count = in.number<std::uint32_t>();
    for (std::uint32_t i = 0; i < count && in.ok(); ++i) numbers->push_back(in.number<std::uint32_t>());
  }
  if (!in.ok()) return Error{Errc::broken, context.file("run.bin") + ": is not whole", 0};
  return context;
}

std::string RunStore::run_of(const std::string& ctest_key) const {
  auto text = os::read_file(home_ + "/by-ctest/" + ctest_key);
  return text ? text->substr(0, text->find('\n')) : std::string();
}

Result<void> RunStore::set_run_of(const std::string& ctest_key, const std::string& run_id) const {
  const std::string folder = home_ + "/by-ctest";
  for (const std::string& key : os::list_directory(folder)) {
    if (!os::is_alive(key)) os::remove_tree(folder + "/" + key);
  }
  return os::write_private_file(folder + "/" + ctest_key,
                                run_id + "\n" + std::to_string(os::group_of(os::pid_of(ctest_key))) + "\n");
}

std::string RunStore::abandoned_run() const {
  const std::string group = "\n" + std::to_string(os::own_group()) + "\n";
  const std::string folder = home_ + "/by-ctest";
  for (const std::string& key : os::list_directory(folder)) {
    const auto text = os::read_file(folder + "/" + key);
    if (!text || os::is_alive(key) || text->size() < group.size() || text->find(group) == std::string::npos) continue;
    const std::string run_id = run_of(key);
    if (!os::exists(home_ + "/runs/" + run_id + "/" + kEnded)) return run_id;
  }
  return {};
}

std::vector<std::string> RunStore::last_failed() const {
  std::vector<std::string> names;
  auto text = os::read_file(home_ + "/last-failed");
  if (!text) return names;
  std::string_view rest(*text);
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    names.emplace_back(rest.substr(0, end));
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  std::sort(names.begin(), names.end());
  return names;
}

Result<void> RunStore::update_last_failed(const report::RunReport& report) const {
  // What runs leave for later ones is written under one lock; without it this is written all the same.
  const auto lock = os::FileLock::acquire(home_ + "/history.lock");
  if (lock) os::remove_torn_writes(home_ + "/last-failed");
  const std::vector<std::string> before = last_failed();
  std::set<std::string> names(before.begin(), before.end());
  for (const report::TestRow& row : report.rows) {
    if (row.attempts.empty()) continue;
    const bool green = plan::is_green(row.outcome);
    if (green && names.empty()) continue;
    const std::string name = remembered_name(report.list.tests[row.index]);
    if (green) {
      names.erase(name);
    } else {
      names.insert(name);
    }
  }
  std::set<std::string> known;
  if (!names.empty()) {
    for (const plan::TestCase& test : report.list.tests) known.insert(remembered_name(test));
  }
  std::string text;
  for (const std::string& name : names) {
    if (known.count(name) != 0) text += name + "\n";
  }
  return os::write_private_file(home_ + "/last-failed", text);
}

std::vector<std::string> RunStore::in_excess(const std::string& newest) const {
  std::vector<std::string> runs = os::list_directory(home_ + "/runs");  // Their names begin with the time.
  std::erase(runs, newest);
  runs.resize(runs.size() - std::min(runs.size(), kRunsKept - 1));
  return runs;
}

void RunStore::remove_runs(const std::vector<std::string>& run_ids) const {
  for (const std::string& run : run_ids) {
    const std::string folder = home_ + "/runs/" + run;
    auto lock = os::FileLock::try_acquire(folder + "/" + std::string(kPresence), false);
    if (lock && !lock->held()) continue;  // Somebody works on it.
    if (FixtureFiles(folder).keeper_alive()) continue;
    os::remove_tree(folder);
  }
}

Result<RunPresence> RunPresence::enter(const RunContext& context) {
  RunPresence presence;
  presence.path_ = context.file(std::string(kPresence));
  // Waits out the moment in which another process looks whether it is the last.
  while (true) {
    auto lock = os::FileLock::try_acquire(presence.path_, true);
    if (!lock) return lock.error();
    if (lock->held()) {
      presence.lock_ = std::move(*lock);
      return presence;
    }
    os::wait_readable({}, std::chrono::milliseconds(1));
  }
}

bool RunPresence::leave_as_last() {
  lock_.release();
  auto lock = os::FileLock::try_acquire(path_, false);
  if (!lock || !lock->held()) return false;
  lock_ = std::move(*lock);
  return true;
}

}  // namespace cleave::run
