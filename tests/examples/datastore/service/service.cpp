#include "service.hpp"

#include <unistd.h>

#include <csignal>

#include "checks.hpp"

namespace datastore {
namespace {

/// "/metrics/summary" as {"metrics", "summary"}.
std::vector<std::string> parts_of(const std::string& path) {
  std::vector<std::string> parts;
  for (std::size_t begin = 1; begin < path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    parts.push_back(path.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

std::string schema_of(const ServiceOptions& options) { return options.prefix + "store"; }

/// The schema is there afterwards.
const std::string& make_schema(Postgres& postgres, const std::string& schema) {
  postgres.script("SET client_min_messages = warning; CREATE SCHEMA IF NOT EXISTS " + quoted(schema));
  return schema;
}

}  // namespace

Service::Service(const ServiceOptions& options)
    : postgres_(options.postgres),
      redis_(options.redis),
      prefix_(options.prefix),
      audit_(postgres_, make_schema(postgres_, schema_of(options)), options.interval),
      metrics_(redis_, prefix_, options.interval),
      schemas_(postgres_, schema_of(options), redis_, prefix_, options.interval),
      coordination_(redis_, prefix_),
      grace_ms_(options.grace.count()),
      server_(
          options.port, [this](const Request& request) { return route(request); },
          ServerLimits{options.idle, std::chrono::milliseconds(5'000), std::size_t{64} * 1024}) {}

Response Service::route(const Request& request) {
  const std::vector<std::string> path = parts_of(request.path);
  const std::string first = path.empty() ? "" : path.front();
  const std::string& method = request.method;
  if (first == "health" && method == "GET") return health();
  if (draining_) throw HttpError(503, "the service is shutting down");
  if (first == "shutdown" && method == "POST") {
    grace_ms_ = request.span("grace", grace()).count();
    begin_shutdown();
    ::kill(::getpid(), SIGTERM);  // To the thread that waits for it in main().
    return {202, {{"grace_ms", grace_ms_.load()}, {"in_flight", server_.in_flight() - 1}}};
  }
  if (first == "data" && method == "DELETE") return forget(request);
  if (first == "audit" || first == "metrics" || first == "alerts" || first == "schema" || first == "record" ||
      first == "records") {
    return route_data(request, path);
  }
  return route_coordination(request, path);
}

Response Service::route_data(const Request& request, const std::vector<std::string>& path) {
  const std::string what = request.method + " " + path.front();
  const std::string name = path.size() > 1 ? path[1] : "";
  if (path.size() == 1) {
    if (what == "POST audit") return audit_.add(request);
    if (what == "GET audit") return audit_.find(request);
    if (what == "POST metrics") return metrics_.add(request);
    if (what == "POST schema") return schemas_.define(request);
    if (what == "GET schema") return schemas_.list(request);
  } else if (path.size() == 2) {
    if (what == "POST audit" && name == "batch") return audit_.add_batch(request);
    if (what == "GET audit" && name == "stats") return audit_.count(request);
    if (what == "GET audit") return audit_.get(name);
    if (what == "POST metrics" && name == "batch") return metrics_.add_batch(request);
    if (what == "GET metrics" && name == "summary") return metrics_.summary(request);
    if (what == "GET metrics") return metrics_.get(name);
    if (what == "DELETE metrics") return metrics_.remove(name);
    if (what == "PUT alerts") return metrics_.set_alert(checked_name(name), request);
    if (what == "GET alerts") return metrics_.alert(name);
    if (what == "GET schema") return schemas_.get(name);
    if (what == "POST records") return schemas_.add_record(name, request);
    if (what == "GET records") return schemas_.records(name, request);
    if (what == "GET record") return schemas_.record(name);
  }
  throw HttpError(405, request.method + " " + request.path + " is not served");
}

Response Service::route_coordination(const Request& request, const std::vector<std::string>& path) {
  if (path.size() < 2) throw HttpError(404, request.path + " is not served");
  const std::string what = request.method + " " + path[0];
  const std::string name = checked_name(path[1]);
  if (path.size() == 3 && what == "POST queue" && path[2] == "receive") return coordination_.receive(name, request);
  if (path.size() == 2) {
    if (what == "POST lease") return coordination_.take_lease(name, request);
    if (what == "PUT lease") return coordination_.renew_lease(name, request);
    if (what == "DELETE lease") return coordination_.release_lease(name, request);
    if (what == "POST queue") return coordination_.push(name, request);
    if (what == "DELETE queue") return coordination_.acknowledge(name, request);
    if (what == "PUT quota") return coordination_.set_quota(name, request);
    if (what == "POST quota") return coordination_.use_quota(name);
    if (what == "PUT document") return coordination_.put_document(name, request);
    if (what == "GET document") return coordination_.document(name);
    if (what == "POST counter") return coordination_.count(name, request);
  }
  throw HttpError(404, request.method + " " + request.path + " is not served");
}

Response Service::health() {
  if (draining_) {
    return {503, {{"status", "draining"}, {"pid", ::getpid()}, {"in_flight", server_.in_flight() - 1}}};
  }
  postgres_.execute("SELECT 1");
  redis_.command({"PING"});
  return {200,
          {{"status", "ok"},
           {"pid", ::getpid()},
           {"in_flight", server_.in_flight() - 1},
           {"audit", audit_.state()},
           {"queued", metrics_.queued()}}};
}

/// Everything whose name begins so: actors, metrics, schemas, leases, queues, quotas, documents, counters.
Response Service::forget(const Request& request) {
  const std::string prefix = request.text("prefix");
  const std::int64_t events = audit_.forget(prefix);
  metrics_.forget_queued(prefix);
  schemas_.forget(prefix);
  const std::lock_guard hold(redis_);
  std::vector<std::string> remove{"DEL"};
  for (const std::string& key : redis_.keys(prefix_ + "*:" + prefix + "*")) remove.push_back(key);
  if (remove.size() > 1) redis_.command(remove);
  return {200, {{"events", events}, {"keys", remove.size() - 1}}};
}

void Service::begin_shutdown() {
  draining_ = true;
  server_.stop_accepting();
}

void Service::finish() {
  server_.cut();  // First: what waits would otherwise still be answered, as if it had been in time.
  audit_.stop_waiting();
  coordination_.stop_waiting();
  audit_.flush();
}

}  // namespace datastore
