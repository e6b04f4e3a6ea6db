#include "cli/command_line.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

#include "cli/tool.hpp"
#include "plan/nearest.hpp"

namespace cleave::cli {
namespace {

constexpr std::uint32_t kMostLanes = 1024;

constexpr const char* kDescription =
    "Cleave splits GoogleTest and Catch2 programs into shards that run side by side.\n"
    "This tool runs many of them side by side, and works with what runs leave behind.\n"
    "One test program itself runs over shards when it is called with --cleave-jobs=N.";

constexpr const char* kFooter =
    "'cleave COMMAND --help' tells more about one command.\n"
    "\n"
    "Examples:\n"
    "  cleave run -j8 build/*_tests        all tests of all programs, 8 at a time\n"
    "  cleave plan ./store_tests           what runs behind what, and how fast\n"
    "  cleave plan ./store_tests -j 2,4,8  the same for 2, 4 and 8 shards\n"
    "  cleave plan tasks.json --format dot | dot -Tsvg > plan.svg\n"
    "  cleave status --watch build/cleave/store_tests   how far a run is\n"
    "  cleave report -o junit.xml build/cleave/store_tests\n"
    "  cleave merge -o merged/ node-*/cleave/store_tests\n"
    "\n"
    "Exit status: 0 done; 1 tests failed; 2 the arguments or a file are wrong; 3 a\n"
    "run broke, or a program did not say what is in it; 4 there is nothing to run.";

constexpr const char* kPlanDescription = "Show what would run, in which order and for how long.";

constexpr const char* kPlanFooter =
    "No test is run. Shown are the phases with their tasks and what waits for what;\n"
    "the groups of tasks that may run side by side; the critical path; and for each\n"
    "number of lanes (shards) the time, the speed-up, and a lower bound that no order\n"
    "of the tasks can beat. Without --jobs: as many lanes as this machine has CPUs.\n"
    "\n"
    "A task file looks like this:\n"
    "  {\"tasks\": [{\"name\": \"compile\", \"duration\": \"2s\"},\n"
    "             {\"name\": \"link\", \"after\": [\"compile\"]}]}\n"
    "A task may also have suite, phase, serial, locks and weight; \"phases\" gives the\n"
    "order of the phases. An unknown duration counts as the median of the others.";

constexpr const char* kHistoryDescription = "Work with the history of durations and outcomes.";

constexpr const char* kMergeDescription = "Make one history of what several know.";

constexpr const char* kMergeFooter =
    "A history is the file cleave/<target>/history beside a test program. Where two\n"
    "know the same test, the one that saw it last counts, so that merging the same\n"
    "file twice changes nothing. OUT is replaced: name it among the IN as well to\n"
    "keep what it knows.";

Error usage(std::string what) { return Error{Errc::usage, std::move(what), 0}; }

std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& known) {
  const std::string near = plan::nearest(word, known);
  return near.empty() ? "; see cleave --help" : "; did you mean '" + near + "'?";
}

/// "8", "2,4,8".
Result<std::vector<std::uint32_t>> lanes_of(std::string_view text) {
  std::vector<std::uint32_t> lanes;
  std::string_view rest = text;
  for (bool more = true; more;) {
    const std::size_t comma = rest.find(',');
    const std::string_view word = rest.substr(0, comma);
    more = comma != std::string_view::npos;
    rest.remove_prefix(more ? comma + 1 : rest.size());
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
    if (error != std::errc() || end != word.data() + word.size() || number < 1 || number > kMostLanes) {
      return usage("--jobs='" + std::string(text) + "': '" + std::string(word) + "' is not a number from 1 to " +
                   std::to_string(kMostLanes));
    }
    if (std::ranges::find(lanes, number) == lanes.end()) lanes.push_back(number);
  }
  return lanes;
}

/// What an argument would have had to be.
Error unexpected(const std::string& argument, const std::vector<std::string_view>& options) {
  if (argument.starts_with('-'))
    return usage("option '" + argument + "' is unknown" +
                 did_you_mean(argument.substr(0, argument.find('=')), options));
  return usage("argument '" + argument + "' is one too many");
}

/// The word at `place` is one of the commands or options; CLI11 would not say what is wrong with it.
Result<void> check_command(const std::vector<std::string>& arguments, std::size_t place,
                           const std::vector<std::string_view>& commands,
                           const std::vector<std::string_view>& options) {
  if (place >= arguments.size()) return {};
  const std::string& word = arguments[place];
  const bool option = word.starts_with('-');
  if (option && word != "-h" && std::ranges::find(options, word) == options.end()) return unexpected(word, options);
  if (!option && std::ranges::find(commands, word) == commands.end())
    return usage("'" + word + "' is no command" + did_you_mean(word, commands));
  return {};
}

/// The options of `cleave plan`, as texts.
struct PlanWords {
  PlanRequest request;
  std::string jobs;
  std::string format = "text";
};

CLI::App* add_plan(CLI::App& app, PlanWords& words) {
  CLI::App* plan = app.add_subcommand("plan", kPlanDescription);
  plan->add_option("GRAPH.json|PROGRAM", words.request.source, "A file of tasks, or a test program with Cleave in it")
      ->required()
      ->type_name(" ");
  plan->add_option("-j,--jobs", words.jobs, "How many lanes, 1 to 1024; several: 2,4,8")->type_name("N[,N...]");
  plan->add_flag("--simulate", words.request.parts.schedule, "Show when and in which lane each task would run");
  plan->add_flag("--lanes", words.request.parts.lanes, "Draw the lanes, a line for each");
  plan->add_option("--format", words.format, "text (as is), dot (for Graphviz) or json")->type_name("text|dot|json");
  plan->footer(kPlanFooter);
  plan->allow_extras();
  return plan;
}

CLI::App* add_history_merge(CLI::App& app, HistoryMergeRequest& request) {
  CLI::App* history = app.add_subcommand("history", kHistoryDescription);
  history->footer("'cleave history merge --help' and 'cleave history show --help' tell more.");
  history->require_subcommand(1);
  history->add_subcommand("show", std::string(command_named("history show")->summary));
  CLI::App* merge = history->add_subcommand("merge", kMergeDescription);
  merge->add_option("OUT", request.out, "The file to write")->required()->type_name(" ");
  merge->add_option("IN", request.in, "The files to read, one or more")->required()->type_name(" ");
  merge->footer(kMergeFooter);
  merge->allow_extras();
  return merge;
}

/// One of those that run_tool() knows, with the words behind its name.
Result<Command> tool_command(std::string_view name, const std::vector<std::string>& arguments) {
  auto words = read_command_words(*command_named(name), arguments);
  if (!words) return words.error();
  if (words->help) return Command{Message{command_help(*words->command)}};
  return Command{std::move(*words)};
}

Result<Command> finished(PlanWords words, const CLI::App& plan) {
  const std::vector<std::string> extras = plan.remaining();
  if (!extras.empty()) return unexpected(extras.front(), {"--jobs", "--simulate", "--lanes", "--format", "--help"});
  if (plan.count("--jobs") > 0) {
    auto lanes = lanes_of(words.jobs);
    if (!lanes) return lanes.error();
    words.request.lanes = std::move(*lanes);
  }
  if (words.format == "dot") {
    words.request.format = PlanRequest::Format::dot;
  } else if (words.format == "json") {
    words.request.format = PlanRequest::Format::json;
  } else if (words.format != "text") {
    return usage("--format='" + words.format + "' is not text, dot or json");
  }
  return Command{std::move(words.request)};
}

}  // namespace

Result<Command> read_command_line(std::vector<std::string> arguments) {
  CLI::App app(kDescription, "cleave");
  app.footer(kFooter);
  app.get_formatter()->column_width(26);
  app.set_version_flag("--version", "cleave " CLEAVE_VERSION);
  PlanWords plan_words;
  CLI::App* const plan = add_plan(app, plan_words);
  HistoryMergeRequest merge_request;
  CLI::App* const merge = add_history_merge(app, merge_request);
  std::vector<std::string_view> names{"history"};
  for (const CommandSpec& command : all_commands()) {
    const std::string name(command.name);
    if (name.find(' ') != std::string::npos) continue;
    names.push_back(command.name);
    if (name != "plan") app.add_subcommand(name, std::string(command.summary));
  }
  app.require_subcommand(1);

  if (arguments.empty()) return usage("no command is given\n\n" + app.help());
  if (auto known = check_command(arguments, 0, names, {"--help", "--version"}); !known) return known.error();
  // Its words are those of programs with Cleave in them.
  if (arguments[0] == "run") {
    auto request = read_run_words({arguments.begin() + 1, arguments.end()});
    if (!request) return request.error();
    if (request->help) return Command{Message{run_help()}};
    return Command{std::move(*request)};
  }
  if (is_tool_command(arguments[0])) return tool_command(arguments[0], {arguments.begin() + 1, arguments.end()});
  if (arguments[0] == "history") {
    if (arguments.size() == 1)
      return usage("no command is given: legal are 'cleave history merge' and 'cleave history show'");
    if (auto known = check_command(arguments, 1, {"merge", "show"}, {"--help"}); !known) return known.error();
    if (arguments[1] == "show") return tool_command("history show", {arguments.begin() + 2, arguments.end()});
  }
  try {
    std::ranges::reverse(arguments);  // As CLI11 wants them.
    app.parse(std::move(arguments));
  } catch (const CLI::CallForHelp&) {
    return Command{Message{app.help()}};
  } catch (const CLI::CallForVersion& version) {
    return Command{Message{std::string(version.what()) + "\n"}};
  } catch (const CLI::ArgumentMismatch& error) {
    const std::string what = error.what();
    return usage(what.substr(0, what.find(':')) + ": the value is missing");
  } catch (const CLI::ParseError& error) {
    return usage(error.what());
  }
  if (plan->parsed()) return finished(std::move(plan_words), *plan);
  if (const auto extras = merge->remaining(); !extras.empty()) return unexpected(extras.front(), {"--help"});
  return Command{std::move(merge_request)};
}

}  // namespace cleave::cli
