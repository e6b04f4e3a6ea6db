#include "plan/json_reader.hpp"

#include <charconv>
#include <map>
#include <utility>

#include "plan/json_text.hpp"
#include "plan/quoted.hpp"

namespace cleave::plan {
namespace {

using Nodes = std::vector<JsonNode>;

/// The line of each name of one object.
using Names = std::map<std::string, std::uint32_t>;

/// One step of a pointer, with RFC 6901's escapes.
std::string escaped(std::string_view key) {
  std::string result;
  for (const char c : key) {
    if (c == '~') {
      result += "~0";
    } else if (c == '/') {
      result += "~1";
    } else {
      result += c;
    }
  }
  return result;
}

std::string pointer_to(const JsonNode* nodes, std::uint32_t index) {
  std::vector<std::uint32_t> path;
  for (; index != 0; index = nodes[index].parent) path.push_back(index);
  std::string result;
  for (auto step = path.rbegin(); step != path.rend(); ++step) {
    const JsonNode& node = nodes[*step];
    const bool is_member = nodes[node.parent].kind == JsonKind::object;
    result += "/" + (is_member ? escaped(node.key) : std::to_string(node.position));
  }
  return result;
}

/// Recursive descent over the text. Whatever fails says so once, at the place of the cursor.
class Reader {
 public:
  Reader(std::string_view text, std::string_view origin) : cursor_(text), origin_(origin) {}

  Result<JsonDocument> document() {
    if (auto read = value(0, 0, {}, {}); !read) return read.error();
    cursor_.skip_space();
    if (!cursor_.at_end()) return fail("expected the end of the text, found " + cursor_.found());
    return JsonDocument(std::move(nodes_));
  }

 private:
  Error fail(const std::string& what) const { return fail_at(cursor_.place(), what); }

  Error fail_at(JsonPlace place, const std::string& what) const {
    const std::string pointer = nodes_.empty() ? std::string() : pointer_to(nodes_.data(), inside_);
    return Error{Errc::usage,
                 std::string(origin_) + ":" + std::to_string(place.line) + ":" + std::to_string(place.column) + ": " +
                     (pointer.empty() ? "" : shown(pointer) + ": ") + what,
                 0};
  }

  /// Reads the next value as a child of `parent`.
  Result<void> value(std::uint32_t parent, std::uint32_t position, std::string key, JsonPlace key_place) {
    cursor_.skip_space();
    const auto index = static_cast<std::uint32_t>(nodes_.size());
    JsonNode node;
    node.key = std::move(key);
    node.key_place = key_place;
    node.place = cursor_.place();
    node.parent = parent;
    node.position = position;
    nodes_.push_back(std::move(node));
    inside_ = index;
    if (auto read = content(index); !read) return read;
    inside_ = parent;
    return {};
  }

  Result<void> content(std::uint32_t index) {
    const char c = cursor_.peek();
    if (c == '{') return nested(index, JsonKind::object);
    if (c == '[') return nested(index, JsonKind::array);
    if (c == '"') {
      nodes_[index].kind = JsonKind::string;
      return string(nodes_[index].text);
    }
    if (c == '-' || (c >= '0' && c <= '9')) return number(nodes_[index]);
    if (cursor_.take("null")) return {};
    nodes_[index].kind = JsonKind::boolean;
    nodes_[index].boolean = cursor_.peek() == 't';
    if (cursor_.take("true") || cursor_.take("false")) return {};
    return fail("expected a value, found " + cursor_.found());
  }

  Result<void> string(std::string& out) {
    if (auto wrong = cursor_.string(out)) return fail(*wrong);
    return {};
  }

  Result<void> number(JsonNode& node) {
    node.kind = JsonKind::number;
    if (auto wrong = cursor_.number(node.text)) return fail(*wrong);
    const auto [end, error] = std::from_chars(node.text.data(), node.text.data() + node.text.size(), node.number);
    if (error == std::errc() && end == node.text.data() + node.text.size()) return {};
    return fail_at(node.place, "number " + shown(node.text) + " is beyond what a double holds");
  }

  /// An array or an object: they differ in their brackets, and in that members have names.
  Result<void> nested(std::uint32_t index, JsonKind kind) {
    nodes_[index].kind = kind;
    if (depth_ == kJsonDepth)
      return fail("more than " + std::to_string(kJsonDepth) + " arrays and objects in each other");
    ++depth_;
    const char last = kind == JsonKind::object ? '}' : ']';
    cursor_.advance();
    cursor_.skip_space();
    if (cursor_.peek() != last) {
      if (auto read = children(index, kind); !read) return read;
    }
    cursor_.advance();
    --depth_;
    return {};
  }

  /// At least one child; ends before the closing bracket.
  Result<void> children(std::uint32_t index, JsonKind kind) {
    const char last = kind == JsonKind::object ? '}' : ']';
    Names lines;
    std::uint32_t before = 0;
    while (true) {
      std::string key;
      JsonPlace key_place;
      if (kind == JsonKind::object) {
        if (auto read = member_name(key, key_place, lines); !read) return read;
      }
      const auto child = static_cast<std::uint32_t>(nodes_.size());
      if (before != 0) nodes_[before].next = child;
      if (auto read = value(index, nodes_[index].children++, std::move(key), key_place); !read) return read;
      before = child;
      cursor_.skip_space();
      if (cursor_.peek() == last) return {};
      if (cursor_.peek() != ',') {
        return fail(std::string("expected ',' or '") + last + "', found " + cursor_.found());
      }
      cursor_.advance();
    }
  }

  /// A name that is new in its object, and the colon behind it.
  Result<void> member_name(std::string& key, JsonPlace& place, Names& lines) {
    cursor_.skip_space();
    place = cursor_.place();
    if (cursor_.peek() != '"') return fail("expected a name in quotes, found " + cursor_.found());
    if (auto read = string(key); !read) return read;
    const auto [known, is_new] = lines.emplace(key, place.line);
    if (!is_new) {
      return fail_at(place, "name " + quoted(key) + " stands in line " + std::to_string(known->second) +
                                " of this object already");
    }
    cursor_.skip_space();
    if (cursor_.peek() != ':')
      return fail("expected ':' behind the name " + quoted(key) + ", found " + cursor_.found());
    cursor_.advance();
    return {};
  }

  JsonCursor cursor_;
  std::string_view origin_;
  Nodes nodes_;
  std::uint32_t inside_ = 0;  ///< The innermost value whose reading has begun.
  std::size_t depth_ = 0;
};

}  // namespace

std::string_view name_of(JsonKind kind) noexcept {
  switch (kind) {
    case JsonKind::null: return "null";
    case JsonKind::boolean: return "a boolean";
    case JsonKind::number: return "a number";
    case JsonKind::string: return "a string";
    case JsonKind::array: return "an array";
    case JsonKind::object: return "an object";
  }
  return "";
}

JsonValue::JsonValue(const JsonDocument& document, std::uint32_t index) noexcept
    : nodes_(document.nodes_.data()), index_(index) {}

const JsonNode& JsonValue::node() const noexcept { return nodes_[index_]; }
JsonKind JsonValue::kind() const noexcept { return node().kind; }
bool JsonValue::boolean() const noexcept { return node().boolean; }
double JsonValue::number() const noexcept { return node().number; }
const std::string& JsonValue::text() const noexcept { return node().text; }
const std::string& JsonValue::key() const noexcept { return node().key; }
JsonPlace JsonValue::place() const noexcept { return node().place; }
JsonPlace JsonValue::key_place() const noexcept { return node().key_place; }
std::string JsonValue::pointer() const { return pointer_to(nodes_, index_); }

std::vector<JsonValue> JsonValue::children() const {
  std::vector<JsonValue> all;
  if (node().children == 0) return all;
  all.reserve(node().children);
  for (std::uint32_t child = index_ + 1; child != 0; child = nodes_[child].next) {
    JsonValue value = *this;
    value.index_ = child;
    all.push_back(value);
  }
  return all;
}

std::optional<JsonValue> JsonValue::find(std::string_view key) const {
  for (const JsonValue& child : children()) {
    if (child.key() == key) return child;
  }
  return std::nullopt;
}

Result<JsonDocument> read_json(std::string_view text, std::string_view origin, std::size_t most_bytes) {
  if (text.size() > most_bytes) {
    return Error{Errc::usage,
                 std::string(origin) + ": " + std::to_string(text.size()) + " bytes of JSON; legal are up to " +
                     std::to_string(most_bytes),
                 0};
  }
  return Reader(text, origin).document();
}

}  // namespace cleave::plan
