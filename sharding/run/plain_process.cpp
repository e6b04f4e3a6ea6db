#include "run/plain_process.hpp"

#include <cstdio>
#include <cstdlib>
#include <map>
#include <mutex>
#include <set>

#include "os/file.hpp"
#include "os/machine.hpp"
#include "os/process.hpp"
#include "run/fixture_registry.hpp"
#include "run/fixture_stack.hpp"
#include "run/ports.hpp"
#include "run/undo_stack.hpp"

namespace cleave::run {
namespace {

/// Made on first use and never destroyed, because static destructors of the user may still use it.
struct Process {
  std::recursive_mutex mutex;  ///< Recursive: a set-up may ask for the payload of what it needs.
  int pid = os::current_pid();
  /// Its own lock: a set-up, during which the one above is held, may wait for a thread that asks for the folder.
  std::mutex folder_mutex;
  std::string folder;
  FixtureStack stack;
  std::map<std::string, detail::FixtureReply> known;
  std::set<std::string> in_hand;
  UndoStack undo;
};

void at_exit();

Process& process() {
  static auto* const the = [] {
    auto* const made = new Process();
    std::atexit(at_exit);
    return made;
  }();
  return *the;
}

void tell(const std::string& what) { std::fprintf(stderr, "cleave: %s\n", what.c_str()); }

void at_exit() {
  Process& self = process();
  if (os::current_pid() != self.pid) return;
  for (const std::string& failure : self.undo.run()) tell("cleanup: " + failure);
  while (!self.stack.empty()) {
    const FixtureStack::Down down = self.stack.tear_down_newest();
    if (!down.why.empty()) tell("fixture '" + down.name + "' could not be torn down: " + down.why);
  }
  if (!self.folder.empty()) os::remove_tree(self.folder);
}

detail::FixtureReply set_up(Process& self, const std::string& name) {
  const detail::FixtureDefinition* const fixture = find_fixture(name);
  if (fixture == nullptr) return {false, "", "this program declares no such fixture"};
  if (!self.in_hand.insert(name).second) return {false, "", "it needs itself"};
  detail::FixtureReply reply;
  for (const std::string& need : fixture->needs) {
    const detail::FixtureReply below = plain_payload(need);
    if (!below.up) reply.why = "it needs '" + need + "': " + below.why;
  }
  if (reply.why.empty()) {
    FixtureStack::Outcome outcome = self.stack.set_up(*fixture);
    reply = {outcome.up, std::move(outcome.payload), std::move(outcome.why)};
  }
  self.in_hand.erase(name);
  return reply;
}

}  // namespace

detail::FixtureReply plain_payload(const std::string& name) {
  Process& self = process();
  const std::lock_guard<std::recursive_mutex> lock(self.mutex);
  const auto known = self.known.find(name);
  if (known != self.known.end()) return known->second;
  if (os::current_pid() != self.pid) return {false, "", "it was not set up before this process was forked"};
  detail::FixtureReply reply = set_up(self, name);
  self.known[name] = reply;
  return reply;
}

std::string plain_folder() {
  Process& self = process();
  const std::lock_guard<std::mutex> lock(self.folder_mutex);
  if (self.folder.empty()) {
    auto made = os::make_private_folder(os::scratch_directory() + "/cleave-plain-" + std::to_string(self.pid) + "-");
    if (made) self.folder = std::move(*made);
  }
  return self.folder;
}

void plain_at_exit(std::function<void()> undo) { process().undo.push(std::move(undo)); }

std::uint16_t plain_port(std::string_view name) {
  const std::string folder = plain_folder();
  const Ports ports(folder + "/ports", os::random_bits());
  auto port = ports.port_for("plain", name);
  return port ? *port : std::uint16_t{0};
}

}  // namespace cleave::run
