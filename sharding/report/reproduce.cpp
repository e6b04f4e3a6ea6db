#include "report/console.hpp"
#include "report/text.hpp"

namespace cleave::report {
namespace {

bool is_plain_word(std::string_view text) {
  if (text.empty()) return false;
  for (const char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!letter && std::string_view("_./+-@%:,=").find(c) == std::string_view::npos) return false;
  }
  return true;
}

bool has_disabled_part(const plan::TestCase& test) {
  return test.suite.rfind("DISABLED_", 0) == 0 || test.suite.find("/DISABLED_") != std::string::npos ||
         test.name.rfind("DISABLED_", 0) == 0;
}

}  // namespace

std::string shell_quoted(std::string_view text) {
  if (printable(text) == text && text.find_first_of("\n\t") == std::string_view::npos) {
    std::string out = "'";
    for (const char c : text) {
      if (c == '\'')
        out += "'\\''";
      else
        out += c;
    }
    return out + "'";
  }
  std::string out = "$'";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\'' || c == '\\') {
      out.append({'\\', c});
    } else if (byte >= 0x20 && byte < 0x7F) {
      out += c;
    } else {
      // Three octal digits cannot run into a digit that follows.
      out.append({'\\', static_cast<char>('0' + (byte >> 6)), static_cast<char>('0' + ((byte >> 3) & 7)),
                  static_cast<char>('0' + (byte & 7))});
    }
  }
  return out + "'";
}

std::string framework_filter(const plan::TestCase& test, std::string_view framework) {
  if (framework == "gtest") return test.suite + "." + test.name;
  std::string spec;
  for (const char c : test.name) {
    const bool leading = spec.empty() && (c == '~' || c == '-');
    if (leading || c == '\\' || c == ',' || c == '[' || c == ']' || c == '"') spec += '\\';
    spec += c;
  }
  return spec;
}

std::string reproduce_line(const RunReport& report, const plan::TestCase& test) {
  std::string line = is_plain_word(report.binary) ? report.binary : shell_quoted(report.binary);
  const std::string filter = framework_filter(test, report.list.framework);
  if (report.list.framework != "gtest") return line + " " + shell_quoted(filter);
  if (has_disabled_part(test)) line += " --gtest_also_run_disabled_tests";
  return line + " --gtest_filter=" + shell_quoted(filter);
}

}  // namespace cleave::report
