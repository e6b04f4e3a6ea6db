#include "audit_log.hpp"

#include <algorithm>
#include <atomic>
#include <utility>

#include "checks.hpp"

namespace datastore {
namespace {

/// A buffer of this size is not kept until the next turn.
constexpr std::size_t kFullBuffer = 100;

bool is_action(const std::string& text) {
  const bool legal =
      std::all_of(text.begin(), text.end(), [](char c) { return (c >= 'a' && c <= 'z') || c == '_' || c == '.'; });
  return legal && text.front() != '.' && text.back() != '.';
}

Json checked_event(const Json& body) {
  only_members(body, {"id", "actor", "action", "target", "details", "at", "ttl_ms"});
  Json row = {{"actor", required_text(body, "actor", 200)},
              {"action", required_text(body, "action", 100)},
              {"target", optional_text(body, "target", 200)},
              {"details", body.value("details", Json::object())}};
  if (!is_action(row["action"].get<std::string>())) throw HttpError(400, "action is not lower-case words and dots");
  if (!row["details"].is_object()) throw HttpError(400, "details is not an object");
  const std::int64_t now = wall_clock();
  row["at"] = optional_number(body, "at", 0, now + 60'000, now);
  const std::int64_t ttl = optional_number(body, "ttl_ms", 1, 86'400'000, 0);
  row["expires"] = ttl == 0 ? Json() : Json(now + ttl);
  static std::atomic<std::int64_t> number{0};
  const std::string id = optional_text(body, "id", 100);
  row["id"] = id.empty() ? "e" + std::to_string(now) + "-" + std::to_string(++number) : checked_name(id);
  row["named"] = !id.empty();
  return row;
}

Json to_json(const Postgres::Row& row) {
  return {{"sequence", std::stoll(*row[0])},
          {"id", *row[1]},
          {"actor", *row[2]},
          {"action", *row[3]},
          {"target", *row[4]},
          {"details", Json::parse(*row[5])},
          {"at", std::stoll(*row[6])},
          {"flush", *row[7]}};
}

constexpr const char* kColumns = "sequence, id, actor, action, target, details, at, flush";

/// What two events with one id must share to be the same.
bool same_content(const Json& one, const Json& other) {
  return one["actor"] == other["actor"] && one["action"] == other["action"] && one["target"] == other["target"] &&
         one["details"] == other["details"];
}

}  // namespace

AuditLog::AuditLog(Postgres& database, const std::string& schema, std::chrono::milliseconds flush_interval)
    : database_(database),
      table_(quoted(schema) + ".events"),
      flusher_(flush_interval, [this] { flush_as("interval"); }) {
  database_.script("CREATE TABLE IF NOT EXISTS " + table_ +
                   " (sequence bigserial PRIMARY KEY, id text UNIQUE, actor text, action text, target text,"
                   " details jsonb, at bigint, expires bigint, flush text)");
  const std::lock_guard lock(mutex_);
  has_expiring_ = !database_.execute("SELECT 1 FROM " + table_ + " WHERE expires IS NOT NULL LIMIT 1").empty();
}

/// With the mutex held. True when the event is there already.
bool AuditLog::known(const Event& event) {
  if (!event.row["named"]) return false;
  Json there;
  for (const std::vector<Event>* events : {&buffer_, &being_written_}) {
    for (const Event& one : *events) {
      if (one.id == event.id) there = one.row;
    }
  }
  if (there.is_null()) {
    const auto rows =
        database_.execute(std::string("SELECT ") + kColumns + " FROM " + table_ + " WHERE id = $1", {event.id});
    if (rows.empty()) return false;
    there = to_json(rows.front());
  }
  if (!same_content(there, event.row)) throw HttpError(409, "another event has the id '" + event.id + "'");
  return true;
}

AuditLog::Outcome AuditLog::accept(Event event) {
  if (known(event)) return Outcome::duplicate;
  if (!event.row["expires"].is_null()) has_expiring_ = true;
  buffer_.push_back(std::move(event));
  ++accepted_;
  if (buffer_.size() >= kFullBuffer) flusher_.hurry();
  return Outcome::accepted;
}

Response AuditLog::add(const Request& request) {
  Json row = checked_event(request.object());
  const std::string id = row["id"];
  const bool sync = request.text("sync") == "true";
  std::unique_lock lock(mutex_);
  if (accept({id, std::move(row)}) == Outcome::duplicate) return {200, {{"id", id}, {"duplicate", true}}};
  if (!sync) return {202, {{"id", id}, {"flushes", flushes_}}};
  const auto waits = [&](const std::vector<Event>& events) {
    return std::any_of(events.begin(), events.end(), [&](const Event& event) { return event.id == id; });
  };
  stored_.wait(lock, [&] { return (!waits(buffer_) && !waits(being_written_)) || stopping_; });
  if (waits(buffer_) || waits(being_written_)) {
    lock.unlock();
    flush();
  }
  return {201, {{"id", id}}};
}

Response AuditLog::add_batch(const Request& request) {
  const Json body = request.object();
  only_members(body, {"events"});
  const Json& list = required_list(body, "events");
  std::vector<Event> events;
  for (std::size_t i = 0; i < list.size(); ++i) {
    try {
      Json row = checked_event(list[i]);
      const std::string id = row["id"];
      events.push_back({id, std::move(row)});
    } catch (const HttpError& error) {
      throw HttpError(error.status(), "event " + std::to_string(i) + ": " + error.what(), {{"index", i}});
    }
  }
  Json ids = Json::array();
  const std::lock_guard lock(mutex_);
  for (const Event& event : events) known(event);
  for (Event& event : events) {
    ids.push_back(event.id);
    accept(std::move(event));
  }
  return {202, {{"ids", ids}}};
}

void AuditLog::flush() { flush_as("request"); }

void AuditLog::flush_as(const char* reason) {
  const std::lock_guard one_at_a_time(flushing_);
  {
    std::unique_lock lock(mutex_);
    if (buffer_.empty()) {
      const bool sweep = has_expiring_;
      lock.unlock();
      if (!sweep) return;
      const std::string sql = "DELETE FROM " + table_ + " WHERE expires <= $1";
      database_.execute(sql, {std::to_string(wall_clock())});
      return;
    }
    being_written_ = std::move(buffer_);
    buffer_.clear();
    if (being_written_.size() >= kFullBuffer) reason = "full";
  }
  try {
    write(being_written_, reason);
  } catch (...) {
    const std::lock_guard lock(mutex_);
    buffer_.insert(buffer_.begin(), being_written_.begin(), being_written_.end());
    being_written_.clear();
    throw;
  }
  {
    const std::lock_guard lock(mutex_);
    being_written_.clear();
    ++flushes_;
  }
  stored_.notify_all();
}

void AuditLog::write(std::vector<Event> batch, const char* reason) {
  Json rows = Json::array();
  for (Event& event : batch) {
    event.row["n"] = rows.size();
    rows.push_back(std::move(event.row));
  }
  database_.execute("INSERT INTO " + table_ +
                        " (id, actor, action, target, details, at, expires, flush)"
                        " SELECT id, actor, action, target, details, at, expires, $2::text"
                        " FROM jsonb_to_recordset($1::jsonb) AS r(n int, id text, actor text, action text, target text,"
                        " details jsonb, at bigint, expires bigint) ORDER BY n ON CONFLICT (id) DO NOTHING",
                    {rows.dump(), reason});
}

Response AuditLog::find(const Request& request) {
  const std::int64_t limit = request.number("limit", 1, 1000).value_or(100);
  const auto wait = request.span("wait", std::chrono::milliseconds(0));
  const auto least = static_cast<std::size_t>(request.number("min", 1, limit).value_or(1));
  const auto deadline = std::chrono::steady_clock::now() + wait;
  while (true) {
    std::unique_lock lock(mutex_);
    const std::int64_t seen = flushes_;
    lock.unlock();
    Json events = select(request, limit);
    lock.lock();
    const bool in_time = std::chrono::steady_clock::now() < deadline;
    if (events.size() >= least || !in_time || stopping_) {
      // A flush that is going on may be what the events were seen through.
      Json body = {{"events", events}, {"flushes", flushes_ + (being_written_.empty() ? 0 : 1)}};
      if (events.size() == static_cast<std::size_t>(limit)) body["next"] = events.back()["sequence"];
      return {200, std::move(body)};
    }
    stored_.wait_until(lock, deadline, [&] { return flushes_ != seen || stopping_; });
  }
}

Json AuditLog::select(const Request& request, std::int64_t limit) {
  std::vector<Postgres::Value> values{std::to_string(wall_clock())};
  std::string where = "(expires IS NULL OR expires > $1)";
  const auto filter = [&](const std::string& condition, const Postgres::Value& value) {
    values.push_back(value);
    where += " AND " + condition + "$" + std::to_string(values.size());
  };
  const std::string order = request.text("order", "asc");
  if (order != "asc" && order != "desc") throw HttpError(400, "order '" + order + "' is not asc or desc");
  for (const char* column : {"actor", "action", "target"}) {
    if (request.query.count(column) != 0) filter(std::string(column) + " = ", request.text(column));
  }
  if (request.query.count("prefix") != 0) {
    values.emplace_back(request.text("prefix"));
    where += " AND starts_with(actor, $" + std::to_string(values.size()) + ")";
  }
  constexpr std::int64_t kLatest = 10'000'000'000'000;
  if (const auto since = request.number("since", 0, kLatest)) filter("at >= ", std::to_string(*since));
  if (const auto until = request.number("until", 0, kLatest)) filter("at < ", std::to_string(*until));
  if (const auto after = request.number("after", 0, kLatest)) {
    filter(order == "asc" ? "sequence > " : "sequence < ", std::to_string(*after));
  }
  Json events = Json::array();
  for (const auto& row : database_.execute(std::string("SELECT ") + kColumns + " FROM " + table_ + " WHERE " + where +
                                               " ORDER BY sequence " + order + " LIMIT " + std::to_string(limit),
                                           values)) {
    events.push_back(to_json(row));
  }
  return events;
}

Response AuditLog::get(const std::string& id) {
  const auto rows = database_.execute(
      std::string("SELECT ") + kColumns + " FROM " + table_ + " WHERE id = $1 AND (expires IS NULL OR expires > $2)",
      {id, std::to_string(wall_clock())});
  if (rows.empty()) throw HttpError(404, "no event '" + id + "' is stored");
  return {200, to_json(rows.front())};
}

Response AuditLog::count(const Request& request) {
  const std::string by = request.text("by", "action");
  if (by != "action" && by != "actor" && by != "target") throw HttpError(400, "by is not action, actor or target");
  Json counts = Json::object();
  for (const auto& row : database_.execute("SELECT " + by + ", count(*) FROM " + table_ +
                                               " WHERE starts_with(actor, $1) AND (expires IS NULL OR expires > $2)"
                                               " GROUP BY 1",
                                           {request.text("prefix"), std::to_string(wall_clock())})) {
    counts[*row[0]] = std::stoll(*row[1]);
  }
  return {200, {{"counts", counts}}};
}

std::int64_t AuditLog::forget(const std::string& actor_prefix) {
  const std::lock_guard no_flush(flushing_);
  const std::lock_guard lock(mutex_);
  buffer_.erase(std::remove_if(buffer_.begin(), buffer_.end(),
                               [&](const Event& event) {
                                 return event.row["actor"].get_ref<const std::string&>().starts_with(actor_prefix);
                               }),
                buffer_.end());
  const auto rows = database_.execute(
      "WITH gone AS (DELETE FROM " + table_ + " WHERE starts_with(actor, $1) RETURNING 1) SELECT count(*) FROM gone",
      {actor_prefix});
  return std::stoll(*rows.front()[0]);
}

void AuditLog::stop_waiting() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stored_.notify_all();
}

Json AuditLog::state() {
  const std::lock_guard lock(mutex_);
  return {{"buffered", buffer_.size() + being_written_.size()}, {"accepted", accepted_}, {"flushes", flushes_}};
}

}  // namespace datastore
