#include "run/lister.hpp"

#include "os/file.hpp"
#include "os/machine.hpp"
#include "os/process.hpp"
#include "plan/event.hpp"
#include "run/arguments.hpp"
#include "run/last_look.hpp"

namespace cleave::run {
namespace {

constexpr std::size_t kTailBytes = 4096;

std::string tail_of_output(const WorkerProcess& worker) {
  const std::uint64_t end = os::end_offset(worker.output.get());
  const std::uint64_t begin = end > kTailBytes ? end - kTailBytes : 0;
  auto text = os::read_at(worker.output.get(), begin, static_cast<std::size_t>(end - begin));
  if (!text || text->empty()) return "";
  return "; it printed:\n" + *text;
}

/// The listing so far.
struct Listing {
  plan::TestList list;
  bool done = false;
  std::string problem;

  void take(plan::Event e) {
    if (auto* const listed = std::get_if<plan::event::Listed>(&e)) {
      list.tests.push_back(std::move(listed->test));
    } else if (const auto* facts = std::get_if<plan::event::ListDone>(&e)) {
      std::vector<plan::TestCase> tests = std::move(list.tests);
      list = facts->facts;
      list.tests = std::move(tests);
      list.tests.shrink_to_fit();  // It stays for the whole run.
      done = true;
    } else if (const auto* refused = std::get_if<plan::event::Refused>(&e)) {
      problem = refused->why;
    }
  }
};

/// Removes the part files of the lister when it goes.
struct PartFiles {
  std::string directory;
  std::string prefix;
  ~PartFiles() {
    for (const std::string& name : os::list_directory(directory)) {
      if (name.starts_with(prefix)) os::remove_tree(directory + "/" + name);
    }
  }
};

/// Reads what there is. False at the end of the stream.
bool drain(int fd, std::string& buffer, Listing& listing) {
  char chunk[65536];
  while (true) {
    auto got = os::read_some(fd, chunk, sizeof chunk);
    if (!got) break;
    if (*got == 0) return false;
    buffer.append(chunk, *got);
    plan::FrameCutter cutter(buffer, plan::kLargestEventType);
    while (const auto frame = cutter.next()) {
      auto e = plan::decode(*frame);
      if (!e) {
        listing.problem = e.error().what;
        return false;
      }
      listing.take(std::move(*e));
    }
    if (cutter.corrupt()) {
      listing.problem = "its events are damaged: something wrote to a descriptor that it does not own";
      return false;
    }
    buffer.erase(0, cutter.used());
  }
  return true;
}

}  // namespace

Result<plan::TestList> list_tests(const Program& program, std::uint32_t seed, const std::string& capture_directory,
                                  std::chrono::nanoseconds limit, const StackReader& reader) {
  WorkerStart start;
  start.role = Role::lister;
  LastLook look(reader, capture_directory);
  start.tells_of_crashes = look.wanted();
  start.seed = seed;
  start.capture_directory = capture_directory;
  // A lister that opened the user's report file would empty it: it gets a part file, which is removed again.
  plan::TestList unknown;
  unknown.framework = program.adapter->framework;
  Program redirected = program;
  redirected.arguments = worker_arguments(unknown, program.arguments, capture_directory, ".list", 0);
  if (unknown.framework == "catch2") redirected.arguments = with_catch2_seed(redirected.arguments, seed);
  const PartFiles parts{capture_directory, ".list." + std::to_string(os::current_pid()) + "."};
  auto worker = start_worker(redirected, start);
  if (!worker) return Error{Errc::broken, "list the tests: " + worker.error().what, worker.error().sys_errno};

  Listing listing;
  std::string buffer;
  const auto deadline = os::monotonic_now() + limit;
  bool talks = true;  // Until it closes its end.
  bool too_late = false;
  std::optional<os::ExitStatus> status;
  while (!listing.done && listing.problem.empty()) {
    std::vector<int> fds = look.poll_fds(*worker);
    fds.push_back(worker->child.poll_fd());
    if (talks) fds.push_back(worker->events.get());
    os::wait_readable(fds, talks ? std::chrono::milliseconds(50) : std::chrono::milliseconds(20));
    look.pump(*worker);
    status = worker->child.try_wait();
    talks = drain(worker->events.get(), buffer, listing);
    if (status) break;
    if (limit.count() > 0 && os::monotonic_now() > deadline && !too_late && !look.pending()) {
      too_late = true;
      look.then_kill(*worker);
    }
  }
  if (listing.done) {
    listing.list.framework = program.adapter->framework;
    if (listing.list.repeat < 0) {
      return Error{Errc::usage,
                   "repeating for ever (repeat " + std::to_string(listing.list.repeat) +
                       ") has no end to report; give a number of repetitions from 0",
                   0};
    }
    return std::move(listing.list);
  }
  if (!listing.problem.empty()) return Error{Errc::broken, "list the tests: " + listing.problem, 0};
  const std::string stacks = status ? look.stacks_at(*status) : "";
  const std::string evidence = tail_of_output(*worker) + (stacks.empty() ? "" : "\n" + stacks);
  if (too_late) {
    return Error{Errc::broken,
                 "list the tests: the program did not come to its tests within the limit for one test" + evidence, 0};
  }
  const std::string how = !status             ? "ended"
                          : status->signalled ? "was killed by " + os::signal_name(status->code)
                                              : "returned or exited with status " + std::to_string(status->code);
  return Error{Errc::broken, "list the tests: main " + how + " without running the tests" + evidence, 0};
}

}  // namespace cleave::run
