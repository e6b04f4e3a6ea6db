#pragma once

#include <gtest/gtest.h>
#include <cleave/patience.hpp>

#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "http_client.hpp"
#include "variant.hpp"

namespace datastore {

/// What all tests begin with: an empty store, as far as their own data goes, and one connection to the service.
class StoreTest : public testing::Test {
 protected:
  void SetUp() override { forget_data(); }

  static void forget_data() {
    const Answer answer = api().request("DELETE", "/data?prefix=" + scope());
    ASSERT_EQ(answer.status, 200) << answer.body;
  }

  /// The connection of this process, which all of its tests use.
  static HttpClient& api() {
    static HttpClient client(service_address().port);
    return client;
  }
  static Answer get(const std::string& target) { return api().request("GET", target); }
  static Answer post(const std::string& target, const Json& body) { return api().request("POST", target, body); }
  static Answer put(const std::string& target, const Json& body) { return api().request("PUT", target, body); }
  static Answer remove(const std::string& target) { return api().request("DELETE", target); }

  /// The name of an actor, a metric, a lease, …: the same for the same `what` in one test, and no other shard's.
  static std::string name(const std::string& what) { return scope() + what; }

  /// Polls until `look` gives something, and returns that. Fails the test with every attempt by an exception.
  template <class Look>
  static auto wait_for(Look look) {
    return cleave::eventually(polling(), look);
  }
  static cleave::RetryPolicy polling() {
    using std::chrono::milliseconds;
    return cleave::RetryPolicy::polling().first_delay(milliseconds(50)).factor(1).jitter(0);
  }

  /// Runs `work(i)` for each i below `count`, each on a thread and a connection of its own, and returns the statuses.
  static std::vector<int> at_once(int count, const std::function<int(HttpClient&, int)>& work) {
    std::vector<int> statuses(static_cast<std::size_t>(count));
    std::vector<std::thread> threads;
    threads.reserve(statuses.size());
    const std::uint16_t port = service_address().port;
    for (int i = 0; i < count; ++i) {
      threads.emplace_back([&, i] {
        HttpClient client(port);
        try {
          statuses[static_cast<std::size_t>(i)] = work(client, i);
        } catch (const std::exception& error) {
          ADD_FAILURE() << error.what();
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    return statuses;
  }
};

/// Tests of the audit log.
class AuditTest : public StoreTest {
 protected:
  static Json event(const std::string& actor, const std::string& action = "user.login") {
    return {{"actor", name(actor)}, {"action", action}};
  }
  /// Hands in an event; its id.
  static std::string add(const Json& event) {
    const Answer answer = post("/audit", event);
    EXPECT_EQ(answer.status, 202) << answer.body;
    return answer.body.value("id", "");
  }
  static void add_all(const std::vector<Json>& events) {
    const Answer answer = post("/audit/batch", {{"events", events}});
    EXPECT_EQ(answer.status, 202) << answer.body;
  }
  /// The stored events that match a query, as soon as there are so many.
  static Json stored(const std::string& query, std::size_t least = 1) {
    return wait_for([&] {
             Json events = get("/audit?" + query).body.at("events");
             return events.size() >= least ? std::optional<Json>(events) : std::nullopt;
           })
        .value();
  }
  static Json stored_of(const std::string& actor, std::size_t least = 1) {
    return stored("actor=" + name(actor), least);
  }
  /// All that was handed in before is stored when this returns.
  static void pass_a_flush() {
    add(event("marker", "marker"));
    stored_of("marker");
  }
  /// One member of each event.
  static std::vector<std::string> column(const Json& events, const std::string& member) {
    std::vector<std::string> values;
    for (const Json& one : events)
      values.push_back(one.at(member).is_string() ? one.at(member).get<std::string>() : one.at(member).dump());
    return values;
  }
};

}  // namespace datastore
