#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "report/model.hpp"
#include "report/pieces.hpp"

namespace cleave::report {

/// Writes JSON text front to back into one string, or hands it on piece by piece. A document object model costs several
/// allocations a value, which a report of 100,000 tests feels; this costs none. Calls must nest as the document does;
/// nothing checks it.
class JsonWriter {
 public:
  /// @param broken_lines How many levels of nesting put each of their values on a line of its own.
  /// @param pieces Where the text goes; without it take() has the whole.
  explicit JsonWriter(int broken_lines, Pieces pieces = nullptr)
      : pieces_(std::move(pieces)), broken_lines_(broken_lines) {}

  void begin_object() { open('{'); }
  void end_object() { close('}'); }
  void begin_array() { open('['); }
  void end_array() { close(']'); }

  /// The name of the member whose value is written next: one that the program knows, of characters that stand for
  /// themselves.
  template <std::size_t kSize>
  void key(const char (&name)[kSize]) {
    separate();
    constexpr std::size_t kLength = kSize - 1;
    char* const at = room(kLength + 3);
    at[0] = '"';
    std::memcpy(at + 1, name, kLength);
    at[kLength + 1] = '"';
    at[kLength + 2] = ':';
    used_ += kLength + 3;
    after_key_ = true;
  }
  /// The same for a name of any bytes.
  void key(std::string_view name);
  /// A string of any bytes; invalid UTF-8 becomes U+FFFD.
  void string(std::string_view bytes) {
    separate();
    quoted(bytes);
  }
  void integer(std::int64_t value);
  void boolean(bool value) {
    separate();
    append(value ? "true" : "false");
  }
  /// Seconds with nine decimals at most, exact, whatever the locale.
  void seconds(Nanoseconds value);

  template <class Name>
  void member(const Name& name, std::string_view value) {
    key(name), string(value);
  }
  template <class Name>
  void member(const Name& name, std::int64_t value) {
    key(name), integer(value);
  }

  /// The document, ended by a newline, or nothing where it went away in pieces; the writer is used up.
  std::string take() &&;

 private:
  void open(char bracket);
  void close(char bracket);
  /// What stands between the value at hand and the one before it.
  void separate() {
    if (after_key_) {
      after_key_ = false;
      return;
    }
    if (!first_) *room(1) = ',', ++used_;
    first_ = false;
    if (depth_ > 0 && depth_ <= broken_lines_) break_line();
  }
  void break_line();
  void quoted(std::string_view bytes);
  void quoted_from(std::string_view bytes, std::size_t at);
  void append(std::string_view text);
  /// Where the next bytes go: so many fit.
  char* room(std::size_t bytes) {
    if (out_.size() - used_ < bytes) grow(bytes);
    return out_.data() + used_;
  }
  void grow(std::size_t bytes);

  std::string out_;       ///< The first `used_` bytes are what was not handed on yet.
  std::size_t used_ = 0;  // Bytes are put into a string that is long enough: appending each is dearer than a number.
  Pieces pieces_;
  int broken_lines_;
  int depth_ = 0;
  bool first_ = true;  ///< Nothing was written yet at this level.
  bool after_key_ = false;
};

}  // namespace cleave::report
