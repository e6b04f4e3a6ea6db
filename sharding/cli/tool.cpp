#include "cli/tool.hpp"

#include <array>
#include <utility>

#include "cli/clean_command.hpp"
#include "cli/explain_command.hpp"
#include "cli/history_show.hpp"
#include "cli/list_command.hpp"
#include "cli/replay_command.hpp"
#include "cli/report_command.hpp"
#include "cli/status_command.hpp"

namespace cleave::cli {
namespace {

using Act = Result<Done> (*)(const CommandWords&);

Result<Done> run_manual(const CommandWords&) { return Done{manual_page(CLEAVE_VERSION)}; }

Result<Done> run_completion(const CommandWords& words) {
  std::string script = completion_script(words.words[0]);
  if (script.empty()) return Error{Errc::usage, "'" + words.words[0] + "' is not bash or zsh", 0};
  return Done{std::move(script)};
}

constexpr std::array<std::pair<std::string_view, Act>, 10> kActs{{
    {"list", run_list},
    {"status", run_status},
    {"clean", run_clean},
    {"replay", run_replay},
    {"explain", run_explain},
    {"history show", run_history_show},
    {"report", run_report},
    {"merge", run_merge},
    {"completion", run_completion},
    {"manual", run_manual},
}};

Act act_of(std::string_view name) {
  for (const auto& [known, act] : kActs) {
    if (known == name) return act;
  }
  return nullptr;
}

}  // namespace

bool is_tool_command(std::string_view name) { return act_of(name) != nullptr; }

Result<Done> run_tool(const CommandWords& words) { return act_of(words.command->name)(words); }

}  // namespace cleave::cli
