#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "plan/json_reader.hpp"

namespace cleave::plan {

/// Goes through a text of JSON from front to back, and knows the words of it: space, strings, numbers. What reads a
/// word returns nothing when it went well, else what is wrong at the place where the cursor stopped.
class JsonCursor {
 public:
  explicit JsonCursor(std::string_view text) : text_(text) {}

  JsonPlace place() const noexcept { return place_; }
  bool at_end() const noexcept { return at_ == text_.size(); }
  /// The byte under the cursor; a zero at the end.
  char peek() const noexcept { return at_end() ? '\0' : text_[at_]; }
  /// The byte under the cursor for errors: "'x'", "byte 0x07", "the end of the text".
  std::string found() const;

  void advance() noexcept;
  void skip_space() noexcept;
  /// Goes behind `word` when the text goes on with it, and not with a longer word.
  bool take(std::string_view word) noexcept;

  /// A string in quotes, without its escapes, in UTF-8.
  std::optional<std::string> string(std::string& out);
  /// A number as it is written.
  std::optional<std::string> number(std::string& out);

 private:
  std::optional<std::string> escape(std::string& out);
  std::optional<std::string> unicode_escape(std::string& out);
  std::optional<std::string> four_digits(std::uint32_t& unit);
  std::optional<std::string> character(std::string& out);
  std::size_t digits(std::string& out);

  std::string_view text_;
  std::size_t at_ = 0;
  JsonPlace place_;
};

}  // namespace cleave::plan
