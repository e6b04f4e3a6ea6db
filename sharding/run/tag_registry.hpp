#pragma once

#include <vector>

#include "plan/tags.hpp"

namespace cleave::run {

/// A CLEAVE_TAG as registered during static initialisation; the pointers live as long as the program.
struct TagEntry {
  const char* suite;
  const char* test;  ///< Null: the whole suite.
  const char* tag;
  const char* file;
  int line;
};

/// Made on first use, since the tags of other files may be registered before anything here was initialised.
inline std::vector<TagEntry>& tag_registry() {
  static auto* const tags = new std::vector<TagEntry>();
  return *tags;
}

/// All of them, as plan/tags wants them.
inline std::vector<plan::RegisteredTag> registered_tags() {
  std::vector<plan::RegisteredTag> tags;
  for (const TagEntry& entry : tag_registry())
    tags.push_back({entry.suite, entry.test == nullptr ? "" : entry.test, entry.tag, entry.file, entry.line});
  return tags;
}

}  // namespace cleave::run
