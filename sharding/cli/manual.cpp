// The manual page cleave(1), from the same table as help and completion.
#include "cli/command_table.hpp"

namespace cleave::cli {
namespace {

/// Text as man(7) takes it for itself: no character of it commands the formatter.
std::string plain(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\\') {
      escaped += "\\e";
    } else if (c == '-') {
      escaped += "\\-";
    } else if (c == '\'') {
      escaped += "\\(aq";
    } else if (c == '~') {
      escaped += "\\(ti";
    } else if (c == '^') {
      escaped += "\\(ha";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

/// A line of text that no control character begins.
std::string line(std::string_view text) {
  const bool commands = text.starts_with('.') || text.starts_with('\'');
  return (commands ? "\\&" : "") + plain(text) + "\n";
}

/// Paragraphs; lines that begin with blanks stay as they are.
std::string paragraphs(std::string_view text) {
  std::string page;
  bool as_is = false;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view one = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (one.starts_with("  ") != as_is) {
      as_is = !as_is;
      page += as_is ? ".nf\n" : ".fi\n";
    }
    page += one.empty() ? ".PP\n" : line(one);
  }
  return page + (as_is ? ".fi\n" : "");
}

std::string option_entry(const OptionSpec& option) {
  std::string entry = ".TP\n";
  if (!option.letter.empty()) entry += "\\fB" + plain(option.letter) + "\\fR, ";
  entry += "\\fB" + plain(option.name) + "\\fR";
  if (!option.value.empty()) entry += " \\fI" + plain(option.value) + "\\fR";
  return entry + "\n" + line(std::string(option.help) + ".");
}

std::string section(const CommandSpec& command) {
  std::string page = ".SS cleave " + plain(command.name) + (command.synopsis.empty() ? "" : " ") +
                     plain(command.synopsis) + "\n" + line(command.summary) + ".PP\n" + paragraphs(command.text);
  for (const OptionSpec& option : command.options) page += option_entry(option);
  if (!command.examples.empty()) page += ".PP\n.nf\n";
  for (const std::string_view example : command.examples) page += "    " + line(example);
  return page + (command.examples.empty() ? "" : ".fi\n");
}

}  // namespace

std::string manual_page(std::string_view version) {
  std::string page =
      ".\\\" Written by 'cleave manual': change sharding/cli/command_table.cpp instead.\n.TH CLEAVE 1 \"\" \"cleave " +
      std::string(version) +
      "\" \"User Commands\"\n"
      ".SH NAME\ncleave \\- run GoogleTest and Catch2 programs side by side, and tell of it\n"
      ".SH SYNOPSIS\n\\fBcleave\\fR \\fICOMMAND\\fR [\\fIOPTIONS\\fR] [\\fIARGUMENTS\\fR]\n.br\n"
      "\\fBcleave\\fR [\\fICOMMAND\\fR] \\fB\\-\\-help\\fR | \\fB\\-\\-version\\fR\n"
      ".SH DESCRIPTION\n"
      "Cleave splits test programs into shards that run side by side. This tool runs many\n"
      "programs at once, and works with what their runs left behind.\n"
      "Each command knows \\fB\\-h\\fR and \\fB\\-\\-help\\fR.\n"
      ".SH COMMANDS\n";
  for (const CommandSpec& command : all_commands()) page += section(command);
  page +=
      ".SH EXIT STATUS\n"
      ".TP\n0\nDone; what was run or is told of is green.\n"
      ".TP\n1\nTests failed.\n"
      ".TP\n2\nThe arguments or a file are wrong.\n"
      ".TP\n3\nA run broke, or a program did not say what is in it.\n"
      ".TP\n4\nThere is nothing to run.\n"
      ".SH FILES\n"
      ".TP\n\\fIcleave/<target>/runs/<id>\\fR\nA run: junit.xml, report.json, report.html, trace.json, order.json, "
      "journals.\n"
      ".TP\n\\fIcleave/<target>/latest\\fR\nLeads to the newest run.\n"
      ".TP\n\\fIcleave/<target>/history\\fR\nDurations and outcomes of former runs.\n";
  return page;
}

}  // namespace cleave::cli
