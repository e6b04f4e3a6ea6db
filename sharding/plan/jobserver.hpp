#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "plan/result.hpp"

namespace cleave::plan {

/// Where the tokens of a GNU make job server are: in a FIFO with a name (make 4.4 and newer), or in a pipe whose two
/// descriptors are inherited.
struct JobServerAddress {
  std::string fifo;   ///< Not empty: the path; then the descriptors say nothing.
  int read_fd = -1;   ///< A token is one byte that is read here
  int write_fd = -1;  ///< and, when the job is done, written here.
  friend bool operator==(const JobServerAddress&, const JobServerAddress&) = default;
};

/// What MAKEFLAGS says about jobs.
struct MakeFlags {
  bool dry_run = false;                    ///< `make -n`: nothing is to be done.
  std::optional<std::uint32_t> jobs;       ///< Of the last -jN; none for a -j without a number, and without -j.
  std::optional<JobServerAddress> server;  ///< None without a job server, and where make says that it is not for us.
};

/// Reads a MAKEFLAGS variable as make writes it: letters, then options, then after "--" the variables of make's command
/// line; a backslash takes away the meaning of what follows it, "$$" is a dollar. Of several --jobserver-auth (before
/// make 4.2 --jobserver-fds) the last counts; a negative descriptor in it means that there is none for this process.
/// The error is about an address in no known form.
Result<MakeFlags> parse_make_flags(std::string_view text);

/// A MAKEFLAGS variable for child processes: what `previous` says but for its jobs, then `-j<jobs>` and the address.
std::string make_flags_with(std::string_view previous, const JobServerAddress& address, std::uint32_t jobs);

}  // namespace cleave::plan
