#pragma once

#include <string>
#include <string_view>

#include "plan/tags.hpp"

namespace cleave::plan {

/// True for SERIAL_ at the start of a name, behind DISABLED_, and at the start of each part of "Inst/SERIAL_Suite/0".
bool has_serial_name(std::string_view name) noexcept;

/// True when this tag of Catch2, in upper or lower case, is one of those that constraints_of() reads.
bool means_something(std::string_view tag, bool has_fixtures);

/// As it stands in the source: "CLEAVE_TAG(Orders, \"lock:db\")".
std::string spelled(const RegisteredTag& tag);

}  // namespace cleave::plan
