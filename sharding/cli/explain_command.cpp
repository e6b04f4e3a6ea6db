#include "cli/explain_command.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "cli/columns.hpp"
#include "cli/kept_report.hpp"
#include "cli/plain_program.hpp"
#include "cli/program_home.hpp"
#include "cli/program_list.hpp"
#include "os/file.hpp"
#include "plan/history.hpp"
#include "plan/nearest.hpp"
#include "plan/tag_sources.hpp"
#include "report/rows.hpp"
#include "report/text.hpp"
#include "run/history_store.hpp"
#include "run/kept_run.hpp"

namespace cleave::cli {
namespace {

using Json = nlohmann::json;

/// A program's tests, with tags as Cleave sees them.
struct Known {
  plan::TestList list;
  std::vector<std::vector<plan::TagSource>> sources;  ///< By test.
  std::string home;                                   ///< Where the program would have runs; empty: it did not say.
};

/// One test of a list that the program made.
void take(const Json& one, Known& known) {
  plan::TestCase test;
  test.suite = one.at("suite").get<std::string>();
  test.name = one.at("test").get<std::string>();
  test.file = one.at("file").get<std::string>();
  test.line = one.at("line").get<std::int32_t>();
  test.tags = one.at("tags").get<std::vector<std::string>>();
  known.list.tests.push_back(std::move(test));
  auto& sources = known.sources.emplace_back();
  const auto told = one.find("tag_sources");
  if (told == one.end()) return;
  for (const Json& source : *told) {
    sources.push_back({source.at("tag").get<std::string>(), source.at("place").get<std::string>(),
                       source.at("rule").get<std::string>()});
  }
}

/// @param settings as program_list_text() has it.
Result<Known> known_of(const std::string& program, const std::string& settings) {
  const auto kind = kind_of_file(program);
  if (!kind) return kind.error();
  Known known;
  if (!kind->sharded) {
    auto plain = list_plain_program(program, *kind, {});
    if (!plain) return plain.error();
    known.sources = plan::tag_sources(plain->list, {}, {}, false);
    known.list = std::move(plain->list);
    return known;
  }
  const auto text = program_list_text(program, settings);
  if (!text) return text.error();
  try {
    const Json all = Json::parse(*text);
    known.list.framework = all.at("framework").get<std::string>();
    known.home = all.at("home").get<std::string>();
    for (const Json& one : all.at("tests")) take(one, known);
  } catch (const Json::exception& error) {
    return Error{Errc::broken, "list the tests of " + program + ": " + error.what(), 0};
  }
  return known;
}

Result<std::size_t> find_test(const plan::TestList& list, const std::string& name, const std::string& program) {
  std::vector<std::string> names;
  for (const plan::TestCase& test : list.tests) names.push_back(plan::full_name(test, list.framework));
  const auto found = std::ranges::find(names, name);
  if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  const std::string near = plan::nearest(name, std::vector<std::string_view>(names.begin(), names.end()));
  return Error{Errc::usage,
               "'" + name + "' is no test of '" + program + "'" +
                   (near.empty() ? "; see cleave list" : "; did you mean '" + near + "'?"),
               0};
}

std::string entry(const std::string& what, const std::string& text) { return "  " + left(what, 12) + text + "\n"; }

/// What the tags mean, in words.
std::string meaning_of(const std::vector<plan::TagSource>& sources) {
  plan::Constraints constraints;
  for (const plan::TagSource& source : sources) (void)plan::apply_tag(source.tag, constraints);
  std::string text;
  const auto add = [&](const std::string& what) { text += entry("", what); };
  if (constraints.serial) add("serial: nothing else of any program of the run runs meanwhile");
  for (const plan::LockUse& lock : constraints.locks) add("holds the lock '" + label(lock.name) + "' while it runs");
  if (constraints.weight > 1) add("takes the place of " + std::to_string(constraints.weight) + " tests");
  if (!constraints.phase.empty()) add("runs in the phase '" + label(constraints.phase) + "'");
  for (const std::string& name : constraints.after) add("starts when " + label(name) + " has passed");
  if (constraints.priority != 0) add("has the priority " + std::to_string(constraints.priority));
  return text;
}

/// Where each tag is written.
std::string origins(const std::vector<plan::TagSource>& sources) {
  std::string text;
  for (const plan::TagSource& source : sources) {
    text += entry(text.empty() ? "from" : "", label(source.tag) + ": " + label(source.rule) +
                                                  (source.place.empty() ? "" : ", " + label(source.place)));
  }
  return text;
}

/// Where the plan of the last run had the test.
std::string planned(const run::RunContext& context, std::size_t index) {
  const plan::Plan& plan = context.plan;
  for (std::uint32_t item = 0; item < plan.items.size(); ++item) {
    if (plan.items[item].index != index) continue;
    const std::uint32_t number = plan.group_of(item);
    const plan::Group& group = plan.groups[number];
    const plan::Part& part = plan.parts[plan.part_of(number)];
    const auto begin = plan.order.begin() + part.begin;
    const auto place = std::find(begin, plan.order.begin() + part.end, number) - begin + 1;
    std::string text = entry("part", label(part.name));
    text += entry("turn", std::to_string(place) + " of " + std::to_string(part.end - part.begin) +
                              (group.end - group.begin == 1
                                   ? ", on its own"
                                   : ", with " + std::to_string(group.end - group.begin - 1) + " others of its group") +
                              (group.big ? ", started early because it takes long" : ""));
    for (const std::uint32_t barrier : plan.gates[group.gate].waits_for)
      text += entry("waits for", label(plan.barriers[barrier].name));
    return text;
  }
  return "";
}

std::optional<std::size_t> find_same(const plan::TestList& list, const plan::TestCase& test) {
  const auto same = [&](const plan::TestCase& one) { return one.suite == test.suite && one.name == test.name; };
  const auto found = std::ranges::find_if(list.tests, same);
  if (found == list.tests.end()) return std::nullopt;
  return static_cast<std::size_t>(found - list.tests.begin());
}

std::string last_run(const std::string& home, const plan::TestCase& test) {
  const auto place = find_run(home);
  if (!place) return "Last run: none in " + home + "\n";
  std::string text;
  if (const auto context = run::load_kept_run(place->directory)) {
    if (const auto index = find_same(context->frame.list, test)) text += planned(*context, *index);
  }
  const auto report = report_of(*place);
  if (!report) return "Last run: " + report.error().what + "\n" + text;
  text = "Last run: " + report->run_id + "\n" + text;
  const auto index = find_same(report->list, test);
  if (!index) return text + entry("outcome", "it was not selected");
  const report::TestRow& row = report->rows[*index];
  text += entry("outcome", std::string(plan::name_of(row.outcome)) + (row.flaky ? ", flaky" : "") +
                               (row.cause.empty() ? "" : " (" + report::one_line(row.cause) + ")"));
  if (!row.quarantine.empty()) text += entry("quarantine", report::one_line(row.quarantine));
  for (const report::Attempt& attempt : row.attempts) {
    std::string told = std::string(plan::name_of(attempt.outcome));
    if (!attempt.shard.empty()) told += " on " + label(attempt.shard);
    if (attempt.cached) told += ", taken over from an earlier run";
    told += ", " + report::duration_text(attempt.duration);
    const std::string why = report::attempt_headline(attempt);
    text +=
        entry("attempt " + std::to_string(attempt.attempt), told + (why.empty() ? "" : ": " + report::one_line(why)));
  }
  return text;
}

std::string history_of(const std::string& home, const plan::TestList& list, std::size_t index) {
  const run::LoadedHistory loaded = run::HistoryStore(home).load();
  if (!loaded.warning.empty()) return "History: " + loaded.warning + "\n";
  const auto found = loaded.history.tests.find(plan::keys_of(list)[index]);
  if (found == loaded.history.tests.end()) return "History: nothing is known of it\n";
  const plan::TestHistory& history = found->second;
  std::string text = "History:\n";
  text += entry("attempts", std::to_string(history.runs) + ", the last ones " + history.outcomes +
                                " (p passed, f failed, s skipped, c crashed, t timed out)");
  if (history.has_duration())
    text += entry("takes", report::duration_text(history.expected()) + ", give or take " +
                               report::duration_text(history.passed.deviation));
  text += entry("flaky", history.flaky == 0 ? "never" : "in " + std::to_string(history.flaky) + " runs");
  return text;
}

}  // namespace

Result<Done> run_explain(const CommandWords& words) {
  const std::string& program = words.words[1];
  const std::string base = words.has("--dir") ? os::absolute_path(words.value("--dir")) : "";
  std::vector<ProgramHome> homes = homes_of(program, base);
  if (words.has("--name")) {
    const std::string path = os::directory_of(homes.front().path) + "/" + words.value("--name");
    std::erase_if(homes, [&](const ProgramHome& home) { return home.path != path; });
    if (homes.empty())
      return Error{Errc::usage, "--name='" + words.value("--name") + "': '" + program + "' has no run in " + path, 0};
  }
  // A settings file that is gone says nothing any more.
  const std::string settings = os::exists(homes.front().settings) ? homes.front().settings : "";
  const auto known = known_of(program, settings);
  if (!known) return known.error();
  // Without a run, the program itself says where it would have them.
  if (!os::exists(homes.front().path) && !known->home.empty())
    homes.front().path = os::directory_of(homes.front().path) + "/" + os::file_name_of(known->home);
  const auto index = find_test(known->list, words.words[0], program);
  if (!index) return index.error();
  const plan::TestCase& test = known->list.tests[*index];
  std::string text = label(plan::full_name(test, known->list.framework)) + "\n";
  text += entry("place", label(report::location_text(test.file, test.line)));
  const std::vector<plan::TagSource>& sources = known->sources[*index];
  std::vector<std::string> tags = test.tags;
  for (const plan::TagSource& source : sources) {
    // One that stands already may be spelled in upper case there.
    const bool written = source.rule.starts_with('[') || std::ranges::find(tags, source.tag) != tags.end();
    if (!written) tags.push_back(source.tag);
  }
  std::string shown;
  for (const std::string& tag : tags) shown += (shown.empty() ? "" : ", ") + label(tag);
  text += entry("tags", shown.empty() ? "none" : shown) + meaning_of(sources) + origins(sources);
  text += last_run(homes.front().path, test) + history_of(homes.front().path, known->list, *index);
  for (std::size_t i = 1; i < homes.size(); ++i) {
    if (os::exists(homes[i].path)) text += "The program has runs in " + label(homes[i].path) + " as well: --name\n";
  }
  return Done{text};
}

}  // namespace cleave::cli
