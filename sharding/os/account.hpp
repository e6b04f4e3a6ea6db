#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "plan/result.hpp"

namespace cleave::os {

/// A user of this machine, with all of its groups.
struct Account {
  uid_t user = 0;
  gid_t group = 0;
  std::vector<gid_t> groups;
};
/// The error says that there is no such user.
Result<Account> account_of(const std::string& name);

}  // namespace cleave::os
