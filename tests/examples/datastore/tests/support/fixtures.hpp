#pragma once

#include <cstdint>
#include <string>

namespace cleave {
class SetUp;
}

namespace datastore {

/// The servers that all tests of a run share: the payloads of the run fixtures `postgres` and `redis`.
std::string postgres_connection();
std::uint16_t redis_port();

/// Where a service is: the payload of the fixture `service`, which is a run fixture in one variant of the tests and a
/// shard fixture in another (variant.cpp).
struct ServiceAddress {
  std::uint16_t port = 0;
  std::uint16_t agent = 0;  ///< Of the agent that stops and starts it.
  std::string prefix;       ///< What its schema and its keys begin with.
};
/// Starts a service with data of its own, below data_prefix() of the process that sets the fixture up, and an agent
/// that keeps it until the fixture is torn down. Returns the payload.
std::string start_service(cleave::SetUp& set_up);
ServiceAddress address_from(const std::string& payload);

}  // namespace datastore
