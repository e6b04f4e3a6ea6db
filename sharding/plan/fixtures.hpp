#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "plan/result.hpp"
#include "plan/tags.hpp"

namespace cleave::plan {

/// A fixture as far as scheduling is concerned.
struct FixtureSpec {
  std::string name;
  bool per_shard = false;
  std::vector<std::string> needs;
  std::string place;  ///< "file:line"
};

/// What a test says when it needs no fixture.
inline constexpr std::string_view kNeedsNone = "none";

/// That names are legal and unique, that what is needed exists and is not narrower than what needs it (a run fixture
/// cannot need a shard fixture), and that there is no cycle. An error of kind `usage` names the place.
Result<void> check_fixtures(std::span<const FixtureSpec> fixtures);

/// The wanted fixtures with all that they need, each once: what is needed stands before what needs it; otherwise in the
/// order of declaration. @pre check_fixtures() found nothing, and every wanted name is one of `fixtures`.
std::vector<std::uint32_t> set_up_order(std::span<const FixtureSpec> fixtures, std::span<const std::string> wanted);

/// The fixtures that are up before the test starts, in set-up order: those of its `needs:` tags with what they need; for
/// a test without such a tag all run fixtures.
std::vector<std::uint32_t> fixtures_of(std::span<const FixtureSpec> fixtures, const Constraints& constraints);

}  // namespace cleave::plan
