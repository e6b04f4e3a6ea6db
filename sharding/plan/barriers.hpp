#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "plan/result.hpp"
#include "plan/settings.hpp"
#include "plan/tags.hpp"
#include "plan/test_case.hpp"

namespace cleave::plan {

/// A point that tests wait at until others have passed: the checkpoint at the end of a phase, or what `after:` names.
/// It is open when all of its members passed, and failed when one of them came to a red outcome for good; what waits at
/// it is then not run.
struct Barrier {
  std::string name;  ///< "checkpoint build", "Schema.Migrates": completes "not run: … failed".
  bool checkpoint = false;
  std::chrono::nanoseconds timeout{};  ///< From the start of its first member. Zero: none.
};

/// What waits for what, by index into TestList::tests. Lists of barriers are ascending.
struct Barriers {
  std::vector<Barrier> all;
  std::vector<std::vector<std::uint32_t>> waits_for;  ///< Empty, or one for each test.
  std::vector<std::vector<std::uint32_t>> member_of;  ///< The same.
};

/// Makes barriers of `phase:` and `after:` tags. Only selected tests are members and wait: what is not selected holds
/// nothing up. Phases come in the order in which the settings declare them; without any declaration they are numbers
/// and come in their order. A test without a phase is bound to none.
/// An error names the tag and the test that has it, for a phase or a test that does not exist, and the whole way round
/// for a cycle.
Result<Barriers> make_barriers(const TestList& list, const std::vector<Constraints>& constraints,
                               const std::vector<PhaseSpec>& phases);

}  // namespace cleave::plan
