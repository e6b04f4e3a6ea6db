#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>

#include "http.hpp"
#include "redis.hpp"

namespace datastore {

/// What lets clients share things, all of it in Redis: leases, work queues with redelivery, quotas, versioned documents
/// and counters.
class Coordination {
 public:
  /// All keys begin with `prefix`.
  Coordination(Redis& redis, std::string prefix);

  /// POST /lease/{name} {"holder", "ttl_ms"}: 409 while another holder has it.
  Response take_lease(const std::string& name, const Request& request);
  /// PUT /lease/{name} {"holder", "ttl_ms"}: the holder has it for that much longer from now.
  Response renew_lease(const std::string& name, const Request& request);
  /// DELETE /lease/{name}?holder=
  Response release_lease(const std::string& name, const Request& request);

  /// POST /queue/{name} {"body"}
  Response push(const std::string& name, const Request& request);
  /// POST /queue/{name}/receive?wait=&visible_after=: the oldest message. It comes back after `visible_after`, unless
  /// it is acknowledged. 404 when there is none after `wait`.
  Response receive(const std::string& name, const Request& request);
  /// DELETE /queue/{name}?receipt=
  Response acknowledge(const std::string& name, const Request& request);

  /// PUT /quota/{name} {"limit", "window_ms"}
  Response set_quota(const std::string& name, const Request& request);
  /// POST /quota/{name}: 429 with "retry_ms" when the limit of this window is reached.
  Response use_quota(const std::string& name);

  /// PUT /document/{name} {"version", "body"}: 409 unless the stored version is that one; 0 is for a new one.
  Response put_document(const std::string& name, const Request& request);
  /// GET /document/{name}
  Response document(const std::string& name);

  /// POST /counter/{name} {"by"}
  Response count(const std::string& name, const Request& request);

  /// Requests that wait for a message return.
  void stop_waiting() { stopping_ = true; }

 private:
  /// The next message, or null.
  Json next_message(const std::string& name, std::int64_t visible_after);

  Redis& redis_;
  std::string prefix_;
  std::atomic<bool> stopping_{false};
};

}  // namespace datastore
