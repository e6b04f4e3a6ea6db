#pragma once

#include <cleave/service.hpp>

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "http_server.hpp"

namespace datastore {

/// Keeps one service process, and lets other processes stop and start it through a port of its own, as an agent on a
/// server does. Lives in the process that set the service up.
class Agent {
 public:
  /// The service runs and is healthy when this returns.
  /// @throws cleave::FixtureError when it does not get so.
  Agent(std::vector<std::string> command, std::uint16_t service_port);
  Agent(const Agent&) = delete;
  Agent& operator=(const Agent&) = delete;

  std::uint16_t port() const noexcept { return server_.port(); }
  /// The service has ended when this returns.
  void stop();

 private:
  Response answer(const Request& request);
  Response state();
  Response wait_for_exit(std::chrono::milliseconds limit);
  void start();

  std::vector<std::string> command_;
  std::uint16_t service_port_;
  std::mutex mutex_;  ///< For what follows.
  std::optional<cleave::Service> service_;
  unsigned starts_ = 0;
  HttpServer server_;  ///< Last: its threads use all of the above.
};

}  // namespace datastore
