#include "checks.hpp"

#include <algorithm>
#include <cstring>

namespace datastore {

void only_members(const Json& object, std::initializer_list<const char*> known) {
  if (!object.is_object()) throw HttpError(400, "not a JSON object");
  for (const auto& [name, value] : object.items()) {
    const bool found = std::any_of(known.begin(), known.end(), [&name = name](const char* one) { return name == one; });
    if (!found) throw HttpError(400, "unknown member '" + name + "'");
  }
}

std::string required_text(const Json& object, const char* member, std::size_t longest) {
  std::string text = optional_text(object, member, longest);
  if (text.empty()) throw HttpError(400, std::string(member) + " is missing or empty");
  return text;
}

std::string optional_text(const Json& object, const char* member, std::size_t longest) {
  const auto found = object.find(member);
  if (found == object.end()) return {};
  if (!found->is_string()) throw HttpError(400, std::string(member) + " is not a text");
  std::string text = found->get<std::string>();
  if (text.size() > longest) {
    throw HttpError(400, std::string(member) + " has " + std::to_string(text.size()) + " bytes; " +
                             std::to_string(longest) + " are legal");
  }
  return text;
}

std::int64_t optional_number(const Json& object, const char* member, std::int64_t least, std::int64_t most,
                             std::int64_t otherwise) {
  const auto found = object.find(member);
  if (found == object.end()) return otherwise;
  const bool legal =
      found->is_number_integer() && found->get<std::int64_t>() >= least && found->get<std::int64_t>() <= most;
  if (!legal) {
    throw HttpError(400, std::string(member) + " is not a whole number from " + std::to_string(least) + " to " +
                             std::to_string(most));
  }
  return found->get<std::int64_t>();
}

const Json& required_list(const Json& object, const char* member) {
  const auto found = object.find(member);
  if (found == object.end() || !found->is_array() || found->empty() || found->size() > 100) {
    throw HttpError(400, std::string(member) + " is not a list of 1 to 100 elements");
  }
  return *found;
}

std::string checked_name(const std::string& name) {
  const bool legal = !name.empty() && name.size() <= 100 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::strchr("_-.:", c) != nullptr;
  });
  if (!legal) throw HttpError(400, "the name '" + name + "' is not 1 to 100 letters, digits, '_', '-', '.' and ':'");
  return name;
}

}  // namespace datastore
