#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "plan/result.hpp"

namespace cleave::run {

/// Hands out TCP ports from 20000 to 32767 (below the kernel's ephemeral range) through a file that all binaries of a
/// run share. A port is checked to be free when it is handed out, and is never handed out twice as long as the file is
/// there; the same owner and name get the same port again.
class Ports {
 public:
  /// `salt` spreads the first port of different runs, so that neighbours on the machine seldom meet.
  Ports(std::string file, std::uint64_t salt) : file_(std::move(file)), salt_(salt) {}
  Result<std::uint16_t> port_for(std::string_view owner, std::string_view name) const;

 private:
  std::string file_;
  std::uint64_t salt_;
};

/// The ports of a run, from what every process of it knows.
Ports ports_of_run(const std::string& shared, const std::string& run_id);
/// Who asks: a scope ("run", "s3") of a run directory.
std::string port_owner(const std::string& run_directory, const std::string& scope);

}  // namespace cleave::run
