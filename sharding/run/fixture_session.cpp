/// The library's side of cleave/detail/fixture_api.hpp: what a test process, a fixture host, and a program that runs
/// without Cleave get when they ask.
#include "cleave/detail/fixture_api.hpp"

#include <cstdio>

#include "cleave/detail/adapter_api.hpp"
#include "os/file.hpp"
#include "os/machine.hpp"
#include "run/fixture_files.hpp"
#include "run/fixture_host.hpp"
#include "run/fixture_registry.hpp"
#include "run/plain_process.hpp"
#include "run/ports.hpp"
#include "run/test_cleanup.hpp"
#include "run/worker.hpp"

namespace cleave::run {

UndoStack& test_cleanups() {
  static auto* const stack = new UndoStack();
  return *stack;
}

UndoStack& process_cleanups() {
  static auto* const stack = new UndoStack();
  return *stack;
}

namespace {

const detail::Adapter* g_plain_adapter = nullptr;

bool sees_the_end_of_a_plain_test() {
  return g_plain_adapter != nullptr && g_plain_adapter->observe != nullptr && g_plain_adapter->observe();
}

std::string variable(const char* name) { return os::environment(name).value_or(std::string()); }

/// "run" in the leader, "s3" in shard 3.
std::string own_scope() { return variable("CLEAVE_SCOPE"); }

detail::FixtureReply run_payload(const std::string& name) {
  const detail::FixtureDefinition* const fixture = find_fixture(name);
  if (fixture == nullptr) return {false, "", "this binary declares no such fixture"};
  const std::string scope = fixture->scope == detail::FixtureScope::run ? "run" : own_scope();
  if (current_role() == Role::fixture_host && scope == own_scope()) {
    if (auto held = held_payload(name)) return {true, std::move(*held), ""};
    return {false, "", "it is not up; a fixture that uses it must say so: FixtureOptions().needs({\"" + name + "\"})"};
  }
  return FixtureFiles(variable("CLEAVE_RUN_DIR")).need(scope, name, longest_set_up(name));
}

}  // namespace

void set_plain_adapter(const detail::Adapter& adapter) noexcept { g_plain_adapter = &adapter; }

}  // namespace cleave::run

namespace cleave::detail {

using namespace run;  // The functions below are the outside of what is in there.

FixtureReply fixture_payload(const std::string& name) {
  const Role role = current_role();
  return role == Role::worker || role == Role::fixture_host ? run_payload(name) : plain_payload(name);
}

std::uint16_t port_for(std::string_view name, std::string& why) {
  const std::string directory = variable("CLEAVE_RUN_DIR");
  std::uint16_t port = 0;
  if (directory.empty()) {
    port = plain_port(name);
    if (port == 0) why = "no TCP port is free";
    return port;
  }
  auto found = ports_of_run(variable("CLEAVE_SHARED_DIR"), variable("CLEAVE_RUN_ID"))
                   .port_for(port_owner(directory, own_scope()), name);
  if (found) return *found;
  why = found.error().what;
  return 0;
}

std::string shared_folder() {
  const std::string shared = variable("CLEAVE_SHARED_DIR");
  return shared.empty() ? plain_folder() : shared;
}

std::string temp_folder() {
  const std::string folder = variable("CLEAVE_TMPDIR");
  if (folder.empty()) return plain_folder();
  // A test may have removed it. When it cannot be made, the first use of it says why.
  if (auto made = os::make_directories(folder); !made) return folder;
  return folder;
}

bool is_worker() noexcept { return current_role() == Role::worker; }

bool is_fixture_host() noexcept { return current_role() == Role::fixture_host; }

std::string running_test() { return current_test(); }

void add_test_cleanup(std::function<void()> undo) {
  if (is_worker() ? !current_test().empty() : sees_the_end_of_a_plain_test()) {
    test_cleanups().push(std::move(undo));
  } else {
    add_process_cleanup(std::move(undo));
  }
}

void add_process_cleanup(std::function<void()> undo) {
  if (is_worker()) {
    process_cleanups().push(std::move(undo));
  } else {
    plain_at_exit(std::move(undo));
  }
}

const char* next_cleanup_failure() noexcept {
  static auto* const text = new std::string();
  auto failure = test_cleanups().run_to_failure();
  if (!failure) return nullptr;
  *text = "cleanup: " + *failure;
  return text->c_str();
}

void fail_test(std::string_view file, int line, const std::string& text) {
  if (speaks_for_worker()) {
    message(MessageKind::failure, Text{file.data(), file.size()}, line, Text{text.data(), text.size()});
  } else {
    std::fprintf(stderr, "%.*s:%d: %s\n", static_cast<int>(file.size()), file.data(), line, text.c_str());
  }
}

}  // namespace cleave::detail
