#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "http.hpp"
#include "poller.hpp"
#include "postgres.hpp"
#include "redis.hpp"

namespace datastore {

/// Schemas with versions in PostgreSQL, and records, which wait in a queue in Redis until a validator polls it, judges
/// them by the newest version, and stores them with its verdict.
class Schemas {
 public:
  /// Makes the tables `<schema>.schemas` and `<schema>.records` when they are not there. Keys begin with `prefix`.
  Schemas(Postgres& database, const std::string& schema, Redis& redis, const std::string& prefix,
          std::chrono::milliseconds poll_interval);

  /// POST /schema: a new version when it is another definition; 409 when old records could be refused by it.
  Response define(const Request& request);
  /// GET /schema/{name}
  Response get(const std::string& name);
  /// GET /schema
  Response list(const Request& request);
  /// POST /records/{schema}
  Response add_record(const std::string& schema, const Request& request);
  /// GET /record/{id}
  Response record(const std::string& id);
  /// GET /records/{schema}
  Response records(const std::string& schema, const Request& request);
  /// Forgets all schemas whose names begin so, and their records.
  void forget(const std::string& name_prefix);

 private:
  struct Version {
    std::int64_t number = 0;
    Json definition;
  };

  Version newest(const std::string& name);
  void validate();

  Postgres& database_;
  Redis& redis_;
  std::string schemas_;
  std::string records_;
  std::string queue_;
  Poller validator_;  ///< Last: its thread uses all of the above.
};

}  // namespace datastore
