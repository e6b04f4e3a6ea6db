#pragma once

#include <string>
#include <vector>

#include "http.hpp"

namespace datastore {

/// A schema is `{"fields": {NAME: {"type": …, "required": …, …}}}`. Types are string (min_length, max_length, one_of,
/// format "date"), integer and number (min, max), boolean, and list (of, max_items).

/// @throws HttpError 400 when it is no legal schema.
void check_schema(const Json& schema);
/// Why records that `old` accepts could be refused by `next`; empty when none can.
std::vector<std::string> incompatibilities(const Json& old, const Json& next);
/// Everything that is wrong with a record, each with the name of the field; empty when it is right.
std::vector<std::string> errors_of(const Json& schema, const Json& record);

}  // namespace datastore
