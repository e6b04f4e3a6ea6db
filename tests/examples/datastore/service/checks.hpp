#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>

#include "http.hpp"

namespace datastore {

/// What a client may send. Each of these throws HttpError 400 that names the member and what is legal.

/// The object has no other members than these.
void only_members(const Json& object, std::initializer_list<const char*> known);
/// A text of 1 to `longest` bytes.
std::string required_text(const Json& object, const char* member, std::size_t longest);
/// The same, or empty when it is not there.
std::string optional_text(const Json& object, const char* member, std::size_t longest);
/// A whole number from `least` to `most`, or `otherwise` when it is not there.
std::int64_t optional_number(const Json& object, const char* member, std::int64_t least, std::int64_t most,
                             std::int64_t otherwise);
/// The array in `member` with 1 to 100 elements.
const Json& required_list(const Json& object, const char* member);
/// A name of 1 to 100 letters, digits, `_`, `-`, `.` and `:`; it becomes a part of keys in Redis.
std::string checked_name(const std::string& name);

}  // namespace datastore
