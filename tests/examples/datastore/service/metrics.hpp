#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "http.hpp"
#include "poller.hpp"
#include "redis.hpp"

namespace datastore {

/// Takes measurements into a queue in Redis; a consumer polls the queue and adds them up, and judges the alerts.
class Metrics {
 public:
  /// All keys begin with `prefix`.
  Metrics(Redis& redis, std::string prefix, std::chrono::milliseconds poll_interval);

  /// POST /metrics
  Response add(const Request& request);
  /// POST /metrics/batch: all of them, or none.
  Response add_batch(const Request& request);
  /// GET /metrics/{name}
  Response get(const std::string& name);
  /// GET /metrics/summary
  Response summary(const Request& request);
  /// DELETE /metrics/{name}
  Response remove(const std::string& name);
  /// PUT /alerts/{name}: fires while the last value of a metric is above a threshold.
  Response set_alert(const std::string& name, const Request& request);
  /// GET /alerts/{name}: "unknown" until the consumer has judged it.
  Response alert(const std::string& name);
  /// Forgets the queued measurements of all metrics whose names begin so; the service removes the keys.
  void forget_queued(const std::string& name_prefix);
  /// How many measurements are queued.
  std::int64_t queued();

 private:
  void consume();
  void apply(const Json& entry);
  void judge_alerts();
  std::string key(const std::string& name) const { return prefix_ + "metric:" + name; }
  std::string samples_key(const std::string& name) const { return prefix_ + "samples:" + name; }
  std::string alert_key(const std::string& name) const { return prefix_ + "alert:" + name; }

  Redis& redis_;
  std::string prefix_;
  std::string queue_;
  Poller consumer_;  ///< Last: its thread uses all of the above.
};

}  // namespace datastore
