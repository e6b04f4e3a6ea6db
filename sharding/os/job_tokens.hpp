#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>

#include "os/fd.hpp"
#include "os/file.hpp"

namespace cleave::os {

/// The tokens that this process took from a job server: bytes that are read from a pipe, and written back as they were,
/// because to make they may mean different things. Belongs to the process that made it, and does nothing in its forks.
/// One thread at a time; signals cannot come between a token's way through the pipe and the note about it.
class JobTokens {
 public:
  /// More than a run has shards.
  static constexpr std::uint32_t kMost = 1024;

  /// Both ends must be non-blocking, and opened by this process for itself: O_NONBLOCK belongs to the open file, which
  /// an inherited descriptor shares with make and all of its other children.
  JobTokens(Fd read_end, Fd write_end);
  JobTokens(const JobTokens&) = delete;
  JobTokens& operator=(const JobTokens&) = delete;
  /// Gives all back.
  ~JobTokens();

  /// From here on the tokens also come back when this process is ended by SIGKILL: a child of it, which does nothing
  /// else, waits for its end. It goes with this object. At most the one token that is on its way at that moment is
  /// lost.
  /// @pre held() == 0.
  Result<void> give_back_when_killed();

  /// True when there was a token, which is held now. Never waits.
  bool take() noexcept;
  /// Gives back the newest. @pre held() > 0.
  void give_back() noexcept;
  /// All of them, and removes the FIFO. May be called in a signal handler, where it is the last thing that happens.
  void give_all_back() noexcept;

  std::uint32_t held() const noexcept { return block_->held.load(std::memory_order_relaxed); }
  /// Readable when take() would get a token.
  int read_fd() const noexcept { return read_end_.get(); }
  /// How many tokens nobody has at this moment.
  std::uint32_t unclaimed() const noexcept;
  /// Puts new tokens in; false when there is no place for them.
  bool add(std::uint32_t count) noexcept;
  /// The FIFO at that path goes with this.
  void owns_fifo(std::string path) { fifo_ = std::move(path); }
  bool belongs_to_this_process() const noexcept;

 private:
  /// What is held; shared with the child above when there is one.
  struct Block {
    std::atomic<std::uint32_t> held{0};  ///< Read by signal handlers.
    std::array<char, kMost> tokens{};
  };

  bool put(char token) const noexcept;
  void put_all() noexcept;
  [[noreturn]] void guard(int owner);

  Fd read_end_;
  Fd write_end_;
  int owner_;
  std::string fifo_;
  Block own_;
  Block* block_ = &own_;
  Mapping shared_;
  int guard_ = 0;  ///< The child's pid.
};

/// While one lives, the tokens also come back when this process calls exit(), or is ended by a signal that it does not
/// handle itself (SIGHUP, SIGINT, SIGTERM, SIGQUIT, SIGPIPE, SIGALRM, SIGXCPU, and those of crashes and of abort()): it
/// then still dies of that signal. Signals that are ignored or have a handler stay as they are. After SIGKILL and
/// _exit() they come back when give_back_when_killed() was called; else they are lost, make runs fewer jobs from then
/// on and says at its end how many are missing. One at a time; the tokens must live as long.
class TokenGuard {
 public:
  explicit TokenGuard(JobTokens& tokens);
  TokenGuard(const TokenGuard&) = delete;
  TokenGuard& operator=(const TokenGuard&) = delete;
  ~TokenGuard();
};

}  // namespace cleave::os
