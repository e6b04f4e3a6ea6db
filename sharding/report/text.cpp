#include "report/text.hpp"

#include <algorithm>
#include <array>

namespace cleave::report {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

std::string hex_escape(unsigned value) {
  constexpr std::string_view digits = "0123456789abcdef";
  if (value < 0x100) return {'\\', 'x', digits[value >> 4], digits[value & 15]};
  if (value > 0xFFFF) {
    std::string text = "\\U";
    for (int shift = 28; shift >= 0; shift -= 4) text += digits[(value >> shift) & 15];
    return text;
  }
  return {
      '\\', 'u', digits[(value >> 12) & 15], digits[(value >> 8) & 15], digits[(value >> 4) & 15], digits[value & 15]};
}

std::string padded(long long value, std::size_t width) {
  std::string text = std::to_string(value);
  return text.size() < width ? std::string(width - text.size(), '0') + text : text;
}

/// Characters that change how the rest of a line is shown or make two different names look alike.
bool reorders_or_hides(char32_t code) {
  return (code >= 0x80 && code < 0xA0) || (code >= 0x200B && code <= 0x200F) || (code >= 0x2028 && code <= 0x202E) ||
         (code >= 0x2060 && code <= 0x206F) || code == 0xFEFF || code == 0x61C || code == 0x180E ||
         (code >= 0xE0000 && code <= 0xE0FFF);
}

/// By byte, whether it stands for itself in text and attributes.
constexpr std::array<bool, 256> plain_in_xml() {
  std::array<bool, 256> plain{};
  for (unsigned byte = 0x20; byte < 0x80; ++byte) {
    plain[byte] = byte != '&' && byte != '<' && byte != '>' && byte != '"';
  }
  return plain;
}

void append_xml(std::string& out, std::string_view bytes, bool attribute) {
  static constexpr std::array<bool, 256> kPlain = plain_in_xml();
  for (std::size_t at = 0; at < bytes.size();) {
    std::size_t end = at;
    while (end < bytes.size() && kPlain[static_cast<unsigned char>(bytes[end])]) ++end;
    out += bytes.substr(at, end - at);
    at = end;
    if (at == bytes.size()) return;
    const auto byte = static_cast<unsigned char>(bytes[at]);
    if (byte < 0x80) {
      ++at;
      switch (byte) {
        case '&': out += "&amp;"; break;
        case '<': out += "&lt;"; break;
        case '>': out += "&gt;"; break;
        case '\r': out += "&#13;"; break;
        case '"': out += attribute ? "&quot;" : "\""; break;
        case '\n': out += attribute ? "&#10;" : "\n"; break;
        case '\t': out += attribute ? "&#9;" : "\t"; break;
        default: out += hex_escape(byte);
      }
      continue;
    }
    const Decoded step = decode_utf8(bytes, at);
    if (step.valid && step.code != 0xFFFE && step.code != 0xFFFF)
      out += bytes.substr(at, step.length);
    else
      out += kReplacement;
    at += step.length;
  }
}

std::string xml(std::string_view bytes, bool attribute) {
  std::string out;
  out.reserve(bytes.size() + bytes.size() / 16);
  append_xml(out, bytes, attribute);
  return out;
}

/// Writes the last digits of the number; returns where they end.
char* put_digits(char* at, unsigned number, std::size_t digits) {
  for (std::size_t place = digits; place-- > 0; number /= 10) at[place] = static_cast<char>('0' + number % 10);
  return at + digits;
}

}  // namespace

Decoded decode_utf8(std::string_view bytes, std::size_t at) noexcept {
  const auto byte_at = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  const unsigned lead = byte_at(at);
  if (lead < 0x80) return {lead, 1, true};
  std::size_t length = 0;
  unsigned low = 0x80;  // The range of the second byte excludes overlong forms, surrogates and what is past U+10FFFF.
  unsigned high = 0xBF;
  if (lead >= 0xC2 && lead <= 0xDF) {
    length = 2;
  } else if (lead >= 0xE0 && lead <= 0xEF) {
    length = 3;
    if (lead == 0xE0) low = 0xA0;
    if (lead == 0xED) high = 0x9F;
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    length = 4;
    if (lead == 0xF0) low = 0x90;
    if (lead == 0xF4) high = 0x8F;
  } else {
    return {0xFFFD, 1, false};
  }
  char32_t code = lead & (0xFFu >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if (at + i >= bytes.size() || byte_at(at + i) < low || byte_at(at + i) > high) return {0xFFFD, i, false};
    code = (code << 6) | (byte_at(at + i) & 0x3Fu);
    low = 0x80;
    high = 0xBF;
  }
  return {code, length, true};
}

std::string xml_text(std::string_view bytes) { return xml(bytes, false); }

std::string xml_attribute(std::string_view bytes) { return xml(bytes, true); }

void append_xml_text(std::string& out, std::string_view bytes) { append_xml(out, bytes, false); }

void append_xml_attribute(std::string& out, std::string_view bytes) { append_xml(out, bytes, true); }

std::string utf8(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  for (std::size_t at = 0; at < bytes.size();) {
    const Decoded step = decode_utf8(bytes, at);
    out += step.valid ? bytes.substr(at, step.length) : kReplacement;
    at += step.length;
  }
  return out;
}

std::string printable(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  for (std::size_t at = 0; at < bytes.size();) {
    const Decoded step = decode_utf8(bytes, at);
    const std::string_view character = bytes.substr(at, step.length);
    at += step.length;
    if (!step.valid)
      out += kReplacement;
    else if (character == "\r" && at < bytes.size() && bytes[at] == '\n')
      continue;
    else if (step.code == '\n' || step.code == '\t')
      out += character;
    else if (step.code < 0x20 || step.code == 0x7F || reorders_or_hides(step.code))
      out += hex_escape(step.code);
    else
      out += character;
  }
  return out;
}

std::string one_line(std::string_view bytes) {
  std::string line = printable(bytes);
  for (std::size_t at = line.find_first_of("\n\t"); at != std::string::npos; at = line.find_first_of("\n\t", at)) {
    line.replace(at, 1, line[at] == '\n' ? "\\n" : "\\t");
  }
  return line;
}

std::string without_colours(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t escape = std::min(text.find("\x1b["), text.size());
    out += text.substr(0, escape);
    text.remove_prefix(escape);
    if (text.empty()) break;
    const std::size_t end = text.find_first_not_of("0123456789;", 2);
    if (end != std::string_view::npos && text[end] == 'm') {
      text.remove_prefix(end + 1);
    } else {
      out += text.substr(0, 2);
      text.remove_prefix(2);
    }
  }
  return out;
}

std::string output_text(const Output& output) {
  const std::uint64_t kept = output.head.size() + output.tail.size();
  if (output.total <= kept) return output.head + output.tail;
  return output.head + "\n[… " + std::to_string(output.total - kept) + " bytes left out …]\n" + output.tail;
}

std::string duration_text(Nanoseconds duration) {
  const long long ns = std::max<long long>(0, duration.count());
  if (ns > 0 && ns < 500'000) return "<1 ms";
  if (const long long ms = (ns + 500'000) / 1'000'000; ms < 1000) return std::to_string(ms) + " ms";
  if (const long long hundredths = (ns + 5'000'000) / 10'000'000; hundredths < 6000) {
    return std::to_string(hundredths / 100) + '.' + padded(hundredths % 100, 2) + " s";
  }
  const long long seconds = ns / 1'000'000'000 + (ns % 1'000'000'000 >= 500'000'000 ? 1 : 0);
  if (seconds < 3600) return std::to_string(seconds / 60) + " m " + padded(seconds % 60, 2) + " s";
  return std::to_string(seconds / 3600) + " h " + padded(seconds / 60 % 60, 2) + " m";
}

std::string seconds_text(Nanoseconds duration) {
  const long long ns = std::max<long long>(0, duration.count());
  const long long ms = ns / 1'000'000 + (ns % 1'000'000 >= 500'000 ? 1 : 0);
  return std::to_string(ms / 1000) + '.' + padded(ms % 1000, 3);
}

std::string iso8601(UnixTime time) {
  const Iso8601 characters = iso8601_characters(time);
  return {characters.data(), characters.size()};
}

Iso8601 iso8601_characters(UnixTime time) noexcept {
  namespace chrono = std::chrono;
  const chrono::sys_time<chrono::milliseconds> moment(chrono::floor<chrono::milliseconds>(time));
  const auto midnight = chrono::floor<chrono::days>(moment);
  const chrono::year_month_day date(midnight);
  const chrono::hh_mm_ss<chrono::milliseconds> clock(moment - midnight);
  Iso8601 characters{};
  char* at = characters.data();
  const auto put = [&](unsigned number, std::size_t digits, char end) {
    at = put_digits(at, number, digits);
    *at++ = end;
  };
  put(static_cast<unsigned>(static_cast<int>(date.year())), 4, '-');  // 64 bits of nanoseconds reach from 1677 to 2262.
  put(static_cast<unsigned>(date.month()), 2, '-');
  put(static_cast<unsigned>(date.day()), 2, 'T');
  put(static_cast<unsigned>(clock.hours().count()), 2, ':');
  put(static_cast<unsigned>(clock.minutes().count()), 2, ':');
  put(static_cast<unsigned>(clock.seconds().count()), 2, '.');
  put(static_cast<unsigned>(clock.subseconds().count()), 3, 'Z');
  return characters;
}

}  // namespace cleave::report
