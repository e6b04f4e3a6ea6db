#include <vector>

#include "run/options.hpp"
#include "target.hpp"

namespace cleave::fuzz {

/// A command line, an argument a line; what a line lacks to be a flag of Cleave is put in front of it.
void flags(std::string_view bytes) {
  std::vector<std::string> words{"program"};
  while (!bytes.empty()) {
    const auto end = bytes.find('\n');
    std::string word(bytes.substr(0, end));
    word.resize(word.find('\0') == std::string::npos ? word.size() : word.find('\0'));
    words.push_back(word.starts_with("-") ? word : "--cleave-" + word);
    bytes.remove_prefix(end == std::string_view::npos ? bytes.size() : end + 1);
  }
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  const auto count = static_cast<int>(arguments.size());
  arguments.push_back(nullptr);
  const auto line = run::read_command_line(count, arguments.data());
  if (!line) {
    must(line.error().kind == Errc::usage && !line.error().what.empty(), "a bad flag is an error of usage");
    return;
  }
  const run::Options& options = line->options;
  must(options.jobs <= 1024, "jobs are in their range");
  must(options.max_load >= 0, "no load is negative");
  must(options.retries >= -1, "retries are stated or not");
  must(options.fail_fast.percent >= 0 && options.fail_fast.percent <= 100, "a share is one of 100");
  must(options.heartbeat.count() >= 0, "no heartbeat is negative");
}

}  // namespace cleave::fuzz
