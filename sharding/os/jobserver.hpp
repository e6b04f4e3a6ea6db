#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "os/job_tokens.hpp"
#include "plan/jobserver.hpp"
#include "plan/result.hpp"

namespace cleave::os {

/// Slots for jobs that processes share by the protocol of GNU make's job server, so that the runs and builds of one
/// machine together have no more jobs than the first `make -jN` was given. This process is a client of make's server,
/// or of its own, which programs that it starts share with it.
///
/// Every client has one slot without asking, because whoever started it took a token for it; it is used first and given
/// up last. A slot more costs a token. Nothing here ever waits: poll wait_fd().
///
/// Owned by one process: a fork's copy acquires nothing and gives nothing back. When this goes, so do all its tokens,
/// back to where they came from; for other ends of the process there is TokenGuard. One thread at a time.
class JobServer {
 public:
  /// How children are told where a server of ours is.
  enum class Style : std::uint8_t {
    /// By two descriptors that they inherit. Every make since 4.2 understands it, and a program that closes what it
    /// inherits is one job wide.
    descriptors,
    /// By a path. For make 4.4 and newer: older ones stop with an internal error.
    fifo,
  };

  /// The server that MAKEFLAGS names; none where it names none. The error is a warning for people, and one runs on
  /// without: the address is in no known form, the FIFO cannot be opened, or the descriptors are not those of a pipe,
  /// because make closed them for a recipe without a '+'.
  static Result<std::optional<JobServer>> from_environment();
  /// The same for a text.
  static Result<std::optional<JobServer>> from_make_flags(std::string_view text);
  /// A server of our own with that many slots (1 to 1024), this process's first one included. Makes the FIFO (0600) at
  /// the path, in place of what is there; it goes with this.
  static Result<JobServer> make(std::uint32_t slots, const std::string& fifo_path);

  /// True when one more job may run: the first without a token, each further one with one.
  bool try_acquire() noexcept;
  /// A job has ended. @pre acquired() > 0.
  void release() noexcept;
  /// How many jobs of this process have a slot.
  std::uint32_t acquired() const noexcept;
  /// Readable when try_acquire() could get a token; somebody else may be faster.
  int wait_fd() const noexcept;
  /// For a TokenGuard.
  JobTokens& tokens() const noexcept { return state_->tokens; }

  /// MAKEFLAGS for a child, which shares the slots, from what it would be otherwise. For a client of make's server
  /// that is `previous`: children reach the server as this process did.
  std::string make_flags(std::string_view previous, Style style) const;
  /// What must be open in a child, also across exec, for Style::descriptors: both are CLOEXEC here. None for a client
  /// of make's server, whose descriptors are inherited as they are.
  std::vector<int> descriptors() const;
  /// Of a server of our own: puts in the tokens that children took with them when they were killed.
  /// @pre no child is alive that may hold one.
  void refill() noexcept;

 private:
  struct State {
    State(Fd read_end, Fd write_end) : tokens(std::move(read_end), std::move(write_end)) {}

    JobTokens tokens;
    bool first_used = false;
    std::uint32_t slots = 0;  ///< Of a server of our own; 0 for a client.
    std::string fifo;
    Fd child_read_end;  ///< Blocking, as old makes want it.
    Fd child_write_end;
  };

  explicit JobServer(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}
  static Result<JobServer> open_pipe(const plan::JobServerAddress& address);
  static Result<JobServer> open_fifo(const std::string& path);

  std::unique_ptr<State> state_;
};

}  // namespace cleave::os
