/// What the keeper is told in its inbox, and what it writes for others to read: payloads, the journal of problems, and
/// the register of what it would leave behind; and what it does with that of dead runs.
#include <algorithm>
#include <charconv>

#include "os/coverage.hpp"
#include "os/machine.hpp"
#include "run/finish.hpp"
#include "run/fixture_registry.hpp"
#include "run/keeper_process.hpp"

namespace cleave::run {
namespace {

using std::chrono::milliseconds;

/// A process of a dead run that was asked to end has so long before it is killed.
constexpr milliseconds kPolite{2000};
constexpr milliseconds kPause{20};
/// What a tear-down has killed without waiting for it needs a moment to be gone.
constexpr milliseconds kDying{200};

/// Ends processes that fixtures of a dead run had started and that outlived all of it.
std::string end_processes(const std::vector<std::string>& keys) {
  std::string ended;
  std::vector<std::string> alive;
  for (const std::string& key : keys) {
    if (!os::is_alive(key)) continue;
    alive.push_back(key);
    ended += (ended.empty() ? "pid " : ", ") + std::to_string(os::pid_of(key));
    os::signal_process(os::pid_of(key), false);
  }
  for (milliseconds waited{}; !alive.empty() && waited < kPolite; waited += kPause) {
    std::erase_if(alive, [](const std::string& key) { return !os::is_alive(key); });
    if (!alive.empty()) os::wait_readable({}, kPause);
  }
  for (const std::string& key : alive) os::signal_process(os::pid_of(key), true);
  return ended;
}

}  // namespace

void KeeperProcess::read_inbox() {
  char chunk[4096];
  while (true) {
    auto got = os::read_some(inbox_.get(), chunk, sizeof chunk);
    if (!got || *got == 0) break;
    inbox_rest_.append(chunk, *got);
  }
  for (auto end = inbox_rest_.find('\n'); end != std::string::npos; end = inbox_rest_.find('\n')) {
    const std::string line = inbox_rest_.substr(0, end);
    inbox_rest_.erase(0, end + 1);
    obey(line);
  }
}

void KeeperProcess::obey(const std::string& line) {
  const auto first = line.find(' ');
  const std::string word = line.substr(0, first);
  const std::string rest = first == std::string::npos ? "" : line.substr(first + 1);
  const auto second = rest.find(' ');
  const std::string scope = rest.substr(0, second);
  const std::string value = second == std::string::npos ? "" : rest.substr(second + 1);
  if (word == "end") {
    ending_ = true;
  } else if (word == "need") {
    want(scope, value);
  } else if (word == "shard") {
    int pid = 0;
    std::from_chars(value.data(), value.data() + value.size(), pid);
    watch_lane(scope, pid);
  } else if (word == "gone") {
    if (const auto lane = lanes_.find(scope); lane != lanes_.end()) leave_lane(scope, lane->second);
  }
}

void KeeperProcess::tell_up(const std::string& scope, const std::string& name, const std::string& payload) {
  if (auto told = os::write_private_file(files_.file(scope + "/" + name + ".up"), payload); told) return;
  tell_failed(scope, name, "its payload could not be written");
}

void KeeperProcess::tell_failed(const std::string& scope, const std::string& name, const std::string& why) {
  // When not even this can be written, those who wait come to their limit.
  if (auto told = os::write_private_file(files_.file(scope + "/" + name + ".failed"), why); !told) troubled_ = true;
}

void KeeperProcess::tell_doing(const std::string& scope, const std::string& what, const FixtureLeader& leader) {
  if (auto told = files_.tell_doing(scope, {what, leader.pid(), os::monotonic_now()}); !told) troubled_ = true;
}

void KeeperProcess::tell_idle(const std::string& scope, const FixtureLeader& leader) {
  if (auto told = files_.tell_doing(scope, {"holds its fixtures", leader.pid(), {}}); !told) troubled_ = true;
}

/// The next shard on this lane sets its fixtures up anew.
void KeeperProcess::forget_scope(const std::string& scope) {
  for (const std::string& name : os::list_directory(files_.file(scope))) {
    os::remove_tree(files_.file(scope + "/" + name));
  }
}

void KeeperProcess::record_processes() {
  left_.processes = os::descendants_of(os::current_pid());
  if (auto stored = left_.store(); !stored) troubled_ = true;
}

void KeeperProcess::problem(std::string title, std::string detail, bool warning, std::string output) {
  report::Problem out;
  out.title = std::move(title);
  out.detail = std::move(detail);
  out.warning = warning;
  out.output.head = std::move(output);
  journal(std::move(out));
}

void KeeperProcess::journal(report::Problem problem) {
  problem.shard = kFixturesShard;
  problem.when = os::wall_now();
  problem.output.total = problem.output.head.size();
  troubled_ = troubled_ || !problem.warning;
  if (!journal_) {
    auto journal = JournalWriter::open(context_.file("fixtures.journal"));
    if (!journal) return;
    journal_ = std::move(*journal);
    // Begun and ended at once: whether the keeper itself came to its end is another matter (end_keeper), and no entry
    // of CTest was red because of what follows.
    report::ExecutionBegin begin;
    begin.run_id = context_.frame.run_id;
    begin.shard = begin.part = problem.shard;
    begin.queue = 0;
    begin.pid = os::current_pid();
    begin.when = problem.when;
    journal_->add(begin);
    journal_->add(report::ExecutionEnd{0, "", problem.when});
  }
  journal_->add(report::ProblemRecord{std::move(problem)});
  journal_->flush();
}

/// Everything is down: what is left of it goes, and the run's report is written anew when nobody else is there to do
/// it.
void KeeperProcess::finish() {
  os::reap_ended();
  for (milliseconds waited{}; !os::child_pids().empty() && waited < kDying; waited += milliseconds(2)) {
    os::wait_readable({}, milliseconds(2));
    os::reap_ended();
  }
  if (const std::vector<os::Stray> strays = os::strays({}); !strays.empty()) {
    std::string names;
    for (const os::Stray& stray : strays) names += "pid " + std::to_string(stray.pid) + " (" + stray.command + ")\n";
    os::kill_strays(strays);
    problem("processes outlived the fixtures that started them and were ended", names, true, "");
  }
  left_.processes.clear();
  if (auto closed = left_.close(); !closed) troubled_ = true;
  if (!troubled_) os::remove_tree(leader_folder(context_, kRunScope));
  if (owner_died_) {
    // Not the last one while a shard still works on it, against all expectation.
    auto alone = os::FileLock::try_acquire(context_.file("alive"), false);
    os::sum_profiles_at_end();
    RunContext context = context_;
    if (auto written = finish_run(caller_, context, alone && alone->held()); !written) troubled_ = true;
  }
  if (auto marked = os::write_private_file(files_.file(kKeeperEnded), ""); !marked) troubled_ = true;
}

void KeeperProcess::sweep() {
  for (Leftovers& dead : Leftovers::of_dead_runs(caller_.home)) {
    const std::string directory = caller_.home + "/runs/" + os::file_name_of(dead.path());
    // Hosts that lost their keeper tear down by themselves.
    FixtureFiles(directory).await_hosts(kOrphanGrace);
    // Those that were started since the keeper wrote last are known by their environment.
    for (std::string& key : os::processes_with("CLEAVE_RUN_DIR=" + directory)) {
      if (std::count(dead.processes.begin(), dead.processes.end(), key) == 0) dead.processes.push_back(std::move(key));
    }
    if (const std::string ended = end_processes(dead.processes); !ended.empty()) {
      problem("processes of an earlier run were still there and were ended", ended, true, "");
    }
    dead.processes.clear();
    for (const std::string& name : os::list_directory(directory + "/tmp")) {
      if (name.ends_with("-fixtures")) os::remove_tree(directory + "/tmp/" + name);
    }
    if (prefix_hooks().empty())
      dead.prefixes.clear();  // Whoever knew how to clean them is not in this program any more.
    for (const std::string& prefix : dead.prefixes) clean(prefix, true);
    while (!hosts_.empty()) {
      std::vector<int> fds;
      std::vector<std::string> scopes;
      for (const auto& [scope, hosted] : hosts_) {
        scopes.push_back(scope);
        for (const int fd : hosted.leader.poll_fds()) fds.push_back(fd);
      }
      os::wait_readable(fds, time_to_wait());
      read_inbox();
      for (const std::string& scope : scopes) pump(scope);
      for (auto& [scope, hosted] : hosts_) advance(scope, hosted);
      // What a hook asked for stays up for the run.
      if (std::all_of(hosts_.begin(), hosts_.end(), [](const auto& each) { return each.first == kRunScope; })) break;
    }
    for (const std::string& prefix : swept_ends_) dead.remove_prefix(prefix);
    swept_ends_.clear();
    if (auto closed = dead.close(); !closed) troubled_ = true;
  }
}

}  // namespace cleave::run
