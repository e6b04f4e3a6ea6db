#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "plan/result.hpp"
#include "plan/settings.hpp"
#include "plan/test_case.hpp"

namespace cleave::plan {

/// A named lock that a test holds while it runs.
struct LockUse {
  std::string name;
  bool shared = false;  ///< `lock:NAME:read`: any number of readers at a time, no writer beside them.
  friend bool operator==(const LockUse&, const LockUse&) = default;
};

/// What Cleave must respect when it runs one test.
struct Constraints {
  bool serial = false;
  std::vector<LockUse> locks;  ///< Sorted by name, each name once; a writer's claim wins over a reader's.
  /// Fixtures named by `needs:` tags, sorted; each name once.
  std::vector<std::string> needs;
  bool says_needs = false;   ///< It has a `needs:` tag, if only `needs:none`.
  std::uint32_t weight = 1;  ///< `weight:K`: how many lanes' share of the machine it takes while it runs.
  std::uint64_t memory = 0;  ///< `memory:1G`: bytes that must be free when it starts, and are counted as its own.
  /// `isolation:suite`, `isolation:test`: how much of it one process runs, which runs nothing else; shard: as the run.
  Isolation isolation = Isolation::shard;
  std::int32_t priority = 0;  ///< `priority:P`: higher ones start first.
  std::string phase;          ///< `phase:NAME`; empty: bound to none.
  /// `after:Suite`, `after:Suite.Name`: starts when all of these have passed. Sorted; as written.
  std::vector<std::string> after;
  friend bool operator==(const Constraints&, const Constraints&) = default;
};

/// A CLEAVE_TAG or CLEAVE_TAG_TEST as it stands in the source.
struct RegisteredTag {
  std::string suite;
  std::string test;  ///< Empty: the whole suite.
  std::string tag;
  std::string file;
  int line = 0;
};

/// Adds what `tag` means to `constraints`, behind what is there already: of several weights and of several sizes of
/// memory the largest counts, of several isolations the strongest, of several priorities the last, locks, needs and
/// after add up, and a second phase is an error. An error says what is wrong with the tag and names the nearest one.
Result<void> apply_tag(std::string_view tag, Constraints& constraints);

/// The constraints of every test, by index, from all the ways to tag a test: names that start with `SERIAL_`, Catch2
/// tags, registered tags (those of suites, then those of tests), and the patterns of the settings, in this order. An
/// error names the tag or pattern that is malformed or matches no test of the binary, with the place where it was
/// written.
/// Catch2's own tags are the user's vocabulary: of those only `serial` and what begins with `lock:`, `weight:`,
/// `memory:`, `priority:`, `phase:` or `after:` mean something here, in upper or lower case, and only a malformed one
/// of these is an error. `fixtures` are the names of the fixtures that the binary declares; without any, a Catch2 tag
/// `needs:` is the user's own.
Result<std::vector<Constraints>> constraints_of(const TestList& list, const std::vector<RegisteredTag>& registered,
                                                const Settings& settings,
                                                const std::vector<std::string>& fixtures = {});

/// True when `declared` (as written in TEST, TEST_P, TYPED_TEST) is the suite or test name `actual` (as the framework
/// has it, for example "Inst/Shutdown/0"), for every instantiation.
bool names_instance_of(std::string_view declared, std::string_view actual) noexcept;

}  // namespace cleave::plan
