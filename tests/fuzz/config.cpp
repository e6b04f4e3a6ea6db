#include "plan/config.hpp"

#include "target.hpp"

namespace cleave::fuzz {

/// CONFIG of cleave_add_shards(): a file that people write.
void config(std::string_view bytes) {
  plan::Settings settings;
  settings.phases.push_back({"build", std::chrono::minutes(1)});
  const auto applied = plan::apply_config(bytes, "/src/cleave.json", settings);
  must(applied || applied.error().what.starts_with("/src/cleave.json"), "an error begins with the file");
  if (!applied) return;
  must(settings.retries >= -1, "retries are stated or not");
  must(settings.fail_fast.percent >= 0 && settings.fail_fast.percent <= 100, "a share is one of 100");
  for (const plan::PhaseSpec& phase : settings.phases) must(phase.timeout.count() >= 0, "no time-out is negative");
}

}  // namespace cleave::fuzz
