/// The text of a failed assertion. Part of adapter.cpp, which has included adapter_v2.hpp or adapter_v3.hpp before.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace cleave::catch2 {
namespace {

/// Appends `label` and `body`, which starts on a line of its own if it has several.
void append(std::string& to, std::string_view label, std::string_view body) {
  if (!to.empty()) {
    to += '\n';
  }
  to += label;
  if (!label.empty() && !body.empty()) {
    to += body.find('\n') == std::string_view::npos ? ' ' : '\n';
  }
  to += body;
}

/// The first section is the test case itself.
void append_sections(std::string& what, const std::vector<std::string>& sections) {
  std::string path;
  for (std::size_t i = 1; i < sections.size(); ++i) {
    path += path.empty() ? "" : " > ";
    path += sections[i];
  }
  if (!path.empty()) {
    append(what, "in section:", path);
  }
}

/// What a reader needs of an assertion: the expression, its expansion, the messages, and where in the test it stands.
std::string describe(const Catch::AssertionStats& stats, const std::vector<std::string>& sections) {
  const Catch::AssertionResult& result = stats.assertionResult;
  const Catch::ResultWas::OfType type = result.getResultType();
  std::string what;
  // The framework's placeholder for "somewhere behind this line" starts with a brace; it is no expression.
  const std::string expression = result.hasExpression() ? result.getExpressionInMacro() : std::string();
  if (!expression.empty() && result.getExpression().rfind("{Unknown", 0) != 0) {
    append(what, {}, expression);
    if (type == Catch::ResultWas::ExpressionFailed && result.hasExpandedExpression()) {
      append(what, "with expansion:", result.getExpandedExpression());
    }
  }
  std::string own;
  if (result.hasMessage()) {
    own = static_cast<std::string>(result.getMessage());
  }
  switch (type) {
    case Catch::ResultWas::ThrewException: append(what, "unexpected exception with message:", own); break;
    case Catch::ResultWas::DidntThrowException:
      append(what, "no exception was thrown where one was expected", {});
      break;
    case Catch::ResultWas::FatalErrorCondition: append(what, "fatal error condition:", own); break;
    case Catch::ResultWas::ExplicitFailure:
      append(what, own.empty() ? "explicit failure" : "explicit failure with message:", own);
      break;
    case Catch::ResultWas::Warning: append(what, "warning:", own); break;
    default:
      if (is_skip(type)) {
        append(what, {}, own.empty() ? std::string_view("skipped") : std::string_view(own));
      } else if (!own.empty()) {
        append(what, "with message:", own);
      }
  }
  // The last message is the result's own, if it has one.
  const std::size_t infos = stats.infoMessages.size() - (result.hasMessage() && !stats.infoMessages.empty() ? 1 : 0);
  for (std::size_t i = 0; i < infos; ++i) {
    append(what, "with message:", stats.infoMessages[i].message);
  }
  append_sections(what, sections);
  return what;
}

}  // namespace
}  // namespace cleave::catch2
