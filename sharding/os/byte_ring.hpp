#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "os/fd.hpp"
#include "os/file.hpp"
#include "plan/result.hpp"

namespace cleave::os {

/// A stream of bytes from one process to one other, through memory that both map: writing costs no system call, and
/// what was written stays when the writer dies. Beside it goes a bell, a pipe of the caller's: the writer rings when
/// must_ring() says so, the reader drains it and reads. A reader that looks regularly while much happens is never rung.
class ByteRing {
 public:
  static constexpr std::uint64_t kCapacity = 256 << 10;

  ByteRing() = default;
  static Result<ByteRing> create();
  /// The same ring in a program that was executed with the descriptor open; takes it.
  static Result<ByteRing> open(Fd file);
  bool valid() const noexcept { return mapping_.data() != nullptr; }
  /// For open(); closed on exec unless somebody changes that.
  int descriptor() const noexcept { return file_.get(); }
  void close_descriptor() noexcept { file_.reset(); }
  /// Processes that this one forks from now on do not have it.
  void keep_from_forks() noexcept { mapping_.keep_from_forks(); }

  /// Writer: appends what fits, and returns how much of it that was. A torn write is never seen.
  std::size_t write_some(std::string_view bytes) noexcept;
  /// Writer, after a write: true, once, when the reader sleeps and must be rung.
  bool must_ring() noexcept;
  /// Writer, after write_some() wrote nothing and the bell was rung: until there may be room; may return early.
  void wait_for_room() noexcept;

  /// Reader: appends all there is to `out`. False when the state in the memory is impossible: somebody else wrote to
  /// it.
  bool read(std::string& out);
  /// Reader: from now on the writer rings. True when nothing came meanwhile; otherwise read() and ask again.
  bool fall_asleep() noexcept;

 private:
  Fd file_;
  Mapping mapping_;
  std::uint64_t taken_ = 0;  ///< Reader: what it took so far, as the memory has to say too.
};

}  // namespace cleave::os
