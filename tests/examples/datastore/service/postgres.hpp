#pragma once

#include <cstddef>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

struct pg_conn;

namespace datastore {

class PostgresError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// One connection to PostgreSQL, which many threads may use: each statement is executed whole. To keep several
/// together, hold the connection with std::lock_guard.
class Postgres {
 public:
  using Value = std::optional<std::string>;
  using Row = std::vector<Value>;

  /// @throws PostgresError when the server cannot be reached.
  explicit Postgres(const std::string& connection_string);
  Postgres(const Postgres&) = delete;
  Postgres& operator=(const Postgres&) = delete;
  ~Postgres();

  /// One statement with parameters $1, $2, …; an empty optional is NULL.
  /// @throws PostgresError with the server's message.
  std::vector<Row> execute(const std::string& sql, const std::vector<Value>& parameters = {});
  /// Several statements without parameters.
  void script(const std::string& sql);

  void lock() { mutex_.lock(); }
  void unlock() { mutex_.unlock(); }

 private:
  std::recursive_mutex mutex_;
  pg_conn* connection_;
};

/// `name` as an SQL identifier in quotes.
std::string quoted(const std::string& name);

}  // namespace datastore
