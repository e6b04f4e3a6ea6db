#include "coordination.hpp"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "checks.hpp"
#include "poller.hpp"

namespace datastore {
namespace {

constexpr std::int64_t kLongest = 60'000;
/// How often a request that waits for a message looks for one.
constexpr std::chrono::milliseconds kLook{20};

struct LeaseWish {
  std::string holder;
  std::string ttl;
};

LeaseWish wish_of(const Request& request) {
  const Json body = request.object();
  only_members(body, {"holder", "ttl_ms"});
  const std::int64_t ttl = optional_number(body, "ttl_ms", 1, kLongest, 0);
  if (ttl == 0) throw HttpError(400, "ttl_ms is missing");
  return {required_text(body, "holder", 100), std::to_string(ttl)};
}

}  // namespace

Coordination::Coordination(Redis& redis, std::string prefix) : redis_(redis), prefix_(std::move(prefix)) {}

Response Coordination::take_lease(const std::string& name, const Request& request) {
  const LeaseWish wish = wish_of(request);
  const std::string key = prefix_ + "lease:" + name;
  const std::lock_guard hold(redis_);
  if (redis_.command({"SET", key, wish.holder, "NX", "PX", wish.ttl}).nil) {
    throw HttpError(409, "the lease is taken", {{"holder", redis_.command({"GET", key}).text}});
  }
  return {201, {{"holder", wish.holder}}};
}

Response Coordination::renew_lease(const std::string& name, const Request& request) {
  const LeaseWish wish = wish_of(request);
  const std::string key = prefix_ + "lease:" + name;
  const std::lock_guard hold(redis_);
  if (redis_.command({"GET", key}).text != wish.holder) throw HttpError(409, wish.holder + " does not hold the lease");
  redis_.command({"PEXPIRE", key, wish.ttl});
  return {200, {{"holder", wish.holder}}};
}

Response Coordination::release_lease(const std::string& name, const Request& request) {
  const std::string key = prefix_ + "lease:" + name;
  const std::string holder = request.text("holder");
  const std::lock_guard hold(redis_);
  if (redis_.command({"GET", key}).text != holder) throw HttpError(409, holder + " does not hold the lease");
  redis_.command({"DEL", key});
  return {200, {{"released", name}}};
}

Response Coordination::push(const std::string& name, const Request& request) {
  const Json body = request.object();
  only_members(body, {"body"});
  if (!body.contains("body")) throw HttpError(400, "body is missing");
  const std::lock_guard hold(redis_);
  const std::int64_t number = redis_.command({"INCR", prefix_ + "messages:" + name}).integer;
  const Json message = {{"number", number}, {"body", body["body"]}, {"deliveries", 0}};
  redis_.command({"RPUSH", prefix_ + "queue:" + name, message.dump()});
  return {202, {{"number", number}}};
}

Json Coordination::next_message(const std::string& name, std::int64_t visible_after) {
  const std::string waiting = prefix_ + "queue:" + name;
  const std::string delivered = prefix_ + "delivered:" + name;
  const std::string now = std::to_string(wall_clock());
  const std::lock_guard hold(redis_);
  // What was not acknowledged in time comes back to the front, the oldest first.
  auto late = redis_.command({"ZRANGEBYSCORE", delivered, "-inf", now}).elements;
  std::sort(late.begin(), late.end(), [](const RedisReply& one, const RedisReply& other) {
    return Json::parse(one.text)["number"] > Json::parse(other.text)["number"];
  });
  for (const RedisReply& message : late) {
    redis_.command({"ZREM", delivered, message.text});
    redis_.command({"LPUSH", waiting, message.text});
  }
  const RedisReply first = redis_.command({"LPOP", waiting});
  if (first.nil) return {};
  Json message = Json::parse(first.text);
  message["deliveries"] = message["deliveries"].get<int>() + 1;
  redis_.command({"ZADD", delivered, std::to_string(wall_clock() + visible_after), message.dump()});
  message["receipt"] = message["number"].dump() + "." + message["deliveries"].dump();
  return message;
}

Response Coordination::receive(const std::string& name, const Request& request) {
  const auto end = std::chrono::steady_clock::now() + request.span("wait", std::chrono::milliseconds(0));
  const std::int64_t visible_after = request.span("visible_after", std::chrono::seconds(30)).count();
  while (true) {
    Json message = next_message(name, visible_after);
    if (!message.is_null()) return {200, std::move(message)};
    if (stopping_ || std::chrono::steady_clock::now() >= end) throw HttpError(404, "there is no message");
    std::this_thread::sleep_for(kLook);
  }
}

Response Coordination::acknowledge(const std::string& name, const Request& request) {
  const std::string receipt = request.text("receipt");
  const std::string delivered = prefix_ + "delivered:" + name;
  const std::lock_guard hold(redis_);
  for (const RedisReply& one : redis_.command({"ZRANGE", delivered, "0", "-1"}).elements) {
    const Json message = Json::parse(one.text);
    if (message["number"].dump() + "." + message["deliveries"].dump() != receipt) continue;
    redis_.command({"ZREM", delivered, one.text});
    return {200, {{"number", message["number"]}}};
  }
  throw HttpError(404, "no delivered message has the receipt '" + receipt + "'");
}

Response Coordination::set_quota(const std::string& name, const Request& request) {
  const Json body = request.object();
  only_members(body, {"limit", "window_ms"});
  const std::int64_t limit = optional_number(body, "limit", 1, 1'000'000, 0);
  const std::int64_t window = optional_number(body, "window_ms", 1, kLongest, 0);
  if (limit == 0 || window == 0) throw HttpError(400, "limit or window_ms is missing");
  const std::string key = prefix_ + "quota:" + name;
  redis_.command({"HSET", key, "limit", std::to_string(limit), "window_ms", std::to_string(window)});
  return {201, {{"name", name}}};
}

Response Coordination::use_quota(const std::string& name) {
  auto quota = redis_.hash(prefix_ + "quota:" + name);
  if (quota.empty()) throw HttpError(404, "there is no quota '" + name + "'");
  const std::string used_key = prefix_ + "used:" + name;
  const std::lock_guard hold(redis_);
  const std::int64_t used = redis_.command({"INCR", used_key}).integer;
  if (used == 1) redis_.command({"PEXPIRE", used_key, quota["window_ms"]});
  if (used > std::stoll(quota["limit"])) {
    throw HttpError(429, "the quota is used up", {{"retry_ms", redis_.command({"PTTL", used_key}).integer}});
  }
  return {200, {{"used", used}}};
}

Response Coordination::put_document(const std::string& name, const Request& request) {
  const Json body = request.object();
  only_members(body, {"version", "body"});
  const std::int64_t version = optional_number(body, "version", 0, 1'000'000'000, -1);
  if (version < 0 || !body.contains("body")) throw HttpError(400, "version or body is missing");
  const std::string key = prefix_ + "document:" + name;
  const std::lock_guard hold(redis_);
  auto stored = redis_.hash(key);
  const std::int64_t current = stored.empty() ? 0 : std::stoll(stored["version"]);
  if (current != version) throw HttpError(409, "the document has another version", {{"version", current}});
  redis_.command({"HSET", key, "version", std::to_string(current + 1), "body", body["body"].dump()});
  return {200, {{"version", current + 1}}};
}

Response Coordination::document(const std::string& name) {
  auto stored = redis_.hash(prefix_ + "document:" + name);
  if (stored.empty()) throw HttpError(404, "there is no document '" + name + "'");
  return {200, {{"version", std::stoll(stored["version"])}, {"body", Json::parse(stored["body"])}}};
}

Response Coordination::count(const std::string& name, const Request& request) {
  const Json body = request.object();
  only_members(body, {"by"});
  const std::int64_t by = optional_number(body, "by", -1'000'000, 1'000'000, 1);
  return {200, {{"value", redis_.command({"INCRBY", prefix_ + "counter:" + name, std::to_string(by)}).integer}}};
}

}  // namespace datastore
