#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "plan/json_reader.hpp"
#include "plan/result.hpp"

namespace cleave::plan {

/// The values of a CONFIG file as what they must be. Every error begins with file, line, column and pointer, and says
/// what is legal.
class ConfigValues {
 public:
  /// `path` is the file's, and must outlive this.
  explicit ConfigValues(const std::string& path) : path_(path) {}

  const std::string& path() const noexcept { return path_; }
  /// "cleave.json:12:3: /rules/3".
  std::string origin_of(const JsonValue& value) const;
  Error wrong(const JsonValue& value, const std::string& what) const;
  /// `result` with the place of the value, when it is an error without one.
  Result<void> placed(const JsonValue& value, Result<void> result) const;

  Result<void> expect(const JsonValue& value, JsonKind kind, std::string_view legal) const;
  /// An object with no members but `known`, which begin with the `required` ones.
  Result<void> expect_members(const JsonValue& value, std::span<const std::string_view> known,
                              std::size_t required) const;
  /// A string that is not empty and has no zeros in it.
  Result<std::string> text(const JsonValue& value, std::string_view legal) const;
  /// An array with one element at least.
  Result<std::vector<JsonValue>> elements(const JsonValue& value, std::string_view legal) const;
  /// An array of patterns, one at least, each of them a string as text() has it.
  Result<std::vector<JsonValue>> patterns(const JsonValue& value) const;

  /// A string, as `parse` reads it.
  template <class T>
  Result<T> parsed(const JsonValue& value, std::string_view legal, Result<T> (*parse)(std::string_view)) const {
    auto string = text(value, legal);
    if (!string) return string.error();
    auto read = parse(*string);
    if (!read) return wrong(value, read.error().what);
    return read;
  }

 private:
  std::string at(JsonPlace place, const JsonValue& value) const;
  Error unknown_key(const JsonValue& member, std::span<const std::string_view> known) const;

  const std::string& path_;
};

}  // namespace cleave::plan
