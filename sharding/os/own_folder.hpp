#pragma once

#include <string>

#include "plan/result.hpp"

namespace cleave::os {

/// Where all runs of this user on this machine meet: /tmp/cleave-<uid>. Not below $TMPDIR, which every shard has one of
/// its own. Not made by this.
std::string machine_folder();

/// Makes the folder (0700), or finds that it is there and nobody else can have put anything in it. An error when it is
/// a link, no folder, owned by somebody else, or writable by others.
Result<void> make_own_folder(const std::string& path);

}  // namespace cleave::os
