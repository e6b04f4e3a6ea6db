#include "run/arguments.hpp"

#include <algorithm>
#include <string_view>

#include "os/process.hpp"

namespace cleave::run {
namespace {

/// Options of Catch2 (v2.13 and v3) that take their value from the next argument, so that it is not read as an option.
bool takes_value(std::string_view option) {
  constexpr std::string_view kOptions[] = {
      "-o", "--out", "-r", "--reporter", "-n", "--name", "-x", "--abortx", "-w", "--warn", "-d", "--durations",
      "-D", "--min-duration", "-f", "--input-file", "-c", "--section", "-v", "--verbosity", "--order", "--rng-seed",
      "--use-colour", "--colour-mode", "--wait-for-keypress", "--benchmark-samples", "--benchmark-resamples",
      "--benchmark-confidence-interval", "--benchmark-warmup-time", "--shard-count", "--shard-index"};
  return std::find(std::begin(kOptions), std::end(kOptions), option) != std::end(kOptions);
}

/// An option of Catch2 split from its value, which may be attached ("-oF", "--out=F") or the next argument.
struct Option {
  std::string name;
  std::string value;
  std::size_t first = 0;  ///< Its arguments: [first, last].
  std::size_t last = 0;
};

std::vector<Option> options_of(const std::vector<std::string>& arguments) {
  std::vector<Option> options;
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument == "--") break;  // Test names from here on.
    if (argument.size() < 2 || argument[0] != '-') continue;
    Option option{argument, "", i, i};
    const bool is_long = argument[1] == '-';
    const auto separator = argument.find_first_of("=:");
    if (is_long && separator != std::string::npos) {
      option.name = argument.substr(0, separator);
      option.value = argument.substr(separator + 1);
    } else if (!is_long && argument.size() > 2) {
      option.name = argument.substr(0, 2);
      option.value = argument.substr(argument[2] == '=' || argument[2] == ':' ? 3 : 2);
    } else if (takes_value(argument) && i + 1 < arguments.size()) {
      option.value = arguments[++i];
      option.last = i;
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

std::vector<std::string> worker_arguments(const plan::TestList& list, const std::vector<std::string>& arguments,
                                          const std::string& directory, const std::string& shard, std::uint32_t seed) {
  if (list.framework != "catch2") return arguments;
  static std::uint32_t number = 0;  // Of this supervisor's workers: names never repeat within a run directory.
  ++number;
  std::vector<std::string> result = arguments;
  const std::vector<ReportFile> files = catch2_report_files(list, arguments);
  const auto part_of = [&](const std::string& path) -> std::string {
    for (std::size_t i = 0; i < files.size(); ++i) {
      if (files[i].path == path) {
        return directory + "/" + shard + "." + std::to_string(os::current_pid()) + "." + std::to_string(number) + ".part-" + std::to_string(i);
      }
    }
    return path;
  };
  bool has_order = false;
  bool has_seed = false;
  for (const Option& option : options_of(arguments)) {
    has_order = has_order || option.name == "--order";
    has_seed = has_seed || option.name == "--rng-seed";
    std::string& last = result[option.last];
    if (is_out(option)) {
      last = option.first == option.last ? option.name + (option.name == "--out" ? "=" : "") + part_of(option.value)
                                         : part_of(option.value);
    } else if (is_reporter(option)) {
      const auto [begin, end] = out_in_reporter(option.value);
      if (end == 0) continue;
      const std::string path = option.value.substr(begin, end - begin);
      last.replace(last.rfind(path), path.size(), part_of(path));
    }
  }
  if (has_order && !has_seed && seed != 0) {
    // Ahead of everything, since "--" may end the options.
    result.insert(result.begin() + 1, {"--rng-seed", std::to_string(seed)});
  }
  return result;
}

std::uint32_t seed_of_repetition(const plan::TestList& list, std::uint32_t repetition) {
  if (list.seed == 0 || list.framework != "gtest") return list.seed;
  constexpr std::uint32_t kLargest = 99999;  // GoogleTest counts its seed up from one repetition to the next, from 1 to this.
  return (list.seed - 1 + repetition) % kLargest + 1;
}

}  // namespace cleave::run
