#include "fixtures.hpp"

#include <cleave/fixtures.hpp>
#include <cleave/service.hpp>

#include <csignal>
#include <cstdlib>
#include <memory>
#include <vector>

#include "agent.hpp"
#include "postgres.hpp"
#include "postgres_server.hpp"
#include "redis.hpp"

namespace datastore {
namespace {

const cleave::RunFixture kPostgres("postgres", [](cleave::SetUp& set_up) {
  const auto server = std::make_shared<PostgresServer>(cleave::temp_dir(), cleave::port("postgres"));
  set_up.on_tear_down([server] { server->stop(); });
  return server->connection_string();
});

const cleave::RunFixture kRedis("redis", [](cleave::SetUp& set_up) {
  const std::uint16_t port = cleave::port("redis");
  const auto server = std::make_shared<cleave::Service>(
      cleave::Service::Options({DATASTORE_REDIS, "--port", std::to_string(port), "--bind", "127.0.0.1", "--save", "",
                                "--appendonly", "no", "--dir", cleave::temp_dir()})
          .ready(cleave::tcp_health(port))
          .stop_signal(SIGKILL));  // It keeps nothing, and would look for another signal only every 100 ms.
  set_up.on_tear_down([server] { server->stop(); });
  return std::to_string(port);
});

/// What a shard leaves in the shared servers when it ends or is killed. After a run that died as a whole there is
/// nothing to do: the servers went with it, and their folders too.
const cleave::PrefixCleanup kLeftovers("datastore", [](const cleave::Leftovers& left) {
  if (left.swept) return;
  Postgres postgres(postgres_connection());
  for (const auto& row :
       postgres.execute("SELECT nspname FROM pg_namespace WHERE starts_with(nspname, $1)", {left.prefix})) {
    postgres.script("SET client_min_messages = warning; DROP SCHEMA IF EXISTS " + quoted(*row[0]) + " CASCADE");
  }
  Redis redis(redis_port());
  for (const std::string& key : redis.keys(left.prefix + "*")) redis.command({"DEL", key});
});

/// In milliseconds: how long the service lets its clients wait. The time of the tests is mostly this.
std::string flush_interval() {
  const char* const given = std::getenv("DATASTORE_INTERVAL");
  return given == nullptr ? "400" : given;
}

}  // namespace

std::string postgres_connection() { return kPostgres.payload(); }
std::uint16_t redis_port() { return static_cast<std::uint16_t>(std::stoul(kRedis.payload())); }

std::string start_service(cleave::SetUp& set_up) {
  const std::uint16_t port = cleave::port("service");
  const std::string& prefix = cleave::data_prefix();
  const std::vector<std::string> command{DATASTORE_SERVICE,
                                         "--port=" + std::to_string(port),
                                         "--postgres=" + postgres_connection(),
                                         "--redis=" + std::to_string(redis_port()),
                                         "--prefix=" + prefix,
                                         "--interval=" + flush_interval(),
                                         "--grace=10000"};
  const auto agent = std::make_shared<Agent>(command, port);
  set_up.on_tear_down([agent] { agent->stop(); });
  return Json{{"port", port}, {"agent", agent->port()}, {"prefix", prefix}}.dump();
}

ServiceAddress address_from(const std::string& payload) {
  const Json json = Json::parse(payload);
  return {json["port"], json["agent"], json["prefix"]};
}

}  // namespace datastore
