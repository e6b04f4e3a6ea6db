#pragma once

#include <regex.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

namespace cleave::test {

/// Checks a document against the part of JSON Schema that our schemas use: type, const, enum, minimum, maximum,
/// minLength, pattern, required, properties, additionalProperties, items, minItems, maxItems, anyOf and local $ref.
/// Members that `properties` does not name are errors, so that a schema cannot fall behind the writer.
class SchemaCheck {
 public:
  using Json = nlohmann::json;
  explicit SchemaCheck(Json schema) : root_(std::move(schema)) {}

  /// Empty when the document conforms, else the first thing that does not.
  std::string operator()(const Json& document) const { return check(root_, document, "$"); }

 private:
  std::string check(const Json& schema, const Json& value, const std::string& path) const {
    if (schema.contains("$ref")) {
      const std::string target = schema["$ref"].get<std::string>().substr(1);
      return check(root_.at(Json::json_pointer(target)), value, path);
    }
    if (schema.contains("const") && schema["const"] != value) return path + ": not the constant";
    if (schema.contains("enum") &&
        std::find(schema["enum"].begin(), schema["enum"].end(), value) == schema["enum"].end())
      return path + ": not in the enumeration: " + value.dump();
    const std::string type = schema.value("type", "");
    const bool fits = type.empty() || (type == "string" && value.is_string()) ||
                      (type == "boolean" && value.is_boolean()) || (type == "integer" && value.is_number_integer()) ||
                      (type == "number" && value.is_number()) || (type == "object" && value.is_object()) ||
                      (type == "array" && value.is_array());
    if (!fits) return path + ": is no " + type;
    if (schema.contains("anyOf") && std::none_of(schema["anyOf"].begin(), schema["anyOf"].end(),
                                                 [&](const Json& one) { return check(one, value, path).empty(); }))
      return path + ": fits none: " + value.dump();
    if (std::string error = check_size(schema, value); !error.empty()) return path + error;
    if (schema.contains("pattern") && !matches(value.get<std::string>(), schema["pattern"].get<std::string>()))
      return path + ": does not match: " + value.dump();
    if (value.is_array() && schema.contains("items")) {
      for (std::size_t i = 0; i < value.size(); ++i) {
        if (std::string error = check(schema["items"], value[i], path + "[" + std::to_string(i) + "]"); !error.empty())
          return error;
      }
    }
    // What only says "one of these" leaves the members to that one.
    const bool one_of_others = schema.contains("anyOf") && !schema.contains("properties");
    return value.is_object() && !one_of_others ? check_object(schema, value, path) : "";
  }

  static std::string check_size(const Json& schema, const Json& value) {
    if (schema.contains("minimum") && value < schema["minimum"]) return ": below the minimum";
    if (schema.contains("maximum") && value > schema["maximum"]) return ": above the maximum";
    if (value.is_string() && value.get<std::string>().size() < schema.value("minLength", 0U)) return ": too short";
    if (value.is_array() && value.size() < schema.value("minItems", 0U)) return ": too few";
    if (value.is_array() && value.size() > schema.value("maxItems", value.size())) return ": too many";
    return {};
  }

  /// POSIX extended syntax: std::regex does not compile under ASan and -Werror with GCC 12.
  static bool matches(const std::string& text, const std::string& pattern) {
    regex_t compiled;
    if (regcomp(&compiled, pattern.c_str(), REG_EXTENDED | REG_NOSUB) != 0) return false;
    const bool found = regexec(&compiled, text.c_str(), 0, nullptr, 0) == 0;
    regfree(&compiled);
    return found;
  }

  std::string check_object(const Json& schema, const Json& value, const std::string& path) const {
    for (const Json& key : schema.value("required", Json::array())) {
      if (!value.contains(key.get<std::string>())) return path + ": lacks " + key.get<std::string>();
    }
    const Json properties = schema.value("properties", Json::object());
    for (const auto& [key, member] : value.items()) {
      const Json* rule = nullptr;
      if (properties.contains(key))
        rule = &properties[key];
      else if (schema.contains("additionalProperties"))
        rule = &schema["additionalProperties"];
      if (rule == nullptr || rule->is_boolean()) return path + ": the schema does not know " + key;
      if (std::string error = check(*rule, member, path + "." + key); !error.empty()) return error;
    }
    return {};
  }

  Json root_;
};

}  // namespace cleave::test
