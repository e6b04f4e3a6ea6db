#include "postgres.hpp"

#include <libpq-fe.h>

#include <memory>

namespace datastore {
namespace {

using Result = std::unique_ptr<PGresult, decltype(&PQclear)>;

void check(const Result& result, pg_conn* connection, const std::string& sql) {
  const ExecStatusType status = PQresultStatus(result.get());
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return;
  throw PostgresError(std::string(PQerrorMessage(connection)) + "in: " + sql);
}

}  // namespace

Postgres::Postgres(const std::string& connection_string) : connection_(PQconnectdb(connection_string.c_str())) {
  if (PQstatus(connection_) == CONNECTION_OK) return;
  const std::string why = PQerrorMessage(connection_);
  PQfinish(connection_);
  throw PostgresError(why);
}

Postgres::~Postgres() { PQfinish(connection_); }

std::vector<Postgres::Row> Postgres::execute(const std::string& sql, const std::vector<Value>& parameters) {
  std::vector<const char*> values;
  values.reserve(parameters.size());
  for (const Value& value : parameters) values.push_back(value ? value->c_str() : nullptr);
  const std::lock_guard lock(mutex_);
  const Result result(PQexecParams(connection_, sql.c_str(), static_cast<int>(values.size()), nullptr, values.data(),
                                   nullptr, nullptr, 0),
                      &PQclear);
  check(result, connection_, sql);
  std::vector<Row> rows(static_cast<std::size_t>(PQntuples(result.get())));
  const int columns = PQnfields(result.get());
  for (int r = 0; r < PQntuples(result.get()); ++r) {
    for (int c = 0; c < columns; ++c) {
      Row& row = rows[static_cast<std::size_t>(r)];
      if (PQgetisnull(result.get(), r, c) != 0) {
        row.emplace_back();
      } else {
        row.emplace_back(PQgetvalue(result.get(), r, c));
      }
    }
  }
  return rows;
}

void Postgres::script(const std::string& sql) {
  const std::lock_guard lock(mutex_);
  const Result result(PQexec(connection_, sql.c_str()), &PQclear);
  check(result, connection_, sql);
}

std::string quoted(const std::string& name) {
  std::string text = "\"";
  for (const char c : name) text.append(c == '"' ? 2 : 1, c);
  return text + "\"";
}

}  // namespace datastore
