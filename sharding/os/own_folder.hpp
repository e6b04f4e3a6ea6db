#pragma once

#include <string>

#include "plan/result.hpp"

namespace cleave::os {

/// Where all runs of this user on this machine meet: /tmp/cleave-<uid>. Not below $TMPDIR, which every shard has one of
/// its own. Not made by this.
std::string machine_folder();

/// True for this user, for root, and for whoever `/` belongs to, as root may be somebody else in a container.
bool is_trusted(unsigned owner) noexcept;

/// Makes the folder (0700), or finds that it is there and nobody else can have put anything in it. An error when it is
/// a link, no folder, owned by somebody else, or writable by others.
Result<void> make_own_folder(const std::string& path);

/// Makes the folder (0700) and its missing parents. One that is there already is fine when this user made it: an error
/// when it is a link, no folder, or somebody else's.
Result<void> make_private_directories(const std::string& path);

/// An error when a part of the absolute path is somebody else's and stands where everybody may make something (/tmp):
/// who made it can put links there, or another folder in its place.
Result<void> check_not_planted(const std::string& path);

}  // namespace cleave::os
