#include "run/pass_cache.hpp"

#include <algorithm>
#include <array>

#include "os/build_id.hpp"
#include "os/file.hpp"
#include "os/machine.hpp"
#include "plan/passes.hpp"
#include "run/failure.hpp"

namespace cleave::run {
namespace {

std::string file_of(const Caller& caller) { return caller.home + "/passes"; }

/// Different in every shell or run, and none of a test's business.
bool is_passing(std::string_view variable) {
  constexpr std::array<std::string_view, 16> kNames{
      "PWD",  "OLDPWD",    "SHLVL",     "_",         "TERM",   "COLUMNS",   "LINES",        "WINDOWID",
      "TMUX", "TMUX_PANE", "MAKEFLAGS", "MAKELEVEL", "MFLAGS", "COLORTERM", "TERM_PROGRAM", "INVOCATION_ID"};
  const std::string_view name = variable.substr(0, variable.find('='));
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end() || name.starts_with("CLEAVE_") ||
         name.starts_with("SSH_") || name.starts_with("XDG_SESSION") || name.starts_with("CTEST_") ||
         name.starts_with("DASHBOARD_TEST_");
}

/// Which tests run and what is printed of them changes no test.
bool is_about_selection(std::string_view argument) {
  constexpr std::array<std::string_view, 4> kFlags{
      "--gtest_filter=", "--gtest_output=", "--gtest_color=", "--gtest_brief="};
  return std::any_of(kFlags.begin(), kFlags.end(), [&](std::string_view flag) { return argument.starts_with(flag); });
}

/// Path, size and time of a file; of a folder, of everything in it.
void add_stamp(const std::string& path, plan::Digest& digest) {
  digest.add(path);
  const auto names = os::list_directory(path);
  if (names.empty()) {
    const auto written = os::modified_at(path);
    digest.add(written ? std::to_string(written->count()) + "," + std::to_string(os::size_of(path)) : "none");
    return;
  }
  for (const std::string& name : names) add_stamp(path + "/" + name, digest);
}

/// Bytes of a file; of a folder, of all files in it.
void add_content(const std::string& path, plan::Digest& digest) {
  digest.add(path);
  const auto names = os::list_directory(path);
  for (const std::string& name : names) add_content(path + "/" + name, digest);
  if (!names.empty()) return;
  const auto bytes = os::read_file(path);
  digest.add(bytes ? "file" : "none");
  if (bytes) digest.add(*bytes);
}

std::string key_of(const Caller& caller) {
  plan::Digest digest;
  add_content(caller.binary, digest);
  for (const std::string& library : os::loaded_libraries()) add_stamp(library, digest);
  for (const std::string& argument : caller.program.arguments) {
    if (!is_about_selection(argument)) digest.add(argument);
  }
  std::vector<std::string> variables = os::all_environment();
  std::sort(variables.begin(), variables.end());
  for (const std::string& variable : variables) {
    if (!is_passing(variable)) digest.add(variable);
  }
  for (const std::string& assignment : caller.settings.environment) digest.add(assignment);
  for (const std::string& input : caller.settings.inputs) {
    if (input.starts_with("env:")) {
      digest.add(input);
      digest.add(os::environment(input.substr(4).c_str()).value_or("(unset)"));
    } else {
      add_content(input, digest);
    }
  }
  return digest.text();
}

std::uint64_t identity(const plan::TestCase& test) {
  return plan::identity_of(test.suite, test.name, test.file, test.line);
}

}  // namespace

void take_cached(const Caller& caller, RunContext& context) {
  if (!caller.options.cache) return;
  if (os::is_sanitized()) {
    warn("--cleave-cache: nothing is taken from it: this program was built with a sanitizer");
    return;
  }
  context.cache_key = key_of(caller);
  const auto text = os::read_file(file_of(caller));
  const plan::Passes passes = text ? plan::decode_passes(*text) : plan::Passes{};
  if (passes.key != context.cache_key) return;
  const plan::TestList& list = context.frame.list;
  context.cached.assign(list.tests.size(), false);
  if (context.times.empty()) {
    context.times.assign(list.tests.size(), static_cast<std::uint32_t>(std::max(0, list.repeat)));
  }
  for (std::size_t i = 0; i < list.tests.size(); ++i) {
    if (!list.tests[i].selected || list.repeat != 1 || passes.tests.count(identity(list.tests[i])) == 0) continue;
    context.cached[i] = true;
    context.times[i] = 0;
  }
}

Result<void> keep_passes(const Caller& caller, const RunContext& context, const report::RunReport& report) {
  if (context.cache_key.empty()) return {};
  const auto text = os::read_file(file_of(caller));
  plan::Passes passes = text ? plan::decode_passes(*text) : plan::Passes{};
  if (passes.key != context.cache_key) passes = plan::Passes{context.cache_key, {}};
  for (const report::TestRow& row : report.rows) {
    if (row.attempts.empty()) continue;
    const bool serial = row.index < context.constraints.size() && context.constraints[row.index].serial;
    const bool counts = row.outcome == plan::Outcome::passed && !row.flaky && row.quarantine.empty() && !serial;
    const std::uint64_t test = identity(report.list.tests[row.index]);
    if (counts) {
      passes.tests.insert(test);
    } else {
      passes.tests.erase(test);
    }
  }
  return os::write_private_file(file_of(caller), plan::encode_passes(passes));
}

}  // namespace cleave::run
