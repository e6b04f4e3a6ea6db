#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "report/model.hpp"

namespace cleave::report {

/// One step through text that may not be UTF-8.
struct Decoded {
  char32_t code = 0;       ///< U+FFFD when not `valid`.
  std::size_t length = 1;  ///< Bytes consumed, at least one.
  bool valid = false;
};

/// The character that starts at `bytes[at]`. An ill-formed sequence is consumed as far as it could have become a
/// character (the practice that the Unicode standard recommends), so that one broken character is one U+FFFD.
/// @pre at < bytes.size()
Decoded decode_utf8(std::string_view bytes, std::size_t at) noexcept;

/// Any bytes as the text of an XML 1.0 element: valid UTF-8 in, the same characters out when parsed, carriage returns
/// included. Invalid bytes become U+FFFD, and control characters that XML cannot hold are spelled out (`\x08`).
std::string xml_text(std::string_view bytes);

/// As xml_text(), for a value in double quotes: newlines and tabs survive the parser's normalisation.
std::string xml_attribute(std::string_view bytes);

/// The same, appended.
void append_xml_text(std::string& out, std::string_view bytes);
void append_xml_attribute(std::string& out, std::string_view bytes);

/// Valid UTF-8: every invalid sequence is replaced by U+FFFD, all else is kept.
std::string utf8(std::string_view bytes);

/// Text that is safe to write to a terminal: escape sequences, control characters and those that reorder a line are
/// spelled out, invalid bytes become U+FFFD; newlines and tabs stay, a carriage return before a newline goes.
std::string printable(std::string_view bytes);

/// printable() on one line, as names have it: newlines and tabs are spelled out (`\\n`, `\\t`).
std::string one_line(std::string_view bytes);

/// `text` without the colour sequences (`ESC [ … m`) that test programs like to print.
std::string without_colours(std::string_view text);

/// The kept bytes, with a line between head and tail that says how many were left out.
std::string output_text(const Output& output);

/// A duration for people: "<1 ms", "35 ms", "1.24 s", "2 m 03 s", "1 h 02 m". Negative counts as zero.
std::string duration_text(Nanoseconds duration);

/// Seconds with three decimals, rounded, whatever the locale: "1.240". Negative counts as zero.
std::string seconds_text(Nanoseconds duration);

/// "2024-02-29T23:59:58.123Z".
std::string iso8601(UnixTime time);

/// Its characters, for documents that have one a test.
using Iso8601 = std::array<char, 24>;
Iso8601 iso8601_characters(UnixTime time) noexcept;

}  // namespace cleave::report
