#include "run/fixture_files.hpp"

#include <algorithm>
#include <charconv>

#include "os/file.hpp"
#include "os/machine.hpp"
#include "os/process.hpp"
#include "run/fixture_registry.hpp"

namespace cleave::run {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

/// The pause between two looks grows from the first to the last: a set-up takes from a millisecond to a minute.
constexpr milliseconds kFirstPause{1};
constexpr milliseconds kLastPause{20};
/// The keeper enforces each limit; who waits gives it so long to kill and to tell.
constexpr std::chrono::seconds kSlack{15};
/// How often it is checked that a keeper is there.
constexpr milliseconds kAliveCheck{100};

std::string seconds_text(nanoseconds time) { return std::to_string(time.count() / 1'000'000'000) + " s"; }

}  // namespace

std::string scope_of_lane(std::uint32_t lane) { return "s" + std::to_string(lane); }

std::uint32_t lane_of_scope(const std::string& scope) {
  std::uint32_t lane = 0;
  if (scope.size() > 1) std::from_chars(scope.data() + 1, scope.data() + scope.size(), lane);
  return lane;
}

nanoseconds longest_set_up(const std::string& fixture) {
  const auto specs = fixture_specs();
  const std::string wanted[] = {fixture};
  nanoseconds all = kSlack;
  for (const std::uint32_t each : plan::set_up_order(specs, wanted)) all += fixture_registry()[each].set_up_limit;
  return all;
}

bool FixtureFiles::keeper_alive() const {
  if (!os::exists(file("keeper.lock"))) return false;
  auto lock = os::FileLock::try_acquire(file("keeper.lock"), true);
  return lock && !lock->held();
}

Result<os::FileLock> FixtureFiles::mark_host() const {
  while (true) {
    auto lock = os::FileLock::try_acquire(file("hosts.lock"), true);
    if (!lock || lock->held()) return lock;
    os::wait_readable({}, kFirstPause);  // Somebody looks whether it is held.
  }
}

void FixtureFiles::await_hosts(nanoseconds limit) const {
  if (!os::exists(file("hosts.lock"))) return;
  const nanoseconds give_up = os::monotonic_now() + limit;
  while (os::monotonic_now() < give_up) {
    auto lock = os::FileLock::try_acquire(file("hosts.lock"), false);
    if (!lock || lock->held()) return;
    os::wait_readable({}, kLastPause);
  }
}

Result<void> FixtureFiles::tell(const std::string& line) const {
  auto inbox = os::open_fifo_to_write(file("inbox"));
  if (!inbox) return inbox.error();
  return os::write_all(inbox->get(), line + "\n");
}

std::optional<detail::FixtureReply> FixtureFiles::look(const std::string& scope, const std::string& name) const {
  const std::string path = file(scope + "/" + name);
  // A fixture that was up and whose process died has both.
  if (auto why = os::read_file(path + ".failed")) return detail::FixtureReply{false, "", std::move(*why)};
  if (auto payload = os::read_file(path + ".up")) return detail::FixtureReply{true, std::move(*payload), ""};
  return std::nullopt;
}

Result<void> FixtureFiles::tell_doing(const std::string& scope, const FixtureWork& work) const {
  return os::write_private_file(file(scope + "/doing"),
                                std::to_string(work.pid) + " " + std::to_string(work.since.count()) + " " + work.what);
}

std::optional<FixtureWork> FixtureFiles::doing(const std::string& scope) const {
  const auto text = os::read_file(file(scope + "/doing"));
  if (!text) return std::nullopt;
  const char* const end = text->data() + text->size();
  FixtureWork work;
  std::int64_t since = 0;
  const auto pid = std::from_chars(text->data(), end, work.pid);
  if (pid.ec != std::errc() || pid.ptr == end) return std::nullopt;
  const auto time = std::from_chars(pid.ptr + 1, end, since);
  if (time.ec != std::errc() || time.ptr == end) return std::nullopt;
  work.since = nanoseconds(since);
  work.what.assign(time.ptr + 1, end);
  return work;
}

std::vector<std::pair<std::string, FixtureWork>> FixtureFiles::all_work() const {
  std::vector<std::string> scopes;
  for (std::string& name : os::list_directory(folder_)) {
    const bool of_lane =
        name.size() > 1 && name.front() == 's' && name.find_first_not_of("0123456789", 1) == std::string::npos;
    if (of_lane || name == kRunScope) scopes.push_back(std::move(name));
  }
  // "run" comes before "s0", and "s2" before "s10".
  std::sort(scopes.begin(), scopes.end(), [](const std::string& a, const std::string& b) {
    return std::pair(a != kRunScope, lane_of_scope(a)) < std::pair(b != kRunScope, lane_of_scope(b));
  });
  std::vector<std::pair<std::string, FixtureWork>> all;
  for (std::string& scope : scopes) {
    auto work = doing(scope);
    if (work && work->since.count() > 0) all.emplace_back(std::move(scope), std::move(*work));
  }
  return all;
}

detail::FixtureReply FixtureFiles::need(const std::string& scope, const std::string& name, nanoseconds limit,
                                        const std::function<std::string()>& give_up) const {
  if (auto known = look(scope, name)) return std::move(*known);
  const auto failed = [&](const std::string& why) { return detail::FixtureReply{false, "", why}; };
  if (auto told = tell("need " + scope + " " + name); !told) {
    return failed("its leader is not there any more: " + told.error().what);
  }
  const nanoseconds begin = os::monotonic_now();
  nanoseconds next_check = begin + kAliveCheck;
  milliseconds pause = kFirstPause;
  while (true) {
    if (auto known = look(scope, name)) return std::move(*known);
    const nanoseconds now = os::monotonic_now();
    if (now - begin > limit) {
      const auto work = doing(scope);
      return failed("not up after " + seconds_text(now - begin) + "; missing: the leader of '" + scope + "', which " +
                    (work ? work->what + " (pid " + std::to_string(work->pid) + ")" : "is not there"));
    }
    if (now > next_check) {
      next_check = now + kAliveCheck;
      if (!keeper_alive()) {
        if (auto known = look(scope, name)) return std::move(*known);
        return failed("its leader was killed before it was up");
      }
      if (const std::string why = give_up ? give_up() : std::string(); !why.empty()) return failed(why);
    }
    os::wait_readable({}, pause);
    pause = std::min(pause * 2, kLastPause);
  }
}

}  // namespace cleave::run
