#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "http.hpp"
#include "poller.hpp"
#include "postgres.hpp"

namespace datastore {

/// Takes audit events, keeps them in memory for at most one flush interval, and writes them to PostgreSQL in batches.
class AuditLog {
 public:
  /// Makes the table `<schema>.events` when it is not there.
  AuditLog(Postgres& database, const std::string& schema, std::chrono::milliseconds flush_interval);

  /// POST /audit, and with `sync=true` not before the event is stored.
  Response add(const Request& request);
  /// POST /audit/batch: all of the events, or none.
  Response add_batch(const Request& request);
  /// GET /audit; with `wait` it is answered as soon as `min` events match, or after that time.
  Response find(const Request& request);
  /// GET /audit/{id}
  Response get(const std::string& id);
  /// GET /audit/stats
  Response count(const Request& request);
  /// Forgets the events of all actors whose names begin so, buffered ones too; how many were stored.
  std::int64_t forget(const std::string& actor_prefix);

  /// Everything that was accepted before is stored when this returns.
  /// @throws PostgresError; then the events are still in memory.
  void flush();
  /// Lets requests that wait return.
  void stop_waiting();
  /// How many events are in memory, and how many flushes there were.
  Json state();

 private:
  struct Event {
    std::string id;
    Json row;  ///< The columns of the table.
  };
  enum class Outcome { accepted, duplicate };

  Outcome accept(Event event);
  bool known(const Event& event);
  void write(std::vector<Event> batch, const char* reason);
  void flush_as(const char* reason);
  Json select(const Request& request, std::int64_t limit);

  Postgres& database_;
  std::string table_;
  std::mutex flushing_;  ///< One flush at a time, so that events are stored in the order in which they came.
  std::mutex mutex_;     ///< For what follows.
  std::condition_variable stored_;
  std::vector<Event> buffer_;
  std::vector<Event> being_written_;
  std::int64_t flushes_ = 0;
  std::int64_t accepted_ = 0;
  bool stopping_ = false;
  bool has_expiring_ = false;
  Poller flusher_;  ///< Last: its thread uses all of the above.
};

}  // namespace datastore
