#pragma once

#include <vector>

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

}  // namespace cleave::run
