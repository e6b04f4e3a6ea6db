#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "cli/plain_program.hpp"
#include "cli/plain_run.hpp"
#include "os/fd.hpp"
#include "os/spawn.hpp"

namespace cleave::cli {

/// Where and how a batch runs.
struct JobPlace {
  std::string folder;                    ///< For the file of results.
  std::string shard;                     ///< "shard-3", "serial".
  std::vector<std::string> environment;  ///< All of it.
  std::chrono::nanoseconds limit{};      ///< For one test; zero for none.
};

/// The process of one batch of a program without Cleave. Passive; it is to be finished, whatever happens.
class PlainJob {
 public:
  static Result<PlainJob> start(const PlainProgram& program, const std::vector<std::string>& selecting,
                                const JobPlace& place);

  /// What runs now, for those who look on.
  struct Now {
    std::string test;          ///< Empty between two tests.
    report::UnixTime since{};  ///< When that was seen to start.
    std::uint32_t ended = 0;   ///< Tests that came to their end.
  };
  Now now() const { return {story_.running(), wall_began_ + (newest_start_ - began_), story_.ends()}; }
  const std::string& shard() const noexcept { return shard_; }
  int poll_fd() const noexcept { return process_.poll_fd(); }
  bool ended() const noexcept { return process_.wait_ended(std::chrono::nanoseconds(0)); }
  /// Looks whether a test was started since, and kills the process when the running one is over its limit.
  void watch(std::chrono::nanoseconds now);
  /// When to look again: nothing is missed meanwhile.
  std::chrono::milliseconds pause() const noexcept;
  /// The process dies; what it did not run is left out for that reason.
  void kill(const std::string& why);
  /// Behind its end: reaps it with what is left of its group, reads what it told and removes its files. Once.
  BatchEnd finish();

 private:
  PlainJob(os::Program process, Framework framework, std::string shard, std::string results, os::Fd output,
           std::chrono::nanoseconds limit);

  os::Program process_;
  Framework framework_;
  std::string shard_;
  std::string results_;
  os::Fd output_;
  std::chrono::nanoseconds limit_;
  std::chrono::nanoseconds began_;
  std::chrono::nanoseconds wall_began_;
  std::chrono::nanoseconds newest_start_;
  StoryWatch story_;
  std::uint64_t looked_at_ = 0;  ///< Bytes of the file that tells the story.
  std::string killed_;
  bool timed_out_ = false;
};

}  // namespace cleave::cli
