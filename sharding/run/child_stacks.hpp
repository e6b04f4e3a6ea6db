#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "run/stacks.hpp"

namespace cleave::run {

/// The processes below one that came to its limit, which it may be waiting for: who they are, what they do, and where
/// they are as far as they may be looked at. Passive, as StackTaking is.
class ChildStacks {
 public:
  /// So many are looked at; of the others only the number is told.
  static constexpr std::size_t kMost = 8;

  /// Nobody.
  ChildStacks() = default;
  /// Those that are alive now below `pid`, with what each does: to be asked before anything is stopped.
  static ChildStacks below(int pid);
  /// Starts to read their stacks; without a program that could, what is known stays all.
  void begin(const StackReader& reader, const std::string& scratch);

  /// As StackTaking has them; deadline() is Nanoseconds::max() once done().
  std::vector<int> poll_fds() const;
  std::chrono::nanoseconds deadline() const;
  bool done() const;
  /// A title for each, with its stacks below it. Once, when done(); empty when there is nobody.
  std::string finish();

 private:
  struct Each {
    int pid = 0;
    std::string title;
    std::unique_ptr<StackTaking> taking;
  };
  std::vector<Each> all_;
  std::size_t others_ = 0;
};

}  // namespace cleave::run
