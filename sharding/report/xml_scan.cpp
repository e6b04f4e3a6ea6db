#include "report/xml_scan.hpp"

#include <charconv>

namespace cleave::report {
namespace {

/// The place behind the `>` that ends the tag at `at`; attribute values may hold a bare `>`. npos when there is none.
std::size_t end_of_tag(std::string_view text, std::size_t at) {
  char quote = 0;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '>') {
      return at + 1;
    }
  }
  return std::string_view::npos;
}

bool ends_name(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '>' || c == '/'; }

/// The next `<name` with nothing but a delimiter behind it.
std::size_t find_start(std::string_view text, std::string_view name, std::size_t from) {
  const std::string opening = "<" + std::string(name);
  for (std::size_t at = text.find(opening, from); at != std::string_view::npos; at = text.find(opening, at + 1)) {
    const std::size_t behind = at + opening.size();
    if (behind < text.size() && ends_name(text[behind])) return at;
  }
  return std::string_view::npos;
}

void append_decoded(std::string& out, std::string_view reference) {
  if (reference == "amp")
    out += '&';
  else if (reference == "lt")
    out += '<';
  else if (reference == "gt")
    out += '>';
  else if (reference == "quot")
    out += '"';
  else if (reference == "apos")
    out += '\'';
  else
    out.append("&").append(reference).append(";");
}

}  // namespace

std::vector<XmlElement> find_elements(std::string_view text, std::string_view name) {
  std::vector<XmlElement> found;
  const std::string closing = "</" + std::string(name) + ">";
  for (std::size_t at = find_start(text, name, 0); at != std::string_view::npos;) {
    const std::size_t opened = end_of_tag(text, at);
    if (opened == std::string_view::npos) break;
    XmlElement element;
    element.start = text.substr(at, opened - at);
    std::size_t end = opened;
    if (text[opened - 2] != '/') {
      const std::size_t close = text.find(closing, opened);
      if (close == std::string_view::npos) break;
      element.inner = text.substr(opened, close - opened);
      end = close + closing.size();
    }
    element.whole = text.substr(at, end - at);
    found.push_back(element);
    at = find_start(text, name, end);
  }
  return found;
}

std::string attribute_of(std::string_view start_tag, std::string_view name) {
  const std::string opening = std::string(name) + "=\"";
  std::size_t at = 0;
  while (true) {
    // Walk from attribute to attribute, so that a value that looks like one is not taken for it.
    const std::size_t quote = start_tag.find('"', at);
    if (quote == std::string_view::npos) return {};
    const std::size_t end = start_tag.find('"', quote + 1);
    if (end == std::string_view::npos) return {};
    const std::string_view head = start_tag.substr(at, quote + 1 - at);
    at = end + 1;
    const std::size_t space = head.find_last_of(" \n\t");
    if (space == std::string_view::npos || head.substr(space + 1) != opening) continue;
    std::string value;
    std::string_view raw = start_tag.substr(quote + 1, end - quote - 1);
    while (!raw.empty()) {
      const std::size_t semicolon = raw[0] == '&' ? raw.find(';') : std::string_view::npos;
      if (semicolon == std::string_view::npos) {
        value += raw[0];
        raw.remove_prefix(1);
      } else {
        append_decoded(value, raw.substr(1, semicolon - 1));
        raw.remove_prefix(semicolon + 1);
      }
    }
    return value;
  }
}

unsigned long long count_of(std::string_view start_tag, std::string_view name) {
  const std::string text = attribute_of(start_tag, name);
  unsigned long long value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() ? value : 0;
}

}  // namespace cleave::report
