#include "run/launcher.hpp"

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "os/crash.hpp"
#include "os/file.hpp"
#include "os/machine.hpp"
#include "run/cpu_share.hpp"
#include "run/options.hpp"

namespace cleave::run {
namespace {

bool is_flag(std::string_view name) {
  static const std::vector<std::string> flags = flag_variables();
  return name.starts_with("CLEAVE_") && std::find(flags.begin(), flags.end(), name) != flags.end();
}

/// This process's environment with the worker's variables in place of its own, and without flags.
std::vector<std::string> environment_for(const WorkerStart& start) {
  const auto is_gone = [&](std::string_view entry) {
    const std::string_view name = entry.substr(0, entry.find('='));
    return is_flag(name) || std::any_of(start.environment.begin(), start.environment.end(),
                                        [&](const auto& variable) { return variable.first == name; });
  };
  std::vector<std::string> all = os::all_environment();
  std::erase_if(all, is_gone);
  for (const auto& [name, value] : start.environment) all.push_back(name + "=" + value);
  return all;
}

/// The image stays where it is for the rest of the process: main, and static destructors after it, may keep pointers.
[[noreturn]] void run_in_fork(const Program& program, const WorkerStart& start, os::SelfImage& image,
                              WorkerConfig config, os::ByteRing ring) {
  image.use_environment();
  for (const auto& [name, value] : start.environment) {
    if (name == "OMP_NUM_THREADS") set_openmp_width(value);
  }
  if (ring.valid()) config.ring = new os::ByteRing(std::move(ring));
  become_session(config);
  program.adapter->attach();
  std::exit(program.main(static_cast<int>(program.arguments.size()), image.arguments(), os::raw_environment()));
}

}  // namespace

Result<WorkerProcess> start_worker(const Program& program, const WorkerStart& start) {
  auto events = os::Pipe::create();
  if (!events) return events.error();
  auto commands = os::Pipe::create();
  if (!commands) return commands.error();
  if (auto written = os::write_all(commands->write_end.get(), start.answers); !written) return written.error();
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
    if (start.answers.empty()) ring.fall_asleep();
  }

  WorkerConfig config;
  config.role = start.role;
  config.list = start.list;
  config.unheard = !start.answers.empty();
  if (!start.only_tests.empty()) config.only_tests = &start.only_tests;
  config.event_fd = events->write_end.get();
  config.command_fd = commands->read_end.get();
  config.output_fd = for_worker.get();
  config.crash_fd = crashes.for_worker.get();
  config.ring_fd = ring.descriptor();
  config.seed = start.seed;
  config.output_is_shown = start.output_is_shown;
  config.marks = start.marks;

  std::vector<std::string> environment = environment_for(start);
  const bool execs = program.always_exec || os::thread_count() > 1;
  os::Fd queue;
  if (execs) {
    if (start.marks.fd >= 0) {
      // What the worker's children keep open must hold none of the supervisor's locks.
      auto opened = os::opened_again(start.marks.fd);
      if (!opened) return opened.error();
      queue = std::move(*opened);
    }
    config.marks.fd = queue.get();
    environment.push_back("CLEAVE_WORKER=" + to_variable(config));
  }
  os::SelfImage image(program.arguments, std::move(environment));

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
    if (execs) {
      for (const int fd : kept) {
        if (fd >= 0) os::keep_on_exec(fd, true);
      }
      image.run();
    }
    os::close_owned_except({kept, 4});  // What is mapped needs no descriptor.
    run_in_fork(program, start, image, config, std::move(ring));
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
