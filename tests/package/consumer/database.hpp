#pragma once

// Fixtures come with the plugin: nothing more is linked, and one header is included.
#include <cleave/fixtures.hpp>

#include <string>

#include <sys/stat.h>
#include <unistd.h>

/// Set up once for all shards of a binary. The payload names the process that did it, and a port of its own.
inline const cleave::RunFixture database("database", [](cleave::SetUp& set_up) {
  set_up.on_tear_down([] {});
  return std::to_string(getpid()) + " " + std::to_string(cleave::port("database"));
});

/// In a shard the fixture is another process's; in a plain run it is this one's.
inline bool is_set_up_where_it_belongs() {
  const bool here = database.payload().find(std::to_string(getpid()) + " ") == 0;
  return here != cleave::this_shard().sharded;
}

inline bool is_a_folder(const std::string& path) {
  struct stat seen {};
  return stat(path.c_str(), &seen) == 0 && S_ISDIR(seen.st_mode);
}
