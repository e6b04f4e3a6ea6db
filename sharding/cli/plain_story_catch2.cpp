#include <algorithm>
#include <charconv>
#include <optional>

#include "cli/plain_story.hpp"
#include "plan/seconds.hpp"
#include "report/xml_scan.hpp"

namespace cleave::cli {
namespace {

using plan::Outcome;
using report::MessageKind;
using report::XmlElement;

/// The text of an element without the reporter's indentation, decoded.
std::string text_of(std::string_view inner) {
  const auto first = inner.find_first_not_of(" \n\r\t");
  if (first == std::string_view::npos) return {};
  inner = inner.substr(first, inner.find_last_not_of(" \n\r\t") + 1 - first);
  std::string tag = " x=\"";
  for (const char c : inner) tag += c == '"' ? std::string("&quot;") : std::string(1, c);
  return report::attribute_of(tag + "\"", "x");
}

std::string text_of(std::string_view inner, std::string_view name) {
  const auto found = report::find_elements(inner, name);
  return found.empty() ? std::string() : text_of(found[0].inner);
}

report::Message located(std::string_view start, MessageKind kind, std::string text) {
  report::Message message;
  message.kind = kind;
  message.file = report::attribute_of(start, "filename");
  message.line = static_cast<std::int32_t>(report::count_of(start, "line"));
  message.text = std::move(text);
  return message;
}

/// An assertion in the form of Catch2's console.
std::string assertion_text(const XmlElement& expression) {
  const std::string original = text_of(expression.inner, "Original");
  const std::string expanded = text_of(expression.inner, "Expanded");
  const std::string macro = report::attribute_of(expression.start, "type");
  std::string text = macro.empty() ? original : macro + "( " + original + " )";
  if (!expanded.empty() && expanded != original) text += "\nwith expansion:\n  " + expanded;
  if (const std::string thrown = text_of(expression.inner, "Exception"); !thrown.empty())
    text += "\ndue to unexpected exception with message:\n  " + thrown;
  return text;
}

/// All elements of these names, in the order of the document.
std::vector<std::pair<std::string_view, XmlElement>> elements_in_order(std::string_view inner) {
  constexpr std::string_view kNames[] = {"Expression", "Failure", "Exception",          "Skip",
                                         "Info",       "Warning", "FatalErrorCondition"};
  std::vector<std::pair<std::string_view, XmlElement>> all;
  for (const std::string_view name : kNames) {
    for (const XmlElement& element : report::find_elements(inner, name)) all.emplace_back(name, element);
  }
  std::ranges::stable_sort(all,
                           [](const auto& a, const auto& b) { return a.second.whole.data() < b.second.whole.data(); });
  // What stands within an expression is told with it.
  std::vector<std::pair<std::string_view, XmlElement>> outer;
  for (const auto& each : all) {
    const char* const behind =
        outer.empty() ? nullptr : outer.back().second.whole.data() + outer.back().second.whole.size();
    if (each.second.whole.data() >= behind) outer.push_back(each);
  }
  return outer;
}

struct Told {
  std::vector<report::Message> messages;
  bool fatal = false;
};

/// INFO lines stand in front of the assertion that they belong to, and say nothing without one.
Told messages_in(std::string_view inner) {
  Told told;
  std::string infos;
  for (const auto& [name, element] : elements_in_order(inner)) {
    if (name == "Info" || name == "Warning") {
      infos += text_of(element.inner) + "\n";
      continue;
    }
    MessageKind kind = MessageKind::failure;
    std::string text = text_of(element.inner);
    if (name == "Expression") {
      text = assertion_text(element);
      const auto fatal = report::find_elements(element.inner, "FatalErrorCondition");
      if (!fatal.empty()) text = text_of(fatal[0].inner);
      told.fatal = told.fatal || !fatal.empty();
      if (report::attribute_of(element.start, "success") == "true") kind = MessageKind::note;
    } else if (name == "FatalErrorCondition") {
      told.fatal = true;
    } else if (name == "Skip") {
      kind = MessageKind::skip;
    } else if (name == "Exception") {
      text = "unexpected exception with message:\n  " + text;
    }
    if (!infos.empty()) text += "\nwith messages:\n" + infos;
    while (text.ends_with('\n')) text.pop_back();
    infos.clear();
    told.messages.push_back(located(element.start, kind, std::move(text)));
  }
  return told;
}

ToldTest told_test(std::string_view start, std::string_view inner, Story& story) {
  ToldTest told;
  told.name = report::attribute_of(start, "name");
  told.file = report::attribute_of(start, "filename");
  told.line = static_cast<std::int32_t>(report::count_of(start, "line"));
  Told messages = messages_in(inner);
  told.attempt.messages = std::move(messages.messages);
  const auto results = report::find_elements(inner, "OverallResult");
  if (results.empty()) return told;
  const XmlElement& result = results.back();
  // A fatal condition is the last that a test tells: it did not come to its end.
  told.ended = !messages.fatal;
  story.fatal = story.fatal || messages.fatal;
  const bool success = report::attribute_of(result.start, "success") == "true" && !messages.fatal;
  told.attempt.outcome = !success                                      ? Outcome::failed
                         : report::count_of(result.start, "skips") > 0 ? Outcome::skipped
                                                                       : Outcome::passed;
  if (success)
    std::erase_if(told.attempt.messages, [](const report::Message& one) { return one.kind != MessageKind::skip; });
  double seconds = 0;
  const std::string duration = report::attribute_of(result.start, "durationInSeconds");
  std::from_chars(duration.data(), duration.data() + duration.size(), seconds);
  told.attempt.duration = plan::nanoseconds_of(seconds);
  std::string output = text_of(result.inner, "StdOut");
  if (const std::string errors = text_of(result.inner, "StdErr"); !errors.empty())
    output += (output.empty() ? "" : "\n") + errors;
  told.attempt.output = kept_output(output);
  return told;
}

}  // namespace

Story read_catch2_story(std::string_view xml) {
  Story story;
  const auto tests = report::find_elements(xml, "TestCase");
  for (const XmlElement& test : tests) story.tests.push_back(told_test(test.start, test.inner, story));
  const std::size_t behind =
      tests.empty() ? 0 : static_cast<std::size_t>(tests.back().whole.data() - xml.data()) + tests.back().whole.size();
  // A start without an end: Catch2 writes each out before the test begins.
  if (const auto at = xml.find("<TestCase ", behind); at != std::string_view::npos) {
    const std::string_view rest = xml.substr(at);
    // The start tag is on a line of its own; a torn one tells of no test that has begun.
    const auto end = rest.find(">\n");
    if (end != std::string_view::npos)
      story.tests.push_back(told_test(rest.substr(0, end + 1), rest.substr(end + 1), story));
  }
  const bool closed = xml.find("</Catch>", behind) != std::string_view::npos ||
                      xml.find("</Catch2TestRun>", behind) != std::string_view::npos;
  story.complete = closed && !story.fatal;
  return story;
}

}  // namespace cleave::cli
