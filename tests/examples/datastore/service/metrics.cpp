#include "metrics.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "checks.hpp"

namespace datastore {
namespace {

/// So many measurements the consumer takes in one turn.
constexpr int kTurn = 1000;
/// A timer keeps this many of its newest samples.
constexpr int kSamples = 200;

Json checked_entry(const Json& body) {
  only_members(body, {"name", "kind", "value", "ttl_ms"});
  const std::string name = checked_name(required_text(body, "name", 100));
  const std::string kind = required_text(body, "kind", 20);
  if (kind != "counter" && kind != "gauge" && kind != "timer") {
    throw HttpError(400, "kind '" + kind + "' is not counter, gauge or timer");
  }
  const auto value = body.find("value");
  if (value == body.end() || !value->is_number()) throw HttpError(400, "value is not a number");
  if (kind != "gauge" && value->get<double>() < 0) throw HttpError(400, "value of a " + kind + " is negative");
  const std::int64_t ttl = optional_number(body, "ttl_ms", 1, 86'400'000, 0);
  if (ttl != 0 && kind != "gauge") throw HttpError(400, "only a gauge has a ttl_ms");
  return {{"name", name}, {"kind", kind}, {"value", *value}, {"ttl_ms", ttl}};
}

std::string text_of(double value) { return Json(value).dump(); }

double number_in(const std::map<std::string, std::string>& fields, const char* name) {
  const auto found = fields.find(name);
  return found == fields.end() ? 0 : std::stod(found->second);
}

Json to_json(const std::map<std::string, std::string>& fields) {
  const double count = number_in(fields, "count");
  Json metric = {{"kind", fields.at("kind")},
                 {"count", static_cast<std::int64_t>(count)},
                 {"conflicts", static_cast<std::int64_t>(number_in(fields, "conflicts"))}};
  for (const char* name : {"sum", "min", "max", "last"}) metric[name] = number_in(fields, name);
  metric["mean"] = count > 0 ? number_in(fields, "sum") / count : 0;
  return metric;
}

/// The smallest sample that is not below `part` of all samples (nearest rank).
double percentile(const std::vector<double>& sorted, double part) {
  const double rank = std::ceil(part * static_cast<double>(sorted.size()));
  return sorted.at(static_cast<std::size_t>(std::max(rank, 1.0)) - 1);
}

}  // namespace

Metrics::Metrics(Redis& redis, std::string prefix, std::chrono::milliseconds poll_interval)
    : redis_(redis),
      prefix_(std::move(prefix)),
      queue_(prefix_ + "metrics-queue"),
      consumer_(poll_interval, [this] { consume(); }) {}

Response Metrics::add(const Request& request) {
  const Json entry = checked_entry(request.object());
  const std::int64_t length = redis_.command({"RPUSH", queue_, entry.dump()}).integer;
  return {202, {{"queued", length}}};
}

Response Metrics::add_batch(const Request& request) {
  const Json body = request.object();
  only_members(body, {"metrics"});
  std::vector<std::string> push{"RPUSH", queue_};
  const Json& list = required_list(body, "metrics");
  for (std::size_t i = 0; i < list.size(); ++i) {
    try {
      push.push_back(checked_entry(list[i]).dump());
    } catch (const HttpError& error) {
      throw HttpError(error.status(), "metric " + std::to_string(i) + ": " + error.what(), {{"index", i}});
    }
  }
  return {202, {{"queued", redis_.command(push).integer}}};
}

Response Metrics::get(const std::string& name) {
  const auto fields = redis_.hash(key(name));
  if (fields.empty()) throw HttpError(404, "there is no metric '" + name + "'");
  Json metric = to_json(fields);
  std::vector<double> samples;
  for (const std::string& sample : redis_.list(samples_key(name))) samples.push_back(std::stod(sample));
  if (!samples.empty()) {
    std::sort(samples.begin(), samples.end());
    for (const auto& [title, part] : {std::pair{"p50", 0.5}, std::pair{"p95", 0.95}, std::pair{"p99", 0.99}}) {
      metric[title] = percentile(samples, part);
    }
  }
  return {200, std::move(metric)};
}

Response Metrics::summary(const Request& request) {
  Json metrics = Json::object();
  Json kinds = Json::object();
  const std::string begin = key("");
  for (const std::string& one : redis_.keys(key(request.text("prefix")) + "*")) {
    const auto fields = redis_.hash(one);
    if (fields.empty()) continue;  // It expired meanwhile.
    metrics[one.substr(begin.size())] = to_json(fields);
    kinds[fields.at("kind")] = kinds.value(fields.at("kind"), 0) + 1;
  }
  return {200, {{"metrics", metrics}, {"kinds", kinds}}};
}

Response Metrics::remove(const std::string& name) {
  if (redis_.command({"DEL", key(name), samples_key(name)}).integer == 0) {
    throw HttpError(404, "there is no metric '" + name + "'");
  }
  return {200, {{"removed", name}}};
}

Response Metrics::set_alert(const std::string& name, const Request& request) {
  const Json body = request.object();
  only_members(body, {"metric", "above"});
  const std::string metric = checked_name(required_text(body, "metric", 100));
  if (!body.contains("above") || !body["above"].is_number()) throw HttpError(400, "above is not a number");
  const std::lock_guard hold(redis_);
  redis_.command({"DEL", alert_key(name)});
  redis_.command({"HSET", alert_key(name), "metric", metric, "above", text_of(body["above"].get<double>())});
  return {201, {{"name", name}}};
}

Response Metrics::alert(const std::string& name) {
  const auto fields = redis_.hash(alert_key(name));
  if (fields.empty()) throw HttpError(404, "there is no alert '" + name + "'");
  const auto state = fields.find("state");
  return {200, {{"state", state == fields.end() ? "unknown" : state->second}, {"metric", fields.at("metric")}}};
}

void Metrics::forget_queued(const std::string& name_prefix) {
  const std::lock_guard hold(redis_);
  for (const std::string& entry : redis_.list(queue_)) {
    if (Json::parse(entry)["name"].get<std::string>().starts_with(name_prefix)) {
      redis_.command({"LREM", queue_, "1", entry});
    }
  }
}

std::int64_t Metrics::queued() { return redis_.command({"LLEN", queue_}).integer; }

void Metrics::consume() {
  const std::lock_guard hold(redis_);
  const auto entries = redis_.command({"LRANGE", queue_, "0", std::to_string(kTurn - 1)}).elements;
  for (const RedisReply& entry : entries) apply(Json::parse(entry.text));
  if (!entries.empty()) redis_.command({"LTRIM", queue_, std::to_string(entries.size()), "-1"});
  judge_alerts();
}

void Metrics::apply(const Json& entry) {
  const std::string name = entry["name"];
  const double value = entry["value"];
  auto fields = redis_.hash(key(name));
  if (!fields.empty() && fields["kind"] != entry["kind"].get_ref<const std::string&>()) {
    redis_.command({"HINCRBY", key(name), "conflicts", "1"});
    return;
  }
  const bool first = fields.empty();
  redis_.command({"HSET", key(name), "kind", entry["kind"].get<std::string>(), "count",
                  text_of(number_in(fields, "count") + 1), "sum", text_of(number_in(fields, "sum") + value), "min",
                  text_of(first ? value : std::min(number_in(fields, "min"), value)), "max",
                  text_of(first ? value : std::max(number_in(fields, "max"), value)), "last", text_of(value)});
  if (entry["kind"] == "timer") {
    redis_.command({"LPUSH", samples_key(name), text_of(value)});
    redis_.command({"LTRIM", samples_key(name), "0", std::to_string(kSamples - 1)});
  }
  const std::int64_t ttl = entry["ttl_ms"];
  if (ttl > 0) {
    redis_.command({"PEXPIRE", key(name), std::to_string(ttl)});
  } else {
    redis_.command({"PERSIST", key(name)});
  }
}

void Metrics::judge_alerts() {
  for (const std::string& one : redis_.keys(alert_key("*"))) {
    const auto alert = redis_.hash(one);
    const auto metric = redis_.hash(key(alert.at("metric")));
    std::string state = "unknown";
    if (!metric.empty()) state = number_in(metric, "last") > number_in(alert, "above") ? "firing" : "ok";
    redis_.command({"HSET", one, "state", state});
  }
}

}  // namespace datastore
