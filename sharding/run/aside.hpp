#pragma once

#include <chrono>
#include <functional>

#include "os/process.hpp"

namespace cleave::run {

/// Work in a fork of this process, beside what this one does: it reads what both have, writes files, and tells at its
/// end whether all went well. It dies with its parent, and whatever becomes of it, its caller can do the work itself.
class Aside {
 public:
  /// None.
  Aside() = default;
  /// Begins it. There is none when nothing could go on beside it, or a fork is not possible: on a single CPU, in a
  /// process with several threads, without the right to more processes.
  static Aside begin(const std::function<bool()>& work);

  /// Waits for its end, and ends it after `patience`. False when the work was not done, for whatever reason.
  bool done(std::chrono::milliseconds patience = std::chrono::minutes(1));

 private:
  os::Child child_;
};

}  // namespace cleave::run
