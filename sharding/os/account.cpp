#include "os/account.hpp"

#include <grp.h>
#include <pwd.h>

#include <cerrno>

#include "os/fd.hpp"

namespace cleave::os {

Result<Account> account_of(const std::string& name) {
  const std::string operation = "user '" + name + "'";
  std::vector<char> strings(1024);
  passwd entry{};
  passwd* found = nullptr;
  int failed = 0;
  while ((failed = ::getpwnam_r(name.c_str(), &entry, strings.data(), strings.size(), &found)) == ERANGE) {
    strings.resize(strings.size() * 2);
  }
  if (found == nullptr) {
    return failed == 0 ? Error{Errc::system, operation + ": there is no such user", ENOENT}
                       : system_error(operation, failed);
  }
  Account account;
  account.user = entry.pw_uid;
  account.group = entry.pw_gid;
  int count = 16;
  account.groups.resize(static_cast<std::size_t>(count));
  while (::getgrouplist(name.c_str(), entry.pw_gid, account.groups.data(), &count) < 0) {
    // It says how many there are; a group that is added meanwhile makes that too few again.
    account.groups.resize(static_cast<std::size_t>(count) + 1);
    count = static_cast<int>(account.groups.size());
  }
  account.groups.resize(static_cast<std::size_t>(count));
  return account;
}

}  // namespace cleave::os
