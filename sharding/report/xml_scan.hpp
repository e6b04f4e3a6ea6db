#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cleave::report {

/// Reads the XML that Catch2 writes, and no more: no comments inside of elements, no CDATA, `<` always escaped in text.
/// All views point into the document.
struct XmlElement {
  std::string_view whole;  ///< From `<name` to the end of its end tag.
  std::string_view start;  ///< The start tag.
  std::string_view inner;  ///< Between the tags; empty for `<name/>`.
};

/// The elements `name` in `text` that are not inside another of the same name, in order. One that does not end is left
/// out.
std::vector<XmlElement> find_elements(std::string_view text, std::string_view name);

/// The decoded value of an attribute in a start tag; empty when it is not there.
std::string attribute_of(std::string_view start_tag, std::string_view name);

/// attribute_of() as a number; 0 when it is not one.
unsigned long long count_of(std::string_view start_tag, std::string_view name);

}  // namespace cleave::report
