#include "cli/history_show.hpp"

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>

#include "cli/columns.hpp"
#include "cli/kept_report.hpp"
#include "cli/program_home.hpp"
#include "cli/program_kind.hpp"
#include "os/file.hpp"
#include "plan/glob.hpp"
#include "plan/history.hpp"
#include "plan/whole_number.hpp"
#include "report/html.hpp"
#include "report/text.hpp"
#include "run/kept_run.hpp"

namespace cleave::cli {
namespace {

using Json = nlohmann::ordered_json;

Error usage(std::string what) { return Error{Errc::usage, std::move(what), 0}; }

/// The history that a user named, with the folder of its runs.
struct Place {
  std::string home;  ///< Empty for a file that stands alone.
  std::string file;
};

Result<Place> find_history(const std::string& given) {
  std::string path = given;
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  std::error_code failed;
  if (!std::filesystem::exists(path, failed)) return usage("'" + given + "' is not there");
  Place place{path, path + "/history"};
  if (!std::filesystem::is_directory(path, failed)) {
    if (os::file_name_of(path).starts_with("history")) {
      place = {os::directory_of(path), path};
    } else {
      if (const auto kind = kind_of_file(path); !kind) return kind.error();
      const std::string home = homes_of(path, "").front().path;
      place = {home, home + "/history"};
    }
  }
  if (!os::exists(place.file))
    return usage("'" + given + "' has no history (" + place.file +
                 "): name a folder cleave/<target>, the file history in it, or a test program that has run");
  return place;
}

/// One test of the history.
struct Row {
  const plan::TestKey* key;
  const plan::TestHistory* seen;
  std::uint32_t changes = 0;  ///< How often it went from green to red or back, in the outcomes that are kept.

  std::string name() const { return key->suite.empty() ? key->name : key->suite + "." + key->name; }
  std::uint32_t flakiness() const { return seen->flaky + changes; }
};

std::uint32_t changes_in(const std::string& outcomes) {
  std::uint32_t changes = 0;
  char before = 's';
  for (const char outcome : outcomes) {
    if (outcome == 's') continue;
    if (before != 's' && (before == 'p') != (outcome == 'p')) ++changes;
    before = outcome;
  }
  return changes;
}

std::vector<Row> rows_of(const plan::History& history, const std::string& pattern) {
  std::vector<Row> rows;
  for (const auto& [key, seen] : history.tests) {
    const Row row{&key, &seen, changes_in(seen.outcomes)};
    if (pattern.empty() || plan::glob_match(pattern, row.name()) || plan::glob_match(pattern, key.name))
      rows.push_back(row);
  }
  return rows;
}

/// They are in the order of names.
void sort(std::vector<Row>& rows, const std::string& by) {
  if (by == "name") return;
  std::ranges::stable_sort(rows, [&](const Row& a, const Row& b) {
    if (by == "flakiest" && a.flakiness() != b.flakiness()) return a.flakiness() > b.flakiness();
    return a.seen->expected() > b.seen->expected();
  });
}

std::string date_of(plan::Day day) {
  const std::time_t seconds = std::time_t{day} * 24 * 60 * 60;
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  char text[16];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%d", &utc)};
}

/// How a run of the folder ended.
struct PastRun {
  std::string id;
  std::string told;
};

/// The newest first.
std::vector<PastRun> last_runs(const std::string& home) {
  std::vector<PastRun> runs;
  for (const std::string& id : os::list_directory(home + "/runs")) {
    const std::string directory = home + "/runs/" + id;
    if (!os::exists(directory + "/run.bin")) continue;
    if (run::is_going_on(directory)) {
      runs.push_back({id, "goes on"});
      continue;
    }
    const auto report = report_of(RunPlace{directory, directory, directory + "/report.json"});
    runs.push_back({id, report ? report::headline(*report) : report.error().what});
  }
  std::ranges::sort(runs, [](const PastRun& a, const PastRun& b) { return a.id > b.id; });
  return runs;
}

double seconds_of(std::chrono::nanoseconds duration) { return std::chrono::duration<double>(duration).count(); }

Json json_of(const std::vector<Row>& rows, const plan::History& history, const std::vector<PastRun>& runs) {
  Json tests = Json::array();
  for (const Row& row : rows) {
    const plan::TestHistory& seen = *row.seen;
    Json test{{"suite", report::utf8(row.key->suite)},
              {"name", report::utf8(row.key->name)},
              {"runs", seen.runs},
              {"flaky_runs", seen.flaky},
              {"changes", row.changes},
              {"red", seen.red},
              {"outcomes", seen.outcomes},
              {"last_seen", date_of(seen.last_seen)}};
    if (seen.has_duration()) {
      test["expected_seconds"] = seconds_of(seen.expected());
      test["deviation_seconds"] = seconds_of(seen.passed.deviation);
    }
    tests.push_back(std::move(test));
  }
  Json suites = Json::array();
  for (const auto& [suite, cost] : history.suites) {
    suites.push_back({{"suite", report::utf8(suite)},
                      {"seconds", seconds_of(cost.cost.mean)},
                      {"deviation_seconds", seconds_of(cost.cost.deviation)},
                      {"samples", cost.cost.samples},
                      {"last_seen", date_of(cost.last_seen)}});
  }
  Json past = Json::array();
  for (const PastRun& run : runs) past.push_back({{"id", report::utf8(run.id)}, {"told", report::utf8(run.told)}});
  Json all{{"known_tests", history.tests.size()}, {"tests", std::move(tests)}, {"suite_set_ups", std::move(suites)}};
  if (history.process_start.cost.samples > 0)
    all["process_start_seconds"] = seconds_of(history.process_start.cost.mean);
  all["last_runs"] = std::move(past);
  return all;
}

std::string time_text(std::chrono::nanoseconds mean, std::chrono::nanoseconds deviation) {
  constexpr std::size_t kTime = 10;
  return right(report::duration_text(mean), kTime) + " " + right("±" + report::duration_text(deviation), kTime);
}

std::string text_of(const std::vector<Row>& rows, std::size_t left_out, const plan::History& history,
                    const std::vector<PastRun>& runs) {
  constexpr std::size_t kNumber = 6;
  constexpr std::size_t kOutcomes = plan::kOutcomesKept + 2;
  std::string text = right("takes", 10) + right("", 11) + right("runs", kNumber) + right("flaky", kNumber) + "  " +
                     left("last seen", 12) + left("outcomes", kOutcomes) + "test\n";
  for (const Row& row : rows) {
    const plan::TestHistory& seen = *row.seen;
    text +=
        seen.has_duration() ? time_text(seen.expected(), seen.passed.deviation) : right("unknown", 10) + right("", 11);
    text += right(std::to_string(seen.runs), kNumber) + right(std::to_string(seen.flaky), kNumber) + "  " +
            left(date_of(seen.last_seen), 12) + left(seen.outcomes, kOutcomes) + label(row.name()) + "\n";
  }
  if (left_out > 0) text += "and " + std::to_string(left_out) + " more: see --limit\n";
  text += "outcomes of the last attempts, newest last: p passed, f failed, s skipped, c crashed, t timed out\n";
  if (!history.suites.empty()) text += "\nset-up and tear-down of suites\n";
  for (const auto& [suite, cost] : history.suites)
    text += time_text(cost.cost.mean, cost.cost.deviation) + "  " + label(suite) + "\n";
  if (history.process_start.cost.samples > 0)
    text += time_text(history.process_start.cost.mean, history.process_start.cost.deviation) +
            "  from the start of a process to its first test\n";
  if (!runs.empty()) text += "\nlast runs\n";
  for (const PastRun& run : runs) text += "  " + label(run.id) + "  " + report::one_line(run.told) + "\n";
  return text;
}

}  // namespace

Result<Done> run_history_show(const CommandWords& words) {
  constexpr std::uint32_t kMost = 1000000;
  const auto limit = plan::whole_number<std::uint32_t>(words.value("--limit", "20"), 1, kMost);
  if (!limit)
    return usage("--limit='" + words.value("--limit") + "' is not a number from 1 to " + std::to_string(kMost));
  const auto place = find_history(words.words[0]);
  if (!place) return place.error();
  const auto bytes = os::read_file(place->file);
  if (!bytes) return usage(bytes.error().what);
  const auto history = plan::decode_history(*bytes, place->file);
  if (!history) return usage(history.error().what);
  const std::string pattern = words.words.size() > 1 ? words.words[1] : "";
  std::vector<Row> rows = rows_of(*history, pattern);
  if (rows.empty())
    return Error{Errc::nothing_to_run,
                 pattern.empty() ? place->file + " knows no test"
                                 : "none of the " + std::to_string(history->tests.size()) + " tests in " + place->file +
                                       " matches '" + pattern + "'",
                 0};
  sort(rows, words.value("--sort", "slowest"));
  const std::vector<PastRun> runs = last_runs(place->home);
  // A program that reads it wants all of them, unless it says otherwise.
  const std::size_t most = words.has("--json") && !words.has("--limit") ? rows.size() : *limit;
  const std::size_t left_out = rows.size() - std::min(rows.size(), most);
  rows.resize(rows.size() - left_out);
  if (words.has("--json")) return Done{json_of(rows, *history, runs).dump(1) + "\n"};
  return Done{text_of(rows, left_out, *history, runs)};
}

}  // namespace cleave::cli
