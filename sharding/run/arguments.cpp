#include "run/arguments.hpp"

#include <algorithm>
#include <string_view>

#include "os/process.hpp"

namespace cleave::run {
namespace {

/// Options of Catch2 (v2.13 and v3) that take their value from the next argument, so that it is not read as an option.
bool takes_value(std::string_view option) {
  constexpr std::string_view kOptions[] = {"-o",
                                           "--out",
                                           "-r",
                                           "--reporter",
                                           "-n",
                                           "--name",
                                           "-x",
                                           "--abortx",
                                           "-w",
                                           "--warn",
                                           "-d",
                                           "--durations",
                                           "-D",
                                           "--min-duration",
                                           "-f",
                                           "--input-file",
                                           "-c",
                                           "--section",
                                           "-v",
                                           "--verbosity",
                                           "--order",
                                           "--rng-seed",
                                           "--use-colour",
                                           "--colour-mode",
                                           "--wait-for-keypress",
                                           "--benchmark-samples",
                                           "--benchmark-resamples",
                                           "--benchmark-confidence-interval",
                                           "--benchmark-warmup-time",
                                           "--shard-count",
                                           "--shard-index"};
  return std::find(std::begin(kOptions), std::end(kOptions), option) != std::end(kOptions);
}

/// An option of Catch2 with its value, which stands in arguments[place] from `offset` on.
struct Option {
  std::string name;
  std::string value;
  std::size_t place = 0;
  std::size_t offset = 0;
};

/// Options as Catch2 reads them: whatever starts with a dash, up to a blank, a colon or an equals sign; of several
/// short ones in one word ("-so FILE") the last takes the value; a value in a word of its own never starts with a dash.
std::vector<Option> options_of(const std::vector<std::string>& arguments) {
  std::vector<Option> options;
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument.size() < 2 || argument[0] != '-') continue;
    const std::size_t separator = argument.find_first_of(" :=");
    Option option{argument.substr(0, separator), "", i, 0};
    if (option.name.size() > 2 && option.name[1] != '-') option.name = std::string("-") + option.name.back();
    if (separator != std::string::npos) {
      option.offset = separator + 1;
      option.value = argument.substr(option.offset);
    } else if (takes_value(option.name) && i + 1 < arguments.size() && !arguments[i + 1].starts_with('-')) {
      option.place = ++i;
      option.value = arguments[i];
    }
    options.push_back(std::move(option));
  }
  return options;
}

bool is_out(const Option& option) { return option.name == "-o" || option.name == "--out"; }
bool is_reporter(const Option& option) { return option.name == "-r" || option.name == "--reporter"; }

/// Where v3's "junit::out=FILE::colour-mode=none" names its file: [begin, end) in the value; end 0 when it does not.
std::pair<std::size_t, std::size_t> out_in_reporter(const std::string& value) {
  const std::string_view key = "::out=";
  const auto at = value.find(key);
  if (at == std::string::npos) return {0, 0};
  const std::size_t begin = at + key.size();
  return {begin, std::min(value.find("::", begin), value.size())};
}

std::vector<std::string> with_gtest_seed(std::vector<std::string> arguments, std::uint32_t seed) {
  constexpr std::string_view kFlag = "gtest_random_seed=";
  for (std::string& argument : arguments) {
    const std::size_t dashes = argument.find_first_not_of('-');
    if (seed == 0 || dashes == 0 || dashes > 2 || !std::string_view(argument).substr(dashes).starts_with(kFlag))
      continue;
    argument = argument.substr(0, dashes + kFlag.size()) + std::to_string(seed);
  }
  return arguments;
}

}  // namespace

std::vector<ReportFile> catch2_report_files(const plan::TestList& list, const std::vector<std::string>& arguments) {
  std::vector<ReportFile> files;
  if (list.framework != "catch2") return files;
  std::string reporter = "console";
  std::string out;
  for (const Option& option : options_of(arguments)) {
    if (is_out(option)) out = option.value;
    if (!is_reporter(option)) continue;
    const auto [begin, end] = out_in_reporter(option.value);
    const std::string name = option.value.substr(0, option.value.find("::"));
    if (end > 0) {
      files.push_back({name, option.value.substr(begin, end - begin)});
    } else {
      reporter = name;
    }
  }
  if (!out.empty()) files.insert(files.begin(), ReportFile{reporter, out});
  std::erase_if(files, [](const ReportFile& file) { return file.path == "-" || file.path.starts_with('%'); });
  return files;
}

bool catch2_aborts_at_first_failure(const plan::TestList& list, const std::vector<std::string>& arguments) {
  if (list.framework != "catch2") return false;
  for (const Option& option : options_of(arguments)) {
    if (option.name == "-a" || option.name == "--abort") return true;
    if ((option.name == "-x" || option.name == "--abortx") && option.value == "1") return true;
  }
  return false;
}

std::vector<std::string> with_catch2_seed(std::vector<std::string> arguments, std::uint32_t seed) {
  const auto options = options_of(arguments);
  const bool stated =
      std::any_of(options.begin(), options.end(), [](const Option& option) { return option.name == "--rng-seed"; });
  if (seed == 0 || stated) return arguments;
  arguments.emplace_back("--rng-seed");
  arguments.push_back(std::to_string(seed));
  return arguments;
}

std::vector<std::string> worker_arguments(const plan::TestList& list, const std::vector<std::string>& arguments,
                                          const std::string& directory, const std::string& shard, std::uint32_t seed) {
  if (list.framework != "catch2") return with_gtest_seed(arguments, seed);
  static std::uint32_t number = 0;  // Of this supervisor's workers: names never repeat within a run directory.
  ++number;
  std::vector<std::string> result = arguments;
  const std::vector<ReportFile> files = catch2_report_files(list, arguments);
  const auto part_of = [&](const std::string& path) -> std::string {
    for (std::size_t i = 0; i < files.size(); ++i) {
      if (files[i].path == path) {
        return directory + "/" + shard + "." + std::to_string(os::current_pid()) + "." + std::to_string(number) +
               ".part-" + std::to_string(i);
      }
    }
    return path;
  };
  for (const Option& option : options_of(arguments)) {
    std::string path = option.value;
    std::size_t offset = option.offset;
    if (is_reporter(option)) {
      const auto [begin, end] = out_in_reporter(option.value);
      if (end == 0) continue;
      path = option.value.substr(begin, end - begin);
      offset += begin;
    } else if (!is_out(option)) {
      continue;
    }
    result[option.place].replace(offset, path.size(), part_of(path));
  }
  return result;
}

std::uint32_t seed_of_repetition(const plan::TestList& list, std::uint32_t repetition) {
  if (list.seed == 0 || list.framework != "gtest") return list.seed;
  constexpr std::uint32_t kLargest =
      99999;  // GoogleTest counts its seed up from one repetition to the next, from 1 to this.
  return (list.seed - 1 + repetition) % kLargest + 1;
}

}  // namespace cleave::run
