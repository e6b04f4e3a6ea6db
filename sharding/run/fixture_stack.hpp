#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cleave/detail/fixture_api.hpp"
#include "run/undo_stack.hpp"

namespace cleave::run {

/// The fixtures that are up in this process, in the order in which they were set up.
class FixtureStack {
 public:
  struct Outcome {
    bool up = false;
    std::string payload;
    std::string why;
  };
  /// Sets one fixture up. When that throws, what it had registered is undone at once; failures of that are part of
  /// `why`.
  Outcome set_up(const detail::FixtureDefinition& fixture);
  /// Tears the newest one down; says its name and what went wrong (empty: nothing).
  struct Down {
    std::string name;
    std::string why;
  };
  Down tear_down_newest();
  bool empty() const noexcept { return up_.empty(); }

 private:
  struct Up {
    std::string name;
    std::unique_ptr<UndoStack> undo;
  };
  std::vector<Up> up_;
};

}  // namespace cleave::run
