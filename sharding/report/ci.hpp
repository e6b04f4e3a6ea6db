#pragma once

#include <string>
#include <string_view>

#include "report/model.hpp"

namespace cleave::report {

/// What the log viewers of CI systems understand in the output of a job. All of it is plain text elsewhere.

/// Output of a test must not command the viewer: what would be read as a command (`::`, `##[`, `##teamcity[`) is taken
/// apart by a space.
std::string without_ci_commands(std::string_view text);

/// The file as a path below the checkout, as annotations need it: an absolute one without `checkout`, a relative one
/// (compilers write those seen from the build folder) without its leading `../`.
std::string path_in_checkout(std::string_view file, std::string_view checkout);

/// @name GitHub Actions, https://docs.github.com/actions/reference/workflow-commands-for-github-actions
/// @{
/// One `::error file=…,line=…,title=…::…` (`::warning` for what is borne) at the first failure of the attempt, or where
/// the test stands.
std::string github_annotation(const RunReport& report, const plan::TestCase& test, const Attempt& attempt,
                              std::string_view checkout, bool borne);
/// The text folded under its title.
std::string github_group(std::string_view title, std::string_view text);
/// Markdown for $GITHUB_STEP_SUMMARY: the totals, and what was red or flaky, twenty rows at most.
std::string github_summary(const RunReport& report);
/// @}

/// @name GitLab, https://docs.gitlab.com/ci/jobs/job_logs/#custom-collapsible-sections
/// @{
/// @param name letters, digits, `_`, `.`, `-`; unique in the log
std::string gitlab_section(std::string_view name, std::string_view title, std::string_view text, UnixTime when);
/// @}

/// @name TeamCity, https://www.jetbrains.com/help/teamcity/service-messages.html
/// @{
/// The messages of one test that came to its end, in a flow of its shard. What was not run is a failure there too.
std::string teamcity_test(const RunReport& report, const plan::TestCase& test, const Attempt& attempt);
/// @}

}  // namespace cleave::report
