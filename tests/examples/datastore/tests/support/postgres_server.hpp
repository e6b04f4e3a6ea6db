#pragma once

#include <cleave/service.hpp>

#include <cstdint>
#include <string>

namespace datastore {

/// A PostgreSQL of its own: a fresh cluster in `folder`, on a port of 127.0.0.1, without a superuser's password. It is
/// tuned to lose everything in a power failure.
///
/// PostgreSQL refuses to run as root; then it runs as the user `postgres` of Debian's package.
class PostgresServer {
 public:
  /// @throws cleave::FixtureError when it does not start.
  PostgresServer(const std::string& folder, std::uint16_t port);
  const std::string& connection_string() const noexcept { return connection_string_; }
  void stop() { process_.stop(); }

 private:
  static cleave::Service::Options command(const std::string& cluster, std::uint16_t port);

  std::string connection_string_;
  cleave::Service process_;
};

}  // namespace datastore
