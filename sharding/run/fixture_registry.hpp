#pragma once

#include <string>
#include <vector>

#include "cleave/detail/fixture_api.hpp"
#include "plan/fixtures.hpp"

namespace cleave::run {

/// The fixtures that this program declares, in the order of static initialisation, which is the same in every process
/// of one binary. Made on first use, since other files may be initialised before this one; never destroyed.
std::vector<detail::FixtureDefinition>& fixture_registry();
std::vector<detail::PrefixHook>& prefix_hooks();

/// Null when there is none of that name.
const detail::FixtureDefinition* find_fixture(const std::string& name);

/// The declarations as the planner sees them, in the same order.
std::vector<plan::FixtureSpec> fixture_specs();

}  // namespace cleave::run
