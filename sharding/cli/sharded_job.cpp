#include "cli/sharded_job.hpp"

#include <array>

namespace cleave::cli {

Result<ShardedJob> ShardedJob::start(const os::ProgramImage& image) {
  auto pipe = os::Pipe::create();
  if (!pipe) return pipe.error();
  auto process = os::Program::start(image, pipe->write_end);
  if (!process) return process.error();
  os::set_nonblocking(pipe->read_end.get());
  return ShardedJob(std::move(*process), std::move(pipe->read_end));
}

bool ShardedJob::drain() {
  std::array<char, 65536> bytes{};
  bool any = false;
  while (output_.valid()) {
    const auto got = os::read_some(output_.get(), bytes.data(), bytes.size());
    if (!got) return any;
    if (*got == 0) {
      output_.reset();
      return any;
    }
    relay_.add({bytes.data(), *got});
    any = true;
  }
  return any;
}

std::string ShardedJob::printed(std::chrono::nanoseconds now) {
  constexpr std::chrono::milliseconds kQuiet{100};
  if (drain()) newest_bytes_ = now;
  if (!relay_.empty() && now - newest_bytes_ > kQuiet) return relay_.rest();
  return relay_.whole();
}

os::ExitStatus ShardedJob::finish() {
  const auto status = process_.finish();
  return status ? *status : os::ExitStatus{true, 9};
}

std::string ShardedJob::last_words() {
  drain();
  output_.reset();
  return relay_.rest();
}

}  // namespace cleave::cli
