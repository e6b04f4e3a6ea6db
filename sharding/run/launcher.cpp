#include "run/launcher.hpp"

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "os/crash.hpp"
#include "os/file.hpp"
#include "os/machine.hpp"
#include "run/cpu_share.hpp"
#include "run/options.hpp"

namespace cleave::run {
namespace {

std::string name_of(const std::string& assignment) { return assignment.substr(0, assignment.find('=')); }

/// This process's environment with the worker's variables in place of its own, and without flags.
std::vector<std::string> environment_for(const WorkerStart& start, const WorkerConfig& config) {
  std::vector<std::string> all = os::all_environment();
  std::vector<std::string> gone = flag_variables();
  for (const auto& [name, value] : start.environment) gone.push_back(name);
  std::erase_if(
      all, [&](const std::string& entry) { return std::find(gone.begin(), gone.end(), name_of(entry)) != gone.end(); });
  for (const auto& [name, value] : start.environment) all.push_back(name + "=" + value);
  all.push_back("CLEAVE_WORKER=" + to_variable(config));
  return all;
}

[[noreturn]] void run_in_fork(const Program& program, const WorkerStart& start, WorkerConfig config,
                              os::ByteRing ring) {
  for (const std::string& name : flag_variables()) os::unset_environment(name);
  for (const auto& [name, value] : start.environment) {
    os::set_environment(name, value);
    if (name == "OMP_NUM_THREADS") set_openmp_width(value);
  }
  // Never freed: main may keep pointers into it, and static destructors run after this function.
  auto* const strings = new std::vector<std::string>(program.arguments);
  auto* const argv = new std::vector<char*>();
  for (std::string& argument : *strings) argv->push_back(argument.data());
  argv->push_back(nullptr);
  if (ring.valid()) config.ring = new os::ByteRing(std::move(ring));
  become_session(config);
  program.adapter->attach();
  std::exit(program.main(static_cast<int>(strings->size()), argv->data(), os::raw_environment()));
}

}  // namespace

Result<WorkerProcess> start_worker(const Program& program, const WorkerStart& start) {
  auto events = os::Pipe::create();
  if (!events) return events.error();
  auto commands = os::Pipe::create();
  if (!commands) return commands.error();
  auto output = os::open_nameless(start.capture_directory);
  if (!output) return output.error();
  auto null = os::open_null();
  if (!null) return null.error();
  const os::Fd captured = os::moved_up(std::move(*output));
  const os::Fd for_worker = os::duplicate(captured.get());

  os::CrashLine crashes;
  if (start.tells_of_crashes) {
    auto line = os::CrashLine::create();
    if (!line) return line.error();
    crashes = std::move(*line);
  }

  os::ByteRing ring;
  if (start.role == Role::worker) {
    auto made = os::ByteRing::create();
    if (!made) return made.error();
    ring = std::move(*made);
    ring.fall_asleep();
  }

  WorkerConfig config;
  config.role = start.role;
  config.list = start.list;
  config.event_fd = events->write_end.get();
  config.command_fd = commands->read_end.get();
  config.output_fd = for_worker.get();
  config.crash_fd = crashes.for_worker.get();
  config.ring_fd = ring.descriptor();
  config.seed = start.seed;
  config.output_is_shown = start.output_is_shown;
  config.marks = start.marks;

  std::optional<os::ExecImage> image;
  os::Fd queue;
  if (program.always_exec || os::thread_count() > 1) {
    if (start.marks.fd >= 0) {
      // What the worker's children keep open must hold none of the supervisor's locks.
      auto opened = os::opened_again(start.marks.fd);
      if (!opened) return opened.error();
      queue = std::move(*opened);
    }
    config.marks.fd = queue.get();
    image.emplace(program.arguments, environment_for(start, config));
  }

  const int parent = os::current_pid();
  auto pid = os::fork_flushed();
  if (!pid) return pid.error();
  if (*pid == 0) {
    os::become_worker(parent);
    os::allow_tracing_by(parent);
    if (start.role == Role::fixture_host) os::outlive_parent(kOrphanGrace);
    os::redirect(null->get(), 0);
    os::redirect(captured.get(), 1);
    os::redirect(captured.get(), 2);
    const int kept[] = {config.event_fd, config.command_fd, config.output_fd,
                        config.crash_fd, config.ring_fd,    config.marks.fd};
    if (image) {
      for (const int fd : kept) {
        if (fd >= 0) os::keep_on_exec(fd, true);
      }
      image->run();
    }
    os::close_owned_except({kept, 4});  // What is mapped needs no descriptor.
    run_in_fork(program, start, config, std::move(ring));
  }
  WorkerProcess worker;
  worker.child = os::Child(*pid);
  worker.events = std::move(events->read_end);
  worker.commands = std::move(commands->write_end);
  worker.output = os::duplicate(captured.get());
  worker.crashes = std::move(crashes.for_supervisor);
  os::set_nonblocking(worker.events.get());
  ring.close_descriptor();
  if (ring.valid()) ring.keep_from_forks();
  worker.ring = std::move(ring);
  return worker;
}

}  // namespace cleave::run
