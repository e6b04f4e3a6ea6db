#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "cli/console_relay.hpp"
#include "os/fd.hpp"
#include "os/spawn.hpp"
#include "report/model.hpp"

namespace cleave::cli {

/// The process of one program that has Cleave in it: it shards itself. Passive; it is to be finished.
class ShardedJob {
 public:
  static Result<ShardedJob> start(const os::ProgramImage& image);

  int poll_fd() const noexcept { return process_.poll_fd(); }
  int output_fd() const noexcept { return output_.get(); }
  int pid() const noexcept { return process_.pid(); }
  bool ended() const noexcept { return process_.wait_ended(std::chrono::nanoseconds(0)); }
  void signal(int number) const noexcept { process_.signal(number); }
  /// What it printed and is to be shown now.
  std::string printed(std::chrono::nanoseconds now);
  /// Behind its end: reaps it. Once.
  os::ExitStatus finish();
  /// What is left to be shown, then.
  std::string last_words();

 private:
  ShardedJob(os::Program process, os::Fd output) : process_(std::move(process)), output_(std::move(output)) {}
  bool drain();

  os::Program process_;
  os::Fd output_;
  ConsoleRelay relay_;
  std::chrono::nanoseconds newest_bytes_{};
};

}  // namespace cleave::cli
