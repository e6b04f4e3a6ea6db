#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

struct redisContext;
struct redisReply;

namespace datastore {

class RedisError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// What Redis answered.
struct RedisReply {
  bool nil = false;
  std::int64_t integer = 0;
  std::string text;
  std::vector<RedisReply> elements;
};

/// One connection to a Redis on 127.0.0.1, which many threads may use: each command is executed whole. To keep several
/// together, hold the connection with std::lock_guard.
class Redis {
 public:
  /// @throws RedisError when the server cannot be reached.
  explicit Redis(std::uint16_t port);
  Redis(const Redis&) = delete;
  Redis& operator=(const Redis&) = delete;
  ~Redis();

  /// @throws RedisError when the server answers with an error, or has gone.
  RedisReply command(const std::vector<std::string>& words);
  /// HGETALL as a map.
  std::map<std::string, std::string> hash(const std::string& key);
  /// All elements of a list.
  std::vector<std::string> list(const std::string& key);
  /// The keys that match a glob, sorted.
  std::vector<std::string> keys(const std::string& pattern);

  void lock() { mutex_.lock(); }
  void unlock() { mutex_.unlock(); }

 private:
  std::recursive_mutex mutex_;
  redisContext* context_;
};

}  // namespace datastore
