#include "schema_rules.hpp"

#include <algorithm>
#include <cctype>

#include "checks.hpp"

namespace datastore {
namespace {

bool is_type(const std::string& name) {
  return name == "string" || name == "integer" || name == "number" || name == "boolean" || name == "list";
}

bool has_type(const Json& value, const std::string& type) {
  if (type == "string") return value.is_string();
  if (type == "integer") return value.is_number_integer();
  if (type == "number") return value.is_number();
  if (type == "boolean") return value.is_boolean();
  return value.is_array();
}

/// YYYY-MM-DD with a month and a day that exist.
bool is_date(const std::string& text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  for (const unsigned i : {0U, 1U, 2U, 3U, 5U, 6U, 8U, 9U}) {
    if (std::isdigit(static_cast<unsigned char>(text[i])) == 0) return false;
  }
  const int year = std::stoi(text.substr(0, 4));
  const int month = std::stoi(text.substr(5, 2));
  const int day = std::stoi(text.substr(8, 2));
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  const int days[] = {31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1];
}

bool required(const Json& field) { return field.value("required", false); }

void check_string(const Json& field, const std::string& value, std::vector<std::string>& errors) {
  if (value.size() < field.value("min_length", std::size_t{0})) errors.emplace_back("is too short");
  if (field.contains("max_length") && value.size() > field["max_length"].get<std::size_t>()) {
    errors.emplace_back("is too long");
  }
  if (field.contains("one_of")) {
    const Json& legal = field["one_of"];
    if (std::find(legal.begin(), legal.end(), value) == legal.end())
      errors.emplace_back("is not one of " + legal.dump());
  }
  if (field.value("format", "") == "date" && !is_date(value)) errors.emplace_back("is not a date");
}

std::vector<std::string> errors_of_value(const Json& field, const Json& value) {
  const std::string type = field["type"];
  if (!has_type(value, type)) return {"is not of type " + type};
  std::vector<std::string> errors;
  if (type == "string") check_string(field, value.get<std::string>(), errors);
  if (value.is_number()) {
    if (field.contains("min") && value < field["min"]) errors.emplace_back("is below " + field["min"].dump());
    if (field.contains("max") && value > field["max"]) errors.emplace_back("is above " + field["max"].dump());
  }
  if (type == "list") {
    if (field.contains("max_items") && value.size() > field["max_items"].get<std::size_t>()) {
      errors.emplace_back("has too many elements");
    }
    const std::string of = field.value("of", "");
    const bool all =
        of.empty() || std::all_of(value.begin(), value.end(), [&](const Json& e) { return has_type(e, of); });
    if (!all) errors.emplace_back("has elements that are not of type " + of);
  }
  return errors;
}

}  // namespace

void check_schema(const Json& schema) {
  only_members(schema, {"fields"});
  const auto fields = schema.find("fields");
  if (fields == schema.end() || !fields->is_object() || fields->empty()) {
    throw HttpError(400, "fields is not an object with at least one field");
  }
  for (const auto& [name, field] : fields->items()) {
    only_members(field,
                 {"type", "required", "min", "max", "min_length", "max_length", "one_of", "format", "of", "max_items"});
    const std::string type = field.value("type", "");
    if (!is_type(type)) throw HttpError(400, "field '" + name + "' has the unknown type '" + type + "'");
    if (field.contains("of") && !is_type(field["of"].get<std::string>())) {
      throw HttpError(400, "field '" + name + "' is a list of an unknown type");
    }
  }
}

std::vector<std::string> incompatibilities(const Json& old, const Json& next) {
  std::vector<std::string> reasons;
  const Json& before = old["fields"];
  const Json& after = next["fields"];
  for (const auto& [name, field] : before.items()) {
    if (!after.contains(name)) {
      reasons.push_back("field '" + name + "' is removed");
    } else if (after[name]["type"] != field["type"]) {
      reasons.push_back("field '" + name + "' changes its type");
    } else if (required(after[name]) && !required(field)) {
      reasons.push_back("field '" + name + "' becomes required");
    }
  }
  for (const auto& [name, field] : after.items()) {
    if (!before.contains(name) && required(field)) reasons.push_back("field '" + name + "' is new and required");
  }
  return reasons;
}

std::vector<std::string> errors_of(const Json& schema, const Json& record) {
  if (!record.is_object()) return {"the record is not an object"};
  std::vector<std::string> errors;
  const Json& fields = schema["fields"];
  for (const auto& [name, field] : fields.items()) {
    const auto value = record.find(name);
    if (value == record.end() || (value->is_null() && !required(field))) {
      if (required(field)) errors.push_back(name + " is missing");
      continue;
    }
    for (const std::string& error : errors_of_value(field, *value)) errors.push_back(name + " " + error);
  }
  for (const auto& [name, value] : record.items()) {
    if (!fields.contains(name)) errors.push_back(name + " is unknown");
  }
  return errors;
}

}  // namespace datastore
