#include "run/leftovers.hpp"

#include <algorithm>
#include <string_view>

#include "os/file.hpp"
#include "os/process.hpp"

namespace cleave::run {

void Leftovers::add_prefix(const std::string& prefix) {
  if (std::find(prefixes.begin(), prefixes.end(), prefix) == prefixes.end()) prefixes.push_back(prefix);
}

void Leftovers::remove_prefix(const std::string& prefix) { std::erase(prefixes, prefix); }

Result<void> Leftovers::store() const {
  std::string text = "keeper " + keeper + "\n";
  for (const std::string& prefix : prefixes) text += "prefix " + prefix + "\n";
  for (const std::string& process : processes) text += "process " + process + "\n";
  return os::write_private_file(path_, text);
}

Result<void> Leftovers::close() const {
  if (!prefixes.empty()) return store();
  os::remove_tree(path_);
  return {};
}

std::vector<Leftovers> Leftovers::of_dead_runs(const std::string& home) {
  std::vector<Leftovers> dead;
  for (const std::string& run_id : os::list_directory(home + "/left")) {
    Leftovers left(home, run_id);
    auto text = os::read_file(left.path_);
    if (!text) continue;
    std::string_view rest(*text);
    while (!rest.empty()) {
      const auto end = std::min(rest.find('\n'), rest.size());
      const std::string_view line = rest.substr(0, end);
      rest.remove_prefix(std::min(end + 1, rest.size()));
      const auto space = std::min(line.find(' '), line.size());
      const std::string_view word = line.substr(0, space);
      const std::string value(line.substr(std::min(space + 1, line.size())));
      // A hook would take an empty prefix for that of everything.
      if (value.empty()) continue;
      if (word == "keeper") left.keeper = value;
      if (word == "prefix") left.prefixes.push_back(value);
      if (word == "process") left.processes.push_back(value);
    }
    if (!os::is_alive(left.keeper)) dead.push_back(std::move(left));
  }
  return dead;
}

}  // namespace cleave::run
