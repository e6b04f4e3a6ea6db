#include "run/fixture_leader.hpp"

#include "os/machine.hpp"
#include "os/process.hpp"

namespace cleave::run {

using std::chrono::nanoseconds;

Result<FixtureLeader> FixtureLeader::start(const Program& program, const Variables& environment,
                                           const std::string& capture_directory, nanoseconds until_ready,
                                           const StackReader& reader) {
  WorkerStart start;
  start.role = Role::fixture_host;
  start.tells_of_crashes = !reader.off;
  start.capture_directory = capture_directory;
  start.environment = environment;
  auto process = start_worker(program, start);
  if (!process) return process.error();
  FixtureLeader leader;
  leader.process_ = std::move(*process);
  leader.look_ = LastLook(reader, capture_directory);
  leader.limit_ = until_ready;
  leader.deadline_ = os::monotonic_now() + until_ready;
  return leader;
}

void FixtureLeader::command(const HostCommand& command, nanoseconds limit) {
  busy_ = true;
  limit_ = limit;
  deadline_ = os::monotonic_now() + limit;
  // A host that died meanwhile is noticed by its end.
  if (auto sent = os::write_all(process_.commands.get(), encode(command)); !sent) return;
}

void FixtureLeader::hurry(nanoseconds limit) {
  if (idle() || deadline_ <= os::monotonic_now() + limit) return;
  limit_ = limit;
  deadline_ = os::monotonic_now() + limit;
}

nanoseconds FixtureLeader::deadline() const {
  if (look_.pending()) return look_.deadline();
  return too_late_ ? nanoseconds::max() : deadline_;  // Its end is on its way.
}

std::vector<int> FixtureLeader::poll_fds() const {
  std::vector<int> fds = look_.poll_fds(process_);
  fds.insert(fds.end(), {process_.events.get(), process_.child.poll_fd()});
  return fds;
}

FixtureLeader::News FixtureLeader::pump() {
  News news;
  if (!running()) return news;
  if (os::monotonic_now() >= deadline_ && !too_late_ && !look_.pending()) {
    too_late_ = true;
    look_.then_kill(process_, false);
  }
  look_.pump(process_);
  // Looked at before the pipe: when it has ended, everything it ever said is in the pipe.
  const auto status = process_.child.try_wait();
  char chunk[65536];
  while (process_.events.valid()) {
    auto got = os::read_some(process_.events.get(), chunk, sizeof chunk);
    if (!got || *got == 0) break;
    buffer_.append(chunk, *got);
  }
  plan::FrameCutter cutter(buffer_);
  while (const auto frame = cutter.next()) {
    auto reply = decode_reply(*frame);
    if (!reply) continue;
    ready_ = true;
    leaving_ = leaving_ || reply->kind == HostReply::Kind::leaving;
    // The answers `down` and `cleaned` are followed by more.
    if (reply->kind == HostReply::Kind::ready || reply->kind == HostReply::Kind::up ||
        reply->kind == HostReply::Kind::failed) {
      busy_ = false;
      deadline_ = nanoseconds::max();
    }
    news.replies.push_back(std::move(*reply));
  }
  buffer_.erase(0, cutter.used());
  if (status) {
    news.ended = status->signalled ? "was killed by " + os::signal_name(status->code)
                                   : "ended with status " + std::to_string(status->code);
    if (too_late_) news.too_late = limit_;
    news.leaving = leaving_;
    news.stacks = look_.stacks_at(*status);
    look_.give_up();
  }
  return news;
}

std::string FixtureLeader::tail_of_output(std::size_t most) const {
  if (!process_.output.valid()) return {};
  const std::uint64_t end = os::end_offset(process_.output.get());
  const std::uint64_t begin = end > most ? end - most : 0;
  auto text = os::read_at(process_.output.get(), begin, static_cast<std::size_t>(end - begin));
  return text ? std::move(*text) : std::string();
}

}  // namespace cleave::run
