#include "plan/sanitizer_report.hpp"

#include <algorithm>

namespace cleave::plan {
namespace {

constexpr std::size_t kMostText = 16 << 10;

/// "==123==ERROR: AddressSanitizer: …", "WARNING: ThreadSanitizer: …", "a.cpp:1:2: runtime error: …".
std::size_t headline(std::string_view output) {
  std::size_t first = std::string_view::npos;
  for (const std::string_view kind : {"ERROR: ", "WARNING: "}) {
    for (std::size_t at = output.find(kind); at != std::string_view::npos; at = output.find(kind, at + 1)) {
      const std::string_view name = output.substr(at + kind.size(), 32);
      const std::size_t sanitizer = name.find("Sanitizer: ");
      if (sanitizer == std::string_view::npos || name.substr(0, sanitizer).find(' ') != std::string_view::npos)
        continue;
      first = std::min(first, at);
      break;
    }
  }
  return std::min(first, output.find(": runtime error: "));
}

/// The line of the summary ends a report; without one the next empty line does.
std::size_t end_of(std::string_view report) {
  const std::size_t summary = report.substr(0, kMostText).find("SUMMARY: ");
  const std::size_t end = summary == std::string_view::npos ? report.find("\n\n") : report.find('\n', summary);
  return std::min({end, report.size(), kMostText});
}

}  // namespace

SanitizerReport first_sanitizer_report(std::string_view output) {
  const std::size_t at = headline(output);
  if (at == std::string_view::npos) return {};
  const std::size_t line = output.rfind('\n', at);
  SanitizerReport report;
  report.offset = line == std::string_view::npos ? 0 : line + 1;
  const std::string_view rest = output.substr(report.offset);
  report.text = rest.substr(0, end_of(rest));
  return report;
}

std::vector<std::string> sanitizer_logs(const std::vector<std::string>& environment, int pid) {
  constexpr std::string_view kPath = "log_path=";
  std::vector<std::string> logs;
  for (const std::string& entry : environment) {
    const std::size_t equals = entry.find('=');
    const std::string_view name = std::string_view(entry).substr(0, equals);
    const bool is_options = name == "ASAN_OPTIONS" || name == "HWASAN_OPTIONS" || name == "LSAN_OPTIONS" ||
                            name == "MSAN_OPTIONS" || name == "TSAN_OPTIONS" || name == "UBSAN_OPTIONS";
    if (!is_options || equals == std::string::npos) continue;
    // Options are parted by ':' or blanks; a path may stand in quotes. The last one counts.
    std::string path;
    const std::string_view options = std::string_view(entry).substr(equals + 1);
    for (std::size_t at = options.find(kPath); at != std::string_view::npos; at = options.find(kPath, at + 1)) {
      if (at > 0 && std::string_view(": ,\t\n").find(options[at - 1]) == std::string_view::npos) continue;
      std::string_view value = options.substr(at + kPath.size());
      const bool quoted = !value.empty() && (value[0] == '"' || value[0] == '\'');
      const std::size_t end = quoted ? value.find(value[0], 1) : value.find_first_of(": ,\t\n");
      path = value.substr(quoted ? 1 : 0, end == std::string_view::npos ? end : end - (quoted ? 1 : 0));
    }
    if (path.empty() || path == "stderr" || path == "stdout") continue;
    path += "." + std::to_string(pid);
    if (std::find(logs.begin(), logs.end(), path) == logs.end()) logs.push_back(std::move(path));
  }
  return logs;
}

bool is_symbolizer(std::string_view command) {
  // The kernel keeps 15 characters: of llvm-symbolizer-14 these too.
  return command == "llvm-symbolizer" || command == "addr2line";
}

}  // namespace cleave::plan
