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

}  // namespace cleave::run
