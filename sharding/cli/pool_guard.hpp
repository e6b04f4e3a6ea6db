#pragma once

#include <string>

#include "os/process.hpp"
#include "plan/result.hpp"

namespace cleave::cli {

/// A process beside `cleave run` that outlives it when it is killed: then it ends what the tests of programs without
/// Cleave started and left in sessions of their own, which no other way reaches. It knows them by a variable of their
/// environment. When this object goes it is ended.
class PoolGuard {
 public:
  /// Before anything else is started. Sets the variable for all that this process starts.
  static Result<PoolGuard> start(const std::string& run_id);

  int pid() const noexcept { return child_.pid(); }

  /// What takes a program out of its care.
  static constexpr const char* kVariable = "CLEAVE_POOL_ID";

 private:
  explicit PoolGuard(os::Child child) : child_(std::move(child)) {}

  os::Child child_;
};

}  // namespace cleave::cli
