#include <algorithm>
#include <array>

#include "report/console.hpp"
#include "report/text.hpp"

namespace cleave::report {
namespace {

constexpr bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_plain_word(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return is_letter_or_digit(c) || std::string_view("_./+-@%:,=").find(c) != std::string_view::npos;
  });
}

constexpr std::array<bool, 256> plain_in_names() {
  std::array<bool, 256> plain{};
  for (int byte = 0; byte < 128; ++byte)
    plain[static_cast<std::size_t>(byte)] = is_letter_or_digit(static_cast<char>(byte));
  for (const char c : std::string_view("_/. ")) plain[static_cast<unsigned char>(c)] = true;
  return plain;
}

/// Means the same in a filter of a framework and between single quotes. Not every name that does is known as one.
bool is_plain_name(std::string_view text) {
  static constexpr std::array<bool, 256> kPlain = plain_in_names();
  return std::all_of(text.begin(), text.end(), [](char c) { return kPlain[static_cast<unsigned char>(c)]; });
}

bool has_disabled_part(const plan::TestCase& test) {
  return test.suite.rfind("DISABLED_", 0) == 0 || test.suite.find("/DISABLED_") != std::string::npos ||
         test.name.rfind("DISABLED_", 0) == 0;
}

}  // namespace

std::string shell_quoted(std::string_view text) {
  if (is_plain_name(text)) return "'" + std::string(text) + "'";
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

bool reproduces_by_name(const plan::TestCase& test) {
  return is_plain_name(test.suite) && is_plain_name(test.name) && !has_disabled_part(test);
}

std::string reproduce_line(const RunReport& report, const plan::TestCase& test) {
  std::string line = is_plain_word(report.binary) ? report.binary : shell_quoted(report.binary);
  const std::string filter = framework_filter(test, report.list.framework);
  if (report.list.framework != "gtest") return line + " " + shell_quoted(filter);
  if (has_disabled_part(test)) line += " --gtest_also_run_disabled_tests";
  return line + " --gtest_filter=" + shell_quoted(filter);
}

}  // namespace cleave::report
