#include "report/json_writer.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "report/text.hpp"

namespace cleave::report {

namespace {

constexpr std::uint64_t kOnes = 0x0101010101010101U;
constexpr std::uint64_t kHigh = kOnes * 0x80;

/// Bytes that stand for themselves in a string: ASCII without control characters, quotes and backslashes.
bool is_plain(char character) {
  const auto byte = static_cast<unsigned char>(character);
  return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
}

/// The same for eight of them at once.
bool are_plain(std::uint64_t word) {
  const auto zeros = [](std::uint64_t w) { return (w - kOnes) & ~w & kHigh; };
  const std::uint64_t odd =
      (word & kHigh) | ((word - kOnes * 0x20) & ~word & kHigh) | zeros(word ^ kOnes * '"') | zeros(word ^ kOnes * '\\');
  return odd == 0;
}

std::uint64_t word_at(std::string_view bytes, std::size_t at) {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes.data() + at, sizeof word);
  return word;
}

/// Where the run of plain bytes ends, from `at` on.
std::size_t end_of_plain(std::string_view bytes, std::size_t at) {
  while (at + 8 <= bytes.size() && are_plain(word_at(bytes, at))) at += 8;
  while (at < bytes.size() && is_plain(bytes[at])) ++at;
  return at;
}

}  // namespace

std::string JsonWriter::take() && {
  append("\n");
  if (pieces_) {
    pieces_(std::string_view(out_).substr(0, used_));
    return {};
  }
  out_.resize(used_);
  return std::move(out_);
}

void JsonWriter::grow(std::size_t bytes) {
  constexpr std::size_t kLeast = 256;
  out_.resize(std::max({kLeast, 2 * out_.size(), used_ + bytes}));
}

void JsonWriter::append(std::string_view text) { used_ += text.copy(room(text.size()), text.size()); }

void JsonWriter::break_line() {
  const auto indent = static_cast<std::size_t>(depth_);
  char* const at = room(1 + indent);
  at[0] = '\n';
  std::memset(at + 1, ' ', indent);
  used_ += 1 + indent;
}

void JsonWriter::open(char bracket) {
  separate();
  *room(1) = bracket;
  ++used_;
  ++depth_;
  first_ = true;
}

void JsonWriter::close(char bracket) {
  const bool was_empty = first_;
  const bool broken = depth_ <= broken_lines_;
  --depth_;
  first_ = false;
  if (!was_empty && broken) break_line();
  *room(1) = bracket;
  ++used_;
  if (pieces_ && used_ >= kPiece) {
    pieces_(std::string_view(out_).substr(0, used_));
    used_ = 0;
  }
}

void JsonWriter::key(std::string_view name) {
  separate();
  quoted(name);
  *room(1) = ':';
  ++used_;
  after_key_ = true;
}

void JsonWriter::quoted(std::string_view bytes) {
  char* const text = room(bytes.size() + 2) + 1;
  text[-1] = '"';
  std::size_t plain = 0;
  for (; plain + 8 <= bytes.size(); plain += 8) {
    const std::uint64_t word = word_at(bytes, plain);
    if (!are_plain(word)) break;
    std::memcpy(text + plain, &word, sizeof word);
  }
  for (; plain < bytes.size() && is_plain(bytes[plain]); ++plain) text[plain] = bytes[plain];
  used_ += 1 + plain;
  if (plain < bytes.size()) quoted_from(bytes, plain);
  *room(1) = '"';
  ++used_;
}

void JsonWriter::quoted_from(std::string_view bytes, std::size_t at) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::size_t plain = at;  // Start of what needs no change and is not copied yet.
  for (; at < bytes.size(); at = end_of_plain(bytes, at)) {
    const auto byte = static_cast<unsigned char>(bytes[at]);
    const Decoded step = decode_utf8(bytes, at);
    if (step.valid && byte >= 0x80) {
      at += step.length;
      continue;
    }
    append(bytes.substr(plain, at - plain));
    if (!step.valid) {
      append("\xEF\xBF\xBD");
    } else if (byte == '"' || byte == '\\') {
      append(std::string_view(byte == '"' ? "\\\"" : "\\\\"));
    } else if (byte == '\n') {
      append("\\n");
    } else if (byte == '\t') {
      append("\\t");
    } else {
      const char escape[] = {'\\', 'u', '0', '0', digits[byte >> 4], digits[byte & 15]};
      append({escape, sizeof escape});
    }
    at += step.length;
    plain = at;
  }
  append(bytes.substr(plain));
}

void JsonWriter::integer(std::int64_t value) {
  separate();
  constexpr std::size_t kMost = 24;  // Characters, which hold every 64-bit number.
  char* const at = room(kMost);
  used_ += static_cast<std::size_t>(std::to_chars(at, at + kMost, value).ptr - at);
}

void JsonWriter::seconds(Nanoseconds value) {
  constexpr std::int64_t second = 1'000'000'000;
  const std::int64_t ns = value.count();
  if (ns < 0 && ns / second == 0) {  // The sign would be lost with a whole part of zero.
    separate();
    append("-");
    after_key_ = true;
  }
  integer(ns / second);
  std::int64_t fraction = ns % second;
  if (fraction < 0) fraction = -fraction;
  if (fraction == 0) return;
  constexpr std::size_t kDecimals = 9;
  char decimals[1 + kDecimals] = {'.'};
  for (std::size_t place = kDecimals; place > 0; fraction /= 10) {
    decimals[place--] = static_cast<char>('0' + fraction % 10);
  }
  std::size_t size = sizeof decimals;
  while (decimals[size - 1] == '0') --size;
  append({decimals, size});
}

}  // namespace cleave::report
