#include "run/fixture_host.hpp"

#include <map>
#include <mutex>

#include "os/coverage.hpp"
#include "os/fd.hpp"
#include "os/machine.hpp"
#include "os/process.hpp"
#include "run/cpu_share.hpp"
#include "run/fixture_files.hpp"
#include "run/fixture_registry.hpp"
#include "run/fixture_stack.hpp"
#include "run/host_protocol.hpp"

namespace cleave::run {
namespace {

/// Payloads of what is up in this process. Read by threads that a fixture started.
struct Held {
  std::mutex mutex;
  std::map<std::string, std::string> payloads;
};

Held& held() {
  static auto* const all = new Held();
  return *all;
}

class Host {
 public:
  Host(int command_fd, int event_fd) : command_fd_(command_fd), event_fd_(event_fd) {}

  void run() {
    say({HostReply::Kind::ready, "", ""});
    while (const auto command = next()) {
      switch (command->kind) {
        case HostCommand::Kind::set_up: set_up(command->name); break;
        case HostCommand::Kind::clean: clean(command->name, command->swept); return;
        case HostCommand::Kind::tear_down: return;
      }
    }
  }
  void tear_down() {
    while (!stack_.empty()) {
      const FixtureStack::Down down = stack_.tear_down_newest();
      say({HostReply::Kind::down, down.name, down.why});
    }
    say({HostReply::Kind::leaving, "", ""});
  }

 private:
  /// A keeper that is gone hears nothing; what is to be done is done all the same.
  void say(const HostReply& reply) const {
    if (auto sent = os::write_all(event_fd_, encode(reply)); !sent) return;
  }

  /// The next command; nothing when the keeper is gone or a signal came.
  std::optional<HostCommand> next() {
    while (true) {
      plan::FrameCutter cutter(buffer_);
      if (const auto frame = cutter.next()) {
        auto command = decode_command(*frame);
        buffer_.erase(0, cutter.used());
        return command;
      }
      os::wait_readable({command_fd_, signals_.poll_fd()}, std::chrono::milliseconds(1000));
      if (signals_.count() > 0) return std::nullopt;
      if (!os::wait_readable({command_fd_}, std::chrono::milliseconds(0)).front()) continue;
      char chunk[4096];
      auto got = os::read_some(command_fd_, chunk, sizeof chunk);
      if (!got || *got == 0) return std::nullopt;
      buffer_.append(chunk, *got);
    }
  }

  void set_up(const std::string& name) {
    const detail::FixtureDefinition* const fixture = find_fixture(name);
    if (fixture == nullptr) {
      say({HostReply::Kind::failed, name, "this process declares no such fixture"});
      return;
    }
    FixtureStack::Outcome outcome = stack_.set_up(*fixture);
    if (!outcome.up) {
      say({HostReply::Kind::failed, name, outcome.why});
      return;
    }
    {
      const std::lock_guard<std::mutex> lock(held().mutex);
      held().payloads[name] = outcome.payload;
    }
    say({HostReply::Kind::up, name, outcome.payload});
  }

  void clean(const std::string& prefix, bool swept) const {
    std::string failures;
    for (const detail::PrefixHook& hook : prefix_hooks()) {
      try {
        hook.clean(prefix, swept);
      } catch (...) {
        failures += (failures.empty() ? "" : "; ") + ("'" + hook.name + "': ") + text_of_current_exception();
      }
    }
    say({HostReply::Kind::cleaned, prefix, failures});
  }

  int command_fd_;
  int event_fd_;
  std::string buffer_;
  os::SignalWatch signals_;
  FixtureStack stack_;
};

}  // namespace

void serve_fixtures(int command_fd, int event_fd) noexcept {
  // The keeper may go before this process: writing to it must not be the end.
  os::ignore_broken_pipes();
  os::name_process("cleave-fixtures");
  cap_threads();
  // The user's main up to here is counted by the workers, which run all of it.
  os::forget_counters();
  {
    const auto mark = FixtureFiles(os::environment("CLEAVE_RUN_DIR").value_or("")).mark_host();
    Host host(command_fd, event_fd);
    host.run();
    host.tear_down();
  }
  os::leave(0);
}

std::optional<std::string> held_payload(const std::string& name) {
  const std::lock_guard<std::mutex> lock(held().mutex);
  const auto place = held().payloads.find(name);
  if (place == held().payloads.end()) return std::nullopt;
  return place->second;
}

}  // namespace cleave::run
