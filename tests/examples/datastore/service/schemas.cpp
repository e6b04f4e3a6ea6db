#include "schemas.hpp"

#include <atomic>
#include <mutex>
#include <vector>

#include "checks.hpp"
#include "schema_rules.hpp"

namespace datastore {
namespace {

Json to_json(const Postgres::Row& row) {
  return {{"id", *row[0]},
          {"status", *row[1]},
          {"version", std::stoll(*row[2])},
          {"errors", Json::parse(*row[3])},
          {"body", Json::parse(*row[4])}};
}

constexpr const char* kColumns = "id, status, version, errors, body";

}  // namespace

Schemas::Schemas(Postgres& database, const std::string& schema, Redis& redis, const std::string& prefix,
                 std::chrono::milliseconds poll_interval)
    : database_(database),
      redis_(redis),
      schemas_(quoted(schema) + ".schemas"),
      records_(quoted(schema) + ".records"),
      queue_(prefix + "records-queue"),
      validator_(poll_interval, [this] { validate(); }) {
  database_.script("CREATE TABLE IF NOT EXISTS " + schemas_ +
                   " (name text PRIMARY KEY, version bigint, definition jsonb);"
                   "CREATE TABLE IF NOT EXISTS " +
                   records_ +
                   " (id text PRIMARY KEY, name text, status text, version bigint, errors jsonb, body jsonb)");
}

/// Number 0 when there is none.
Schemas::Version Schemas::newest(const std::string& name) {
  const auto rows = database_.execute("SELECT version, definition FROM " + schemas_ + " WHERE name = $1", {name});
  if (rows.empty()) return {};
  return {std::stoll(*rows.front()[0]), Json::parse(*rows.front()[1])};
}

Response Schemas::define(const Request& request) {
  Json body = request.object();
  const std::string name = checked_name(required_text(body, "name", 100));
  body.erase("name");
  check_schema(body);
  const std::lock_guard hold(database_);
  const Version old = newest(name);
  if (old.number != 0 && old.definition == body) return {200, {{"name", name}, {"version", old.number}}};
  if (old.number != 0) {
    const auto reasons = incompatibilities(old.definition, body);
    if (!reasons.empty()) throw HttpError(409, "the schema is not compatible", {{"reasons", reasons}});
  }
  database_.execute("INSERT INTO " + schemas_ +
                        " VALUES ($1, 1, $2) ON CONFLICT (name)"
                        " DO UPDATE SET version = schemas.version + 1, definition = excluded.definition",
                    {name, body.dump()});
  return {201, {{"name", name}, {"version", old.number + 1}}};
}

Response Schemas::get(const std::string& name) {
  const Version version = newest(name);
  if (version.number == 0) throw HttpError(404, "there is no schema '" + name + "'");
  return {200, {{"name", name}, {"version", version.number}, {"fields", version.definition["fields"]}}};
}

Response Schemas::list(const Request& request) {
  Json names = Json::array();
  for (const auto& row : database_.execute("SELECT name FROM " + schemas_ + " WHERE starts_with(name, $1) ORDER BY 1",
                                           {request.text("prefix")})) {
    names.push_back(*row[0]);
  }
  return {200, {{"names", names}}};
}

Response Schemas::add_record(const std::string& schema, const Request& request) {
  const Json body = request.object();
  if (newest(schema).number == 0) throw HttpError(404, "there is no schema '" + schema + "'");
  static std::atomic<std::int64_t> number{0};
  const std::string id = "r" + std::to_string(wall_clock()) + "-" + std::to_string(++number);
  redis_.command({"RPUSH", queue_, Json{{"id", id}, {"schema", schema}, {"body", body}}.dump()});
  return {202, {{"id", id}, {"status", "pending"}}};
}

Response Schemas::record(const std::string& id) {
  const auto find = [&] {
    return database_.execute(std::string("SELECT ") + kColumns + " FROM " + records_ + " WHERE id = $1", {id});
  };
  auto rows = find();
  if (rows.empty()) {
    for (const std::string& entry : redis_.list(queue_)) {
      if (Json::parse(entry)["id"] == id) return {200, {{"id", id}, {"status", "pending"}}};
    }
    rows = find();  // It may have been judged between the two.
  }
  if (rows.empty()) throw HttpError(404, "there is no record '" + id + "'");
  return {200, to_json(rows.front())};
}

Response Schemas::records(const std::string& schema, const Request& request) {
  Json found = Json::array();
  for (const auto& row : database_.execute(std::string("SELECT ") + kColumns + " FROM " + records_ +
                                               " WHERE name = $1 AND ($2 = '' OR status = $2) ORDER BY id",
                                           {schema, request.text("status")})) {
    found.push_back(to_json(row));
  }
  return {200, {{"records", found}}};
}

void Schemas::forget(const std::string& name_prefix) {
  {
    const std::lock_guard hold(redis_);
    for (const std::string& entry : redis_.list(queue_)) {
      if (Json::parse(entry)["schema"].get<std::string>().starts_with(name_prefix)) {
        redis_.command({"LREM", queue_, "1", entry});
      }
    }
  }
  database_.execute("WITH gone AS (DELETE FROM " + records_ + " WHERE starts_with(name, $1)) DELETE FROM " + schemas_ +
                        " WHERE starts_with(name, $1)",
                    {name_prefix});
}

void Schemas::validate() {
  const std::vector<std::string> entries = redis_.list(queue_);
  for (const std::string& text : entries) {
    const Json entry = Json::parse(text);
    const std::lock_guard hold(database_);
    const Version version = newest(entry["schema"]);
    if (version.number != 0) {  // Otherwise its schema was removed, and the record goes with it.
      const std::vector<std::string> errors = errors_of(version.definition, entry["body"]);
      database_.execute(
          "INSERT INTO " + records_ + " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
          {entry["id"].get<std::string>(), entry["schema"].get<std::string>(), errors.empty() ? "accepted" : "rejected",
           std::to_string(version.number), Json(errors).dump(), entry["body"].dump()});
    }
    redis_.command({"LREM", queue_, "1", text});
  }
}

}  // namespace datastore
