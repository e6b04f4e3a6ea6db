#pragma once

#include <cstdint>
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

  /// The name of the member whose value is written next.
  void key(std::string_view name);
  /// A string of any bytes; invalid UTF-8 becomes U+FFFD.
  void string(std::string_view bytes);
  void integer(std::int64_t value);
  void boolean(bool value);
  /// Seconds with nine decimals at most, exact, whatever the locale.
  void seconds(Nanoseconds value);

  void member(std::string_view name, std::string_view value) { key(name), string(value); }
  void member(std::string_view name, std::int64_t value) { key(name), integer(value); }

  /// The document, ended by a newline, or nothing where it went away in pieces; the writer is used up.
  std::string take() &&;

 private:
  void open(char bracket);
  void close(char bracket);
  void separate();
  void break_line();
  void quoted(std::string_view bytes);

  std::string out_;  ///< What was not handed on yet.
  Pieces pieces_;
  int broken_lines_;
  int depth_ = 0;
  bool first_ = true;  ///< Nothing was written yet at this level.
  bool after_key_ = false;
};

}  // namespace cleave::report
