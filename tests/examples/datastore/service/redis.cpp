#include "redis.hpp"

#include <hiredis/hiredis.h>

#include <algorithm>
#include <cstddef>
#include <memory>

namespace datastore {
namespace {

RedisReply convert(const redisReply& reply) {
  RedisReply made;
  made.nil = reply.type == REDIS_REPLY_NIL;
  made.integer = reply.integer;
  if (reply.str != nullptr) made.text.assign(reply.str, reply.len);
  for (std::size_t i = 0; i < reply.elements; ++i) made.elements.push_back(convert(*reply.element[i]));
  return made;
}

}  // namespace

Redis::Redis(std::uint16_t port) : context_(redisConnect("127.0.0.1", port)) {
  if (context_ != nullptr && context_->err == 0) return;
  const std::string why = context_ == nullptr ? "out of memory" : context_->errstr;
  redisFree(context_);
  throw RedisError("connect to Redis on port " + std::to_string(port) + ": " + why);
}

Redis::~Redis() { redisFree(context_); }

RedisReply Redis::command(const std::vector<std::string>& words) {
  std::vector<const char*> texts;
  std::vector<std::size_t> sizes;
  for (const std::string& word : words) {
    texts.push_back(word.data());
    sizes.push_back(word.size());
  }
  const std::lock_guard lock(mutex_);
  void* const answer = redisCommandArgv(context_, static_cast<int>(words.size()), texts.data(), sizes.data());
  const std::unique_ptr<redisReply, decltype(&freeReplyObject)> reply(static_cast<redisReply*>(answer),
                                                                      &freeReplyObject);
  if (!reply) throw RedisError(words.front() + ": " + context_->errstr);
  if (reply->type == REDIS_REPLY_ERROR) throw RedisError(words.front() + ": " + reply->str);
  return convert(*reply);
}

std::map<std::string, std::string> Redis::hash(const std::string& key) {
  const RedisReply reply = command({"HGETALL", key});
  std::map<std::string, std::string> fields;
  for (std::size_t i = 0; i + 1 < reply.elements.size(); i += 2) {
    fields[reply.elements[i].text] = reply.elements[i + 1].text;
  }
  return fields;
}

std::vector<std::string> Redis::list(const std::string& key) {
  std::vector<std::string> texts;
  for (const RedisReply& element : command({"LRANGE", key, "0", "-1"}).elements) texts.push_back(element.text);
  return texts;
}

std::vector<std::string> Redis::keys(const std::string& pattern) {
  std::vector<std::string> found;
  std::string cursor = "0";
  do {
    const RedisReply page = command({"SCAN", cursor, "MATCH", pattern, "COUNT", "1000"});
    for (const RedisReply& key : page.elements.at(1).elements) found.push_back(key.text);
    cursor = page.elements.at(0).text;
  } while (cursor != "0");
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

}  // namespace datastore
