#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plan/result.hpp"

namespace cleave::plan {

enum class JsonKind : std::uint8_t { null, boolean, number, string, array, object };

/// "an array", "a string" and so on, for errors.
std::string_view name_of(JsonKind kind) noexcept;

/// A place in a text, from 1 on. Columns count characters, not bytes.
struct JsonPlace {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
  friend bool operator==(const JsonPlace&, const JsonPlace&) = default;
};

class JsonDocument;
struct JsonNode;

/// A value of a document, by reference: good as long as the document is, also when that was moved.
class JsonValue {
 public:
  JsonKind kind() const noexcept;
  bool boolean() const noexcept;
  double number() const noexcept;
  /// The characters of a string, in UTF-8, which may include zeros; a number as it is written; else empty.
  const std::string& text() const noexcept;
  /// The name of a member of an object; of other values empty.
  const std::string& key() const noexcept;
  JsonPlace place() const noexcept;
  JsonPlace key_place() const noexcept;
  /// Elements of an array or members of an object, as written.
  std::vector<JsonValue> children() const;
  /// The member of an object with that name.
  std::optional<JsonValue> find(std::string_view key) const;
  /// RFC 6901: "/rules/0/tags"; empty for the whole document.
  std::string pointer() const;

 private:
  friend class JsonDocument;
  JsonValue(const JsonDocument& document, std::uint32_t index) noexcept;
  const JsonNode& node() const noexcept;

  const JsonNode* nodes_;
  std::uint32_t index_;
};

/// What a document is made of; for JsonValue and the reader only.
struct JsonNode {
  JsonKind kind = JsonKind::null;
  bool boolean = false;
  double number = 0;
  std::string text;
  std::string key;
  JsonPlace place;
  JsonPlace key_place;
  std::uint32_t parent = 0;    ///< The root is its own.
  std::uint32_t position = 0;  ///< Among the parent's children.
  std::uint32_t children = 0;  ///< The first one follows at once.
  std::uint32_t next = 0;      ///< The parent's next child; 0: none.
};

/// A text of JSON that was read, values in the order of the text. Never empty.
class JsonDocument {
 public:
  explicit JsonDocument(std::vector<JsonNode> nodes) : nodes_(std::move(nodes)) {}
  JsonValue root() const noexcept { return JsonValue(*this, 0); }

 private:
  friend class JsonValue;
  std::vector<JsonNode> nodes_;
};

inline constexpr std::size_t kJsonDepth = 64;          ///< Arrays and objects in each other.
inline constexpr std::size_t kJsonBytes = 4UL << 20U;  ///< Of one text that people write.

/// Reads strict JSON (RFC 8259) of UTF-8: no comments, no trailing commas, no byte order mark, no name twice in one
/// object. An error begins with `origin`, line and column, and the pointer to the value in which the text goes wrong.
/// @param most_bytes a longer text is an error.
Result<JsonDocument> read_json(std::string_view text, std::string_view origin, std::size_t most_bytes = kJsonBytes);

}  // namespace cleave::plan
