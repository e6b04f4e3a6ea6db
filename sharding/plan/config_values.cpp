#include "plan/config_values.hpp"

#include <algorithm>

#include "plan/nearest.hpp"
#include "plan/quoted.hpp"

namespace cleave::plan {

std::string ConfigValues::at(JsonPlace place, const JsonValue& value) const {
  const std::string pointer = value.pointer();
  return path_ + ":" + std::to_string(place.line) + ":" + std::to_string(place.column) +
         (pointer.empty() ? "" : ": " + shown(pointer));
}

std::string ConfigValues::origin_of(const JsonValue& value) const { return at(value.place(), value); }

Error ConfigValues::wrong(const JsonValue& value, const std::string& what) const {
  return Error{Errc::usage, origin_of(value) + ": " + what, 0};
}

Result<void> ConfigValues::placed(const JsonValue& value, Result<void> result) const {
  if (!result) return wrong(value, result.error().what);
  return result;
}

Result<void> ConfigValues::expect(const JsonValue& value, JsonKind kind, std::string_view legal) const {
  if (value.kind() == kind) return {};
  return wrong(value, "is " + std::string(name_of(value.kind())) + "; legal is " + std::string(legal));
}

Error ConfigValues::unknown_key(const JsonValue& member, std::span<const std::string_view> known) const {
  const std::string near = nearest(member.key(), known);
  std::string all;
  for (const std::string_view key : known) all += (all.empty() ? "'" : ", '") + std::string(key) + "'";
  return Error{Errc::usage,
               at(member.key_place(), member) + ": key " + quoted(member.key()) + " is unknown; " +
                   (near.empty() ? "known are " + all : "did you mean '" + near + "'?"),
               0};
}

Result<void> ConfigValues::expect_members(const JsonValue& value, std::span<const std::string_view> known,
                                          std::size_t required) const {
  const std::string first(known.front());
  if (auto good = expect(value, JsonKind::object, "an object with '" + first + "'"); !good) return good;
  for (const JsonValue& member : value.children()) {
    if (std::find(known.begin(), known.end(), member.key()) == known.end()) return unknown_key(member, known);
  }
  for (const std::string_view key : known.first(required)) {
    if (!value.find(key)) return wrong(value, "lacks the key '" + std::string(key) + "'");
  }
  return {};
}

Result<std::string> ConfigValues::text(const JsonValue& value, std::string_view legal) const {
  if (auto good = expect(value, JsonKind::string, legal); !good) return good.error();
  if (value.text().empty()) return wrong(value, "is empty; legal is " + std::string(legal));
  if (value.text().find('\0') != std::string::npos) {
    return wrong(value, "has a zero character in it; legal is " + std::string(legal));
  }
  return value.text();
}

Result<std::vector<JsonValue>> ConfigValues::elements(const JsonValue& value, std::string_view legal) const {
  if (auto good = expect(value, JsonKind::array, legal); !good) return good.error();
  std::vector<JsonValue> all = value.children();
  if (all.empty()) return wrong(value, "is empty; legal is " + std::string(legal));
  return all;
}

Result<std::vector<JsonValue>> ConfigValues::patterns(const JsonValue& value) const {
  auto all = elements(value, "an array of patterns, such as [\"Suite.*\"]");
  if (!all) return all.error();
  for (const JsonValue& element : *all) {
    if (auto pattern = text(element, "a pattern, such as \"Suite.*\""); !pattern) return pattern.error();
  }
  return all;
}

}  // namespace cleave::plan
