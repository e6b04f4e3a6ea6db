#include <cstdio>

#include "cleave/detail/adapter_api.hpp"
#include "os/coverage.hpp"
#include "os/file.hpp"
#include "os/machine.hpp"
#include "os/process.hpp"
#include "plan/config.hpp"
#include "run/console_listener.hpp"
#include "run/ctest_run.hpp"
#include "run/failure.hpp"
#include "run/idle_entry.hpp"
#include "run/options.hpp"
#include "run/own_run.hpp"
#include "run/run_context.hpp"
#include "run/test_cleanup.hpp"
#include "run/worker.hpp"

/// Defined by cleave_add_shards() in the user's target; the default in embedded_settings.cpp is linked otherwise.
extern "C" const char cleave_embedded_settings[];

namespace cleave::run {
namespace {

/// What cleave_add_shards() was told: the text in the binary, or that of a CTest entry.
Result<plan::Settings> settings_of_call(const Options& options) {
  if (options.settings_file.empty()) return plan::parse_settings(cleave_embedded_settings, "embedded settings");
  auto text = os::read_file(options.settings_file);
  if (!text) return Error{Errc::usage, "--cleave-settings: " + text.error().what, 0};
  return plan::parse_settings(*text, options.settings_file);
}

/// With what CONFIG adds to it. The file is read at the start of each process, so that a change to it needs no build.
Result<plan::Settings> settings_of(const Options& options) {
  auto settings = settings_of_call(options);
  if (!settings || settings->config.empty()) return settings;
  auto text = os::read_users_file(settings->config);
  if (!text) {
    const std::string call = settings->from.empty() ? "" : settings->from + ": ";
    return Error{Errc::usage, call + "CONFIG '" + settings->config + "': " + text.error().what, 0};
  }
  const std::string path = settings->config;
  if (auto applied = plan::apply_config(*text, path, *settings); !applied) return applied.error();
  return settings;
}

Result<Caller> caller_of(CommandLine line, MainFunction main, const detail::Adapter& adapter) {
  auto settings = settings_of(line.options);
  if (!settings) return settings.error();
  Caller caller;
  caller.program = Program{&adapter, main, std::move(line.framework_arguments)};
  caller.options = std::move(line.options);
  caller.settings = std::move(*settings);
  caller.binary = os::read_link("/proc/self/exe");
  caller.name = caller.settings.name.empty() ? os::file_name_of(caller.binary) : caller.settings.name;
  const std::string base =
      caller.options.dir.empty() ? os::directory_of(caller.binary) : os::absolute_path(caller.options.dir);
  caller.home = base + "/cleave/" + caller.name;
  return caller;
}

int supervise(CommandLine line, MainFunction main, const detail::Adapter& adapter) {
  os::open_standard_streams();
  if (line.options.help) {
    print(help_text(line.framework_arguments.empty() ? "tests" : line.framework_arguments.front()));
    return kGreen;
  }
  auto caller = caller_of(std::move(line), main, adapter);
  if (!caller) return fail(caller.error());
  if (caller->options.list) return list_run(*caller);
  if (caller->options.entry.kind != Entry::Kind::none) return run_entry(*caller);
  return own_run(*caller);
}

/// The other half of a start by exec: the variable says which descriptors are whose.
int serve(const std::string& variable, int argc, char** argv, char** envp, MainFunction main,
          const detail::Adapter& adapter) {
  auto config = from_variable(variable);
  if (!config) return fail(config.error());
  os::unset_environment("CLEAVE_WORKER");
  for (const int fd : {config->event_fd, config->command_fd, config->output_fd, config->crash_fd}) {
    if (fd >= 0) os::keep_on_exec(fd, false);
  }
  if (config->ring_fd >= 0) {
    auto ring = os::ByteRing::open(os::Fd(config->ring_fd));
    if (!ring) return fail(ring.error());
    ring->close_descriptor();
    config->ring = new os::ByteRing(std::move(*ring));
  }
  if (const os::Fd queue(config->marks.fd); queue.valid()) {
    if (auto mapped = map_marks(config->marks); !mapped) return fail(mapped.error());
  }
  if (config->role == Role::fixture_host) os::outlive_parent(kOrphanGrace);
  os::forget_counters();
  if (const auto run = os::environment("CLEAVE_RUN_DIR")) os::collect_profiles(*run + "/" + kProfiles);
  become_session(*config);
  adapter.attach();
  return main(argc, argv, envp);
}

/// Forks are out of a debugger's sight, so what it starts runs all tests in one process. It may start an entry of
/// CTest, as editors do with "debug this test"; but where all of ctest is traced (strace -f), each entry does its own
/// part.
bool is_debugged(const Options& options) {
  const int tracer = os::tracer_pid();
  if (tracer == 0 || options.help || options.list) return false;
  switch (options.entry.kind) {
    case Entry::Kind::none: return true;
    case Entry::Kind::begin:
    case Entry::Kind::end: return false;
    default: return tracer == os::parent_pid();
  }
}

}  // namespace
}  // namespace cleave::run

namespace cleave::detail {

void before_start(int argc, char** argv, char** envp) { run::end_if_idle(argc, argv, envp); }

int entry(int argc, char** argv, char** envp, int (*real_main)(int, char**, char**), const Adapter& adapter) {
  if (!run::wants_cleave(argc, argv, envp)) {
    run::set_plain_adapter(adapter);
    return real_main(argc, argv, envp);
  }
  if (const auto variable = os::environment("CLEAVE_WORKER")) {
    return run::serve(*variable, argc, argv, envp, real_main, adapter);
  }
  auto line = run::read_command_line(argc, argv);
  if (!line) return run::fail(line.error());
  const bool stays_out = !line->any || adapter.stays_out(argc, argv);
  const bool debugged = !stays_out && run::is_debugged(line->options);
  if (debugged)
    run::warn("a debugger is attached: all tests run in this process, and flags of Cleave count for nothing");
  if (!line->options.help && (stays_out || debugged)) {
    // Listing, help, the child of a death test, a debugger: the plain program, which must not see our flags.
    // Named by what lives as long as the process: to a leak check at its end these are no leaks.
    static auto* const strings = new std::vector<std::string>(std::move(line->framework_arguments));
    static auto* const plain = new std::vector<char*>();
    for (std::string& argument : *strings) plain->push_back(argument.data());
    plain->push_back(nullptr);
    run::set_plain_adapter(adapter);
    return real_main(static_cast<int>(strings->size()), plain->data(), envp);
  }
  os::leave(run::supervise(std::move(*line), real_main, adapter));
}

}  // namespace cleave::detail
