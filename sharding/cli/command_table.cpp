#include "cli/command_table.hpp"

#include <algorithm>

namespace cleave::cli {
namespace {

constexpr std::string_view kWhatARunIs =
    "A RUN is the directory of a run (cleave/<target>/runs/<id>), the folder\n"
    "cleave/<target>, which stands for its latest run, or a report.json.";

std::vector<CommandSpec> make_table() {
  std::vector<CommandSpec> table;

  CommandSpec run;
  run.name = "run";
  run.synopsis = "[OPTIONS] PROGRAM... [-- ARGUMENTS]";
  run.summary = "Run the tests of many programs side by side.";
  run.text =
      "PROGRAMs are test programs of GoogleTest or Catch2, with Cleave or without.\n"
      "ARGUMENTS go to every program. Reports of all of them are in cleave/run/latest.";
  run.options = {
      {"--jobs", "-j", "N|auto", "How many tests at a time (as many as CPUs may be used)"},
      {"--filter", "", "GLOB", "Only tests whose names match"},
      {"--timeout", "", "D", "Limit for one test: 250ms, 2s, 1m"},
      {"--retries", "", "N", "Run a test that failed up to N times more"},
      {"--fail-fast", "", "[k|k%]", "Stop after the first red test, after k, after k%"},
      {"--flaky", "", "pass|fail", "What a test that failed and then passed does"},
      {"--isolation", "", "shard|suite|test", "How much one process runs"},
      {"--output", "", "fail|capture|stream", "Show output of failed tests, of none, of all"},
      {"--config", "", "FILE", "Tags for tests of programs without Cleave: the rules of a CONFIG file"},
      {"--dir", "", "DIR", "Put all reports below DIR/cleave"},
      {"--cleave-...", "", "", "Any flag of programs with Cleave: see PROGRAM --cleave-help"},
  };
  run.examples = {"cleave run -j8 build/*_tests", "cleave run --filter 'Store*' --retries 2 build/store_tests"};
  table.push_back(run);

  CommandSpec plan;
  plan.name = "plan";
  plan.synopsis = "[OPTIONS] GRAPH.json|PROGRAM";
  plan.summary = "Show what would run, in which order and for how long.";
  plan.text = "No test is run.";
  plan.options = {
      {"--jobs", "-j", "N[,N...]", "How many lanes, 1 to 1024; several: 2,4,8"},
      {"--simulate", "", "", "Show when and in which lane each task would run"},
      {"--lanes", "", "", "Draw the lanes, a line for each"},
      {"--format", "", "text|dot|json", "How it is printed"},
  };
  plan.examples = {"cleave plan ./store_tests -j 2,4,8"};
  plan.at_most = 1;
  table.push_back(plan);

  CommandSpec list;
  list.name = "list";
  list.synopsis = "[--format text|json] PROGRAM...";
  list.summary = "Show the tests of programs with their tags; runs none.";
  list.text =
      "PROGRAMs are test programs of GoogleTest or Catch2, with Cleave or without. Each\n"
      "line is a program, a test, and in brackets its tags; disabled tests of programs\n"
      "without Cleave are marked.";
  list.options = {{"--format", "", "text|json", "How they are printed (text, where nothing is said)"}};
  list.examples = {"cleave list build/*_tests", "cleave list --format json build/store_tests"};
  table.push_back(list);

  CommandSpec status;
  status.name = "status";
  status.synopsis = "[--watch] RUN";
  status.summary = "Show how far a run is, from another terminal.";
  status.text =
      "A RUN is the directory of a run (cleave/<target>/runs/<id>), or the folder\n"
      "cleave/<target>, which stands for its latest run. Shown are how many tests are\n"
      "done, what is red, and what each shard runs, for how long. Of a cleave run (the\n"
      "folder cleave/run) each of its programs is shown. The run is only read: it is\n"
      "neither slowed down nor changed. The exit status is 0 whatever the run's is.";
  status.options = {{"--watch", "", "", "Show it again every second, until the run ends"}};
  status.examples = {"cleave status --watch build/cleave/store_tests"};
  status.takes = Takes::folders;
  status.at_most = 1;
  table.push_back(status);

  CommandSpec report;
  report.name = "report";
  report.synopsis = "[--format FORMAT] [-o FILE] RUN";
  report.summary = "Make a report of what a run left, in any format.";
  static const std::string kReportText =
      std::string(kWhatARunIs) +
      "\nOf a run that was killed before it reported, the report is made from its\n"
      "journals: what was running then is told as crashed, what did not start as not\n"
      "run. Nothing of the run itself is changed.\n"
      "\n"
      "The exit status is that of the run: 0 all passed; 1 tests failed; 3 the run\n"
      "broke; 4 nothing was run. Status 2 says that there is no such run, or that it\n"
      "still goes on.";
  report.text = kReportText;
  report.options = {
      {"--format", "", "text|junit|json|html|trace|tap|gtest-xml",
       "Which; where it is not said, what the end of FILE says, else text"},
      {"--output", "-o", "FILE", "Write it there, and not to standard output"},
  };
  report.examples = {"cleave report build/cleave/store_tests",
                     "cleave report --format tap build/cleave/store_tests/runs/20260101-*",
                     "cleave report -o page.html report.json"};
  report.at_most = 1;
  table.push_back(report);

  CommandSpec merge;
  merge.name = "merge";
  merge.synopsis = "-o FOLDER|FILE RUN...";
  merge.summary = "Join what machines or programs ran into one report.";
  static const std::string kMergeText =
      std::string(kWhatARunIs) +
      "\n\n"
      "Runs of one program, on several machines, become one: every test once. Where two\n"
      "of them ran the same test, the run that is named first counts when both are\n"
      "green or both red. When one says green and the other red, the red one counts and\n"
      "the merged run is broken (exit status 3), because one of them is wrong. Runs of\n"
      "several programs stand side by side, each suite with its program's name in\n"
      "front. Two programs on one machine are the same when their paths are; on two\n"
      "machines, when their targets are.\n"
      "\n"
      "The exit status is that of the whole: 0 all passed; 1 tests failed; 2 there is\n"
      "no such run, one is named twice, or still goes on; 3 a run broke; 4 nothing was\n"
      "run.";
  merge.text = kMergeText;
  merge.options = {
      {"--output", "-o", "FOLDER|FILE",
       "A folder for junit.xml, report.json, report.html and trace.json; or one of them, as the file's end says"},
      {"--format", "", "text|junit|json|html|trace|tap|gtest-xml", "That of FILE, whatever its end says"},
  };
  merge.examples = {"cleave merge -o merged/ node-*/cleave/store_tests", "cleave merge -o junit.xml */report.json"};
  table.push_back(merge);

  CommandSpec replay;
  replay.name = "replay";
  replay.synopsis = "[--run] RUN";
  replay.summary = "Run the same tests again, in the same processes.";
  replay.text =
      "Prints the line that does it, or does it with --run; the exit status is then\n"
      "that of the new run. The program must be where it was, with Cleave in it. It is\n"
      "called in the folder, with the arguments and with the GTEST_ variables that the\n"
      "run had; those that name a file of results are left out, and each is named.\n"
      "Flags of Cleave are those of the line that is printed.\n"
      "A RUN is the directory of a run, or the folder cleave/<target>, which stands\n"
      "for its latest run.";
  replay.options = {{"--run", "", "", "Do it, and do not only print the line"}};
  replay.examples = {"cleave replay --run build/cleave/store_tests"};
  replay.takes = Takes::folders;
  replay.at_most = 1;
  table.push_back(replay);

  CommandSpec explain;
  explain.name = "explain";
  explain.synopsis = "[--dir DIR] [--name NAME] TEST PROGRAM";
  explain.summary = "Tell all that is known of one test.";
  explain.text =
      "Its place, its tags, what they mean and where each is written: in the source, in\n"
      "cleave_add_shards(), or in the CONFIG file, with the pattern that matched; where\n"
      "and how it ran last; what former runs of the program showed. TEST is its name,\n"
      "Suite.Name, or in Catch2 the name. No test is run.";
  explain.options = {
      {"--dir", "", "DIR", "Where the reports are: DIR/cleave, not beside the program"},
      {"--name", "", "NAME", "Of a program with several calls of cleave_add_shards(): the one meant (that ran last)"},
  };
  explain.examples = {"cleave explain Orders.Ships build/store_tests"};
  explain.at_least = 2;
  explain.at_most = 2;
  table.push_back(explain);

  CommandSpec clean;
  clean.name = "clean";
  clean.synopsis = "[--keep N] [--dry-run] FOLDER...";
  clean.summary = "Remove old runs.";
  clean.text =
      "FOLDERs are cleave/<target>, or folders with such below cleave: build for\n"
      "build/cleave/*. Runs go with all that is in them, such as the temporary folders\n"
      "of failed tests. A run that goes on stays, whatever its age, and so do history,\n"
      "the names of failed tests, and all that Cleave did not make.";
  clean.options = {
      {"--keep", "", "N", "How many of the newest runs of each target stay (0)"},
      {"--dry-run", "-n", "", "Only say what would be removed"},
  };
  clean.examples = {"cleave clean --keep 1 build", "cleave clean -n build/cleave/store_tests"};
  clean.takes = Takes::folders;
  table.push_back(clean);

  CommandSpec show_history;
  show_history.name = "history show";
  show_history.synopsis = "[OPTIONS] PLACE [TEST-PATTERN]";
  show_history.summary = "Show what former runs of a program showed.";
  show_history.text =
      "Of each test what it takes and how much that differs, how often it ran, in how\n"
      "many runs it failed and then passed (flaky), and how its last attempts ended;\n"
      "what set-ups of suites and starts of processes cost; the last runs. PLACE is a\n"
      "folder cleave/<target>, the file history in it, or a test program.\n"
      "TEST-PATTERN selects tests by name; * and ? as in a shell. No test is run.";
  show_history.options = {
      {"--sort", "", "slowest|flakiest|name", "What comes first (slowest); flakiest counts how often it changed, too"},
      {"--limit", "-n", "N", "How many tests are shown (20; with --json all)"},
      {"--json", "", "", "As JSON"},
  };
  show_history.examples = {"cleave history show build/store_tests",
                           "cleave history show --sort flakiest build/cleave/store_tests 'Orders.*'"};
  show_history.at_most = 2;
  table.push_back(show_history);

  CommandSpec merge_history;
  merge_history.name = "history merge";
  merge_history.synopsis = "OUT IN...";
  merge_history.summary = "Make one history of what several know.";
  merge_history.text =
      "A history is the file cleave/<target>/history beside a test program. OUT is\n"
      "replaced: name it among the IN as well to keep what it knows.";
  merge_history.at_least = 2;
  table.push_back(merge_history);

  CommandSpec completion;
  completion.name = "completion";
  completion.synopsis = "bash|zsh";
  completion.summary = "Print what makes a shell complete its words.";
  completion.text =
      "  ~/.bashrc:  source <(cleave completion bash)\n"
      "  ~/.zshrc:   source <(cleave completion zsh)";
  completion.takes = Takes::words;
  completion.at_most = 1;
  table.push_back(completion);

  CommandSpec manual;
  manual.name = "manual";
  manual.synopsis = "";
  manual.summary = "Print the manual page.";
  manual.text = "It is installed as cleave(1). To read it from here: cleave manual | man -l -";
  manual.takes = Takes::nothing;
  manual.at_least = 0;
  manual.at_most = 0;
  table.push_back(manual);
  return table;
}

/// Words with their explanation, which begins in the same column in every line.
std::string two_columns(const std::string& words, std::string_view text) {
  constexpr std::size_t kColumn = 30;
  constexpr std::size_t kWidth = 80;
  std::string block = "  " + words;
  if (block.size() + 2 > kColumn) {
    block += "\n";
    block.append(kColumn, ' ');
  } else {
    block.append(kColumn - block.size(), ' ');
  }
  std::size_t column = kColumn;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (column > kColumn && column + 1 + end > kWidth) {
      block += "\n" + std::string(kColumn, ' ');
      column = kColumn;
    } else if (column > kColumn) {
      block += ' ';
      ++column;
    }
    block += text.substr(0, end);
    column += end;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return block + "\n";
}

}  // namespace

std::vector<std::string_view> OptionSpec::choices() const {
  std::vector<std::string_view> words;
  const bool free = std::ranges::any_of(value, [](char c) { return (c < 'a' || c > 'z') && c != '|' && c != '-'; });
  if (free || value.find('|') == std::string_view::npos) return words;
  for (std::string_view rest = value;;) {
    const std::size_t bar = rest.find('|');
    words.push_back(rest.substr(0, bar));
    if (bar == std::string_view::npos) return words;
    rest.remove_prefix(bar + 1);
  }
}

const std::vector<CommandSpec>& all_commands() {
  static const std::vector<CommandSpec> kTable = make_table();
  return kTable;
}

const CommandSpec* command_named(std::string_view name) {
  const auto& all = all_commands();
  const auto found = std::ranges::find_if(all, [&](const CommandSpec& command) { return command.name == name; });
  return found == all.end() ? nullptr : &*found;
}

std::string command_help(const CommandSpec& command) {
  std::string text = std::string(command.summary) + "\n\nUsage: cleave " + std::string(command.name);
  if (!command.synopsis.empty()) text += " " + std::string(command.synopsis);
  text += "\n\n" + std::string(command.text) + "\n\nOptions:\n";
  for (const OptionSpec& option : command.options) {
    const std::string letter = option.letter.empty() ? "    " : std::string(option.letter) + ", ";
    const std::string value = option.value.empty() ? "" : " " + std::string(option.value);
    text += two_columns(letter + std::string(option.name) + value, option.help);
  }
  text += two_columns("-h, --help", "Show this");
  if (!command.examples.empty()) text += "\nExamples:\n";
  for (const std::string_view example : command.examples) text += "  " + std::string(example) + "\n";
  return text;
}

}  // namespace cleave::cli
