#include "run/fixture_registry.hpp"

#include <algorithm>

namespace cleave::run {

std::vector<detail::FixtureDefinition>& fixture_registry() {
  static auto* const fixtures = new std::vector<detail::FixtureDefinition>();
  return *fixtures;
}

std::vector<detail::PrefixHook>& prefix_hooks() {
  static auto* const hooks = new std::vector<detail::PrefixHook>();
  return *hooks;
}

const detail::FixtureDefinition* find_fixture(const std::string& name) {
  const auto& all = fixture_registry();
  const auto place = std::find_if(all.begin(), all.end(), [&](const auto& fixture) { return fixture.name == name; });
  return place == all.end() ? nullptr : &*place;
}

std::vector<plan::FixtureSpec> fixture_specs() {
  std::vector<plan::FixtureSpec> specs;
  for (const detail::FixtureDefinition& fixture : fixture_registry()) {
    specs.push_back({fixture.name, fixture.scope == detail::FixtureScope::shard, fixture.needs,
                     fixture.file + ":" + std::to_string(fixture.line)});
  }
  return specs;
}

}  // namespace cleave::run

namespace cleave::detail {

void register_fixture(FixtureDefinition definition) { run::fixture_registry().push_back(std::move(definition)); }

void register_prefix_hook(PrefixHook hook) { run::prefix_hooks().push_back(std::move(hook)); }

}  // namespace cleave::detail
