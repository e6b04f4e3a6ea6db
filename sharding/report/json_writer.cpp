#include "report/json_writer.hpp"

#include <charconv>
#include <cstring>

#include "report/text.hpp"

namespace cleave::report {

namespace {

/// Where the run of bytes that stand for themselves in a string ends, from `at` on: ASCII without control characters,
/// quotes and backslashes. Eight at a time: a byte of `odd` has its high bit set when that byte is none of them.
std::size_t end_of_plain(std::string_view bytes, std::size_t at) {
  constexpr std::uint64_t ones = 0x0101010101010101U;
  constexpr std::uint64_t high = ones * 0x80;
  const auto zeros = [](std::uint64_t word) { return (word - ones) & ~word & high; };
  for (; at + 8 <= bytes.size(); at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, sizeof word);
    const std::uint64_t odd =
        (word & high) | ((word - ones * 0x20) & ~word & high) | zeros(word ^ ones * '"') | zeros(word ^ ones * '\\');
    if (odd != 0) break;
  }
  for (; at < bytes.size(); ++at) {
    const auto byte = static_cast<unsigned char>(bytes[at]);
    if (byte < 0x20 || byte >= 0x80 || byte == '"' || byte == '\\') break;
  }
  return at;
}

}  // namespace

std::string JsonWriter::take() && {
  out_ += '\n';
  if (!pieces_) return std::move(out_);
  pieces_(out_);
  return {};
}

void JsonWriter::separate() {
  if (after_key_) {
    after_key_ = false;
    return;
  }
  if (!first_) out_ += ',';
  first_ = false;
  break_line();
}

void JsonWriter::break_line() {
  if (depth_ == 0 || depth_ > broken_lines_) return;
  out_ += '\n';
  out_.append(static_cast<std::size_t>(depth_), ' ');
}

void JsonWriter::open(char bracket) {
  separate();
  out_ += bracket;
  ++depth_;
  first_ = true;
}

void JsonWriter::close(char bracket) {
  const bool was_empty = first_;
  const bool broken = depth_ <= broken_lines_;
  --depth_;
  first_ = false;
  if (!was_empty && broken) {
    out_ += '\n';
    out_.append(static_cast<std::size_t>(depth_), ' ');
  }
  out_ += bracket;
  if (pieces_ && out_.size() >= kPiece) {
    pieces_(out_);
    out_.clear();
  }
}

void JsonWriter::key(std::string_view name) {
  separate();
  quoted(name);
  out_ += ':';
  after_key_ = true;
}

void JsonWriter::string(std::string_view bytes) {
  separate();
  quoted(bytes);
}

void JsonWriter::quoted(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  out_ += '"';
  std::size_t plain = 0;  // Start of what needs no change and is not copied yet.
  for (std::size_t at = end_of_plain(bytes, 0); at < bytes.size(); at = end_of_plain(bytes, at)) {
    const auto byte = static_cast<unsigned char>(bytes[at]);
    const Decoded step = decode_utf8(bytes, at);
    if (step.valid && byte >= 0x80) {
      at += step.length;
      continue;
    }
    out_ += bytes.substr(plain, at - plain);
    if (!step.valid)
      out_ += "\xEF\xBF\xBD";
    else if (byte == '"' || byte == '\\')
      out_.append({'\\', bytes[at]});
    else if (byte == '\n')
      out_ += "\\n";
    else if (byte == '\t')
      out_ += "\\t";
    else
      out_.append("\\u00").append({digits[byte >> 4], digits[byte & 15]});
    at += step.length;
    plain = at;
  }
  out_ += bytes.substr(plain);
  out_ += '"';
}

void JsonWriter::integer(std::int64_t value) {
  separate();
  char digits[24];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, value);
  static_cast<void>(error);  // 24 characters hold every 64-bit number.
  out_.append(digits, end);
}

void JsonWriter::boolean(bool value) {
  separate();
  out_ += value ? "true" : "false";
}

void JsonWriter::seconds(Nanoseconds value) {
  constexpr std::int64_t second = 1'000'000'000;
  const std::int64_t ns = value.count();
  if (ns < 0 && ns / second == 0) {  // The sign would be lost with a whole part of zero.
    separate();
    out_ += '-';
    after_key_ = true;
  }
  integer(ns / second);
  std::int64_t fraction = ns % second;
  if (fraction < 0) fraction = -fraction;
  if (fraction == 0) return;
  std::string decimals = std::to_string(fraction);
  decimals.insert(0, 9 - decimals.size(), '0');
  decimals.erase(decimals.find_last_not_of('0') + 1);
  out_.append(".").append(decimals);
}

}  // namespace cleave::report
