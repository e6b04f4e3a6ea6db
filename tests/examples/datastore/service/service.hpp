#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "audit_log.hpp"
#include "coordination.hpp"
#include "http_server.hpp"
#include "metrics.hpp"
#include "postgres.hpp"
#include "redis.hpp"
#include "schemas.hpp"

namespace datastore {

struct ServiceOptions {
  std::uint16_t port = 0;
  std::string postgres;  ///< A connection string of libpq.
  std::uint16_t redis = 0;
  std::string prefix;                       ///< Begins its keys in Redis, and the name of its schema, `<prefix>store`.
  std::chrono::milliseconds interval{250};  ///< Of the flush and of each consumer.
  std::chrono::milliseconds grace{1000};    ///< After SIGTERM.
  std::chrono::milliseconds idle{30'000};   ///< For a connection between two requests.
};

/// The service: its parts, and which request goes where.
class Service {
 public:
  explicit Service(const ServiceOptions& options);
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;
  ~Service() = default;

  std::uint16_t port() const noexcept { return server_.port(); }
  /// New connections and new requests are refused, except for /health. Comes before drain().
  void begin_shutdown();
  /// How long requests in flight may go on: what POST /shutdown said, or the option.
  std::chrono::milliseconds grace() const noexcept { return std::chrono::milliseconds(grace_ms_); }
  /// True when no request is in flight any more, at once or by then.
  bool drain(std::chrono::steady_clock::time_point deadline) { return server_.wait_until_idle(deadline); }
  /// Ends what is still in flight, and stores what is buffered.
  /// @throws PostgresError when that is not possible.
  void finish();

 private:
  Response route(const Request& request);
  Response route_data(const Request& request, const std::vector<std::string>& path);
  Response route_coordination(const Request& request, const std::vector<std::string>& path);
  Response health();
  Response forget(const Request& request);

  Postgres postgres_;
  Redis redis_;
  std::string prefix_;
  AuditLog audit_;
  Metrics metrics_;
  Schemas schemas_;
  Coordination coordination_;
  std::atomic<std::int64_t> grace_ms_;
  std::atomic<bool> draining_{false};
  HttpServer server_;  ///< Last: its threads use all of the above.
};

}  // namespace datastore
