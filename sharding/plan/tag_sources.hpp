#pragma once

#include <string>
#include <vector>

#include "plan/tags.hpp"

namespace cleave::plan {

/// One tag of one test, and why the test has it.
struct TagSource {
  std::string tag;  ///< As it is written, "lock:db:read"; "serial" for a name that begins with SERIAL_.
  std::string
      place;  ///< Where: "orders_test.cpp:12", "cleave.json:7: /rules/0/tests/1", "CMakeLists.txt"; may be empty.
  /// What stands there: "CLEAVE_TAG(Orders, \"lock:db\")", "SERIAL Shutdown* of cleave_add_shards()",
  /// "the pattern Store.* of CONFIG", "[serial]", "the name SERIAL_Orders".
  std::string rule;
  friend bool operator==(const TagSource&, const TagSource&) = default;
};

/// For every test, by index, all that constraints_of() takes into account, in the order in which it does: applied one
/// behind the other, the tags are the constraints. Pure.
/// @pre constraints_of() has no error with the same values.
std::vector<std::vector<TagSource>> tag_sources(const TestList& list, const std::vector<RegisteredTag>& registered,
                                                const Settings& settings, bool has_fixtures);

}  // namespace cleave::plan
