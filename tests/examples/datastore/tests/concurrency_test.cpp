// What clients do at the same time, or one after another in time: leases, work queues, quotas, documents.

#include <algorithm>
#include <chrono>
#include <set>

#include "store_test.hpp"

namespace datastore {
namespace {

using std::chrono::milliseconds;

class Concurrency : public AuditTest {
 protected:
  static int take(const std::string& lease, const std::string& holder, int ttl_ms) {
    return post("/lease/" + name(lease), {{"holder", holder}, {"ttl_ms", ttl_ms}}).status;
  }
  static int renew(const std::string& lease, const std::string& holder, int ttl_ms) {
    return put("/lease/" + name(lease), {{"holder", holder}, {"ttl_ms", ttl_ms}}).status;
  }
  static int release(const std::string& lease, const std::string& holder) {
    return remove("/lease/" + name(lease) + "?holder=" + holder).status;
  }
  static void push(const std::string& queue, const Json& body) {
    const Answer answer = post("/queue/" + name(queue), {{"body", body}});
    EXPECT_EQ(answer.status, 202) << answer.body;
  }
  static Answer receive(const std::string& queue, const std::string& how = "visible_after=30000") {
    return post("/queue/" + name(queue) + "/receive?" + how, Json::object());
  }
  static int acknowledge(const std::string& queue, const Answer& message) {
    return remove("/queue/" + name(queue) + "?receipt=" + message.body.value("receipt", "")).status;
  }
  static int put_document(const std::string& document, int version, const Json& body) {
    return put("/document/" + name(document), {{"version", version}, {"body", body}}).status;
  }
  static void set_quota(const std::string& quota, int limit, int window_ms) {
    EXPECT_EQ(put("/quota/" + name(quota), {{"limit", limit}, {"window_ms", window_ms}}).status, 201);
  }
  static int use(const std::string& quota) { return post("/quota/" + name(quota), Json::object()).status; }
  static std::ptrdiff_t count(const std::vector<int>& statuses, int status) {
    return std::count(statuses.begin(), statuses.end(), status);
  }
};

TEST_F(Concurrency, ALeaseHasOneHolder) {
  EXPECT_EQ(take("job", "a", 500), 201);
  const Answer refused = post("/lease/" + name("job"), {{"holder", "b"}, {"ttl_ms", 500}});
  EXPECT_EQ(refused.status, 409);
  EXPECT_EQ(refused["holder"], "a");
  wait_for([] { return take("job", "b", 10'000) == 201; });
}

TEST_F(Concurrency, EightClientsAtOnceGetOneLease) {
  const auto statuses = at_once(8, [](HttpClient& client, int i) {
    const Json wish = {{"holder", "client-" + std::to_string(i)}, {"ttl_ms", 30'000}};
    return client.request("POST", "/lease/" + name("job"), wish).status;
  });
  EXPECT_EQ(count(statuses, 201), 1);
  EXPECT_EQ(count(statuses, 409), 7);
}

TEST_F(Concurrency, ALeaseEndsAfterItsTime) {
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(take("job", "a", 350), 201);
  wait_for([] { return take("job", "b", 10'000) == 201; });
  EXPECT_GE(std::chrono::steady_clock::now() - begin, milliseconds(300));
}

TEST_F(Concurrency, ARenewedLeaseOutlivesItsTime) {
  // A machine with much to do may renew a short lease too late: then a longer one is tried.
  std::string of_time;
  int ttl = 450;
  for (; ttl < 10'000; ttl *= 2) {
    of_time = "-" + std::to_string(ttl);
    EXPECT_EQ(take("job" + of_time, "a", ttl), 201);
    EXPECT_EQ(take("clock" + of_time, "a", ttl + 100), 201);
    if (renew("job" + of_time, "a", 30'000) == 200) break;
  }
  ASSERT_LT(ttl, 10'000);
  wait_for([&] { return take("clock" + of_time, "b", 10'000) == 201; });
  EXPECT_EQ(take("job" + of_time, "b", 10'000), 409);
}

TEST_F(Concurrency, AReleasedLeaseIsFree) {
  EXPECT_EQ(take("job", "a", 30'000), 201);
  EXPECT_EQ(release("job", "a"), 200);
  EXPECT_EQ(take("job", "b", 30'000), 201);
}

TEST_F(Concurrency, OnlyTheHolderReleases) {
  EXPECT_EQ(take("job", "a", 30'000), 201);
  EXPECT_EQ(release("job", "b"), 409);
  EXPECT_EQ(take("job", "b", 30'000), 409);
}

TEST_F(Concurrency, OnlyTheHolderRenews) {
  EXPECT_EQ(take("job", "a", 300), 201);
  EXPECT_EQ(renew("job", "b", 30'000), 409);
  wait_for([] { return take("job", "b", 30'000) == 201; });
  EXPECT_EQ(renew("job", "a", 30'000), 409);
}

TEST_F(Concurrency, EachMessageHasOneReceiver) {
  for (int i = 0; i < 8; ++i) push("work", i);
  std::vector<int> bodies(8, -1);
  at_once(8, [&](HttpClient& client, int i) {
    const Answer answer = client.request("POST", "/queue/" + name("work") + "/receive?visible_after=30000");
    bodies[static_cast<std::size_t>(i)] = answer.body.value("body", -1);
    return answer.status;
  });
  EXPECT_EQ(std::set<int>(bodies.begin(), bodies.end()), (std::set<int>{0, 1, 2, 3, 4, 5, 6, 7}));
  EXPECT_EQ(receive("work").status, 404);
}

TEST_F(Concurrency, AMessageThatIsNotAcknowledgedComesBack) {
  push("work", "mail");
  EXPECT_EQ(receive("work", "visible_after=500")["body"], "mail");
  EXPECT_EQ(receive("work").status, 404);
  EXPECT_EQ(receive("work", "wait=5000")["body"], "mail");
}

TEST_F(Concurrency, AnAcknowledgedMessageDoesNotComeBack) {
  push("work", "mail");
  EXPECT_EQ(acknowledge("work", receive("work", "visible_after=400")), 200);
  EXPECT_EQ(receive("work", "wait=550").status, 404);
}

TEST_F(Concurrency, AReceiverWaitsForAMessage) {
  const auto statuses = at_once(2, [](HttpClient& client, int i) {
    if (i == 0) return client.request("POST", "/queue/" + name("work") + "/receive?wait=10000").status;
    std::this_thread::sleep_for(milliseconds(300));  // As long as a real producer might need.
    return client.request("POST", "/queue/" + name("work"), {{"body", "mail"}}).status;
  });
  EXPECT_EQ(statuses, (std::vector<int>{200, 202}));
}

TEST_F(Concurrency, AReceiverGivesUpAfterItsTime) {
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(receive("work", "wait=350").status, 404);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, milliseconds(350));
}

TEST_F(Concurrency, MessagesKeepTheirOrder) {
  for (int i = 0; i < 5; ++i) push("work", i);
  EXPECT_EQ(receive("work", "visible_after=500")["body"], 0);
  for (int i = 1; i < 5; ++i) EXPECT_EQ(receive("work")["body"], i);
  EXPECT_EQ(receive("work", "wait=5000")["body"], 0) << "the first one did not come back";
}

TEST_F(Concurrency, DeliveriesAreCounted) {
  push("work", "mail");
  for (int i = 1; i <= 3; ++i) EXPECT_EQ(receive("work", "wait=5000&visible_after=150")["deliveries"], i);
}

TEST_F(Concurrency, AnOldReceiptAcknowledgesNothing) {
  push("work", "mail");
  const Answer first = receive("work", "visible_after=300");
  const Answer second = receive("work", "wait=5000&visible_after=30000");
  EXPECT_EQ(acknowledge("work", first), 404);
  EXPECT_EQ(acknowledge("work", second), 200);
}

TEST_F(Concurrency, AnUpdateNeedsTheRightVersion) {
  EXPECT_EQ(put_document("plan", 0, "draft"), 200);
  EXPECT_EQ(put_document("plan", 1, "final"), 200);
  EXPECT_EQ(put_document("plan", 1, "late"), 409);
  EXPECT_EQ(get("/document/" + name("plan"))["body"], "final");
}

TEST_F(Concurrency, EightUpdatesAtOnceHaveOneWinner) {
  EXPECT_EQ(put_document("plan", 0, "draft"), 200);
  const auto statuses = at_once(8, [](HttpClient& client, int i) {
    return client.request("PUT", "/document/" + name("plan"), {{"version", 1}, {"body", i}}).status;
  });
  EXPECT_EQ(count(statuses, 200), 1);
  EXPECT_EQ(get("/document/" + name("plan"))["version"], 2);
}

TEST_F(Concurrency, UpdatesThatAreTriedAgainAllCount) {
  EXPECT_EQ(put_document("tally", 0, 0), 200);
  at_once(4, [](HttpClient& client, int) {
    const std::string target = "/document/" + name("tally");
    return cleave::retry(cleave::RetryPolicy::polling().first_delay(milliseconds(40)), [&] {
      const Json read = client.request("GET", target).body;
      std::this_thread::sleep_for(milliseconds(20));  // So that they get in each other's way.
      const Json next = {{"version", read.at("version")}, {"body", read.at("body").get<int>() + 1}};
      const int status = client.request("PUT", target, next).status;
      if (status != 200) throw std::runtime_error("status " + std::to_string(status));
      return status;
    });
  });
  EXPECT_EQ(get("/document/" + name("tally"))["body"], 4);
}

TEST_F(Concurrency, AQuotaAdmitsItsLimit) {
  set_quota("exports", 5, 30'000);
  const auto statuses =
      at_once(8, [](HttpClient& client, int) { return client.request("POST", "/quota/" + name("exports")).status; });
  EXPECT_EQ(count(statuses, 200), 5);
  EXPECT_EQ(count(statuses, 429), 3);
}

TEST_F(Concurrency, AQuotaIsFullAgainInTheNextWindow) {
  set_quota("exports", 1, 500);
  EXPECT_EQ(use("exports"), 200);
  EXPECT_EQ(use("exports"), 429);
  wait_for([] { return use("exports") == 200; });
}

TEST_F(Concurrency, ARefusedClientIsToldWhenToComeBack) {
  set_quota("exports", 1, 500);
  EXPECT_EQ(use("exports"), 200);
  const Answer refused = post("/quota/" + name("exports"), Json::object());
  ASSERT_EQ(refused.status, 429);
  const int wait = refused["retry_ms"];
  EXPECT_GT(wait, 0);
  EXPECT_LE(wait, 500);
  std::this_thread::sleep_for(milliseconds(wait + 20));
  EXPECT_EQ(use("exports"), 200);
}

TEST_F(Concurrency, EightWritersLoseNoEvent) {
  const auto statuses = at_once(8, [](HttpClient& client, int i) {
    int last = 0;
    for (int n = 0; n < 10; ++n) {
      const Json one = {{"actor", name("writer-" + std::to_string(i))}, {"action", "write"}};
      last = client.request("POST", "/audit", one).status;
    }
    return last;
  });
  EXPECT_EQ(count(statuses, 202), 8);
  stored("limit=1000&prefix=" + scope(), 80);
  const Json counts = get("/audit/stats?by=actor&prefix=" + scope())["counts"];
  for (int i = 0; i < 8; ++i) EXPECT_EQ(counts.at(name("writer-" + std::to_string(i))), 10);
}

TEST_F(Concurrency, AnIdFromEightClientsIsStoredOnce) {
  Json one = event("alice");
  one["id"] = fresh("event");
  const auto statuses =
      at_once(8, [&](HttpClient& client, int) { return client.request("POST", "/audit", one).status; });
  EXPECT_EQ(count(statuses, 202), 1);
  EXPECT_EQ(count(statuses, 200), 7);
  pass_a_flush();
  EXPECT_EQ(stored_of("alice").size(), 1U);
}

TEST_F(Concurrency, CountersOfEightClientsAddUp) {
  at_once(8, [](HttpClient& client, int i) {
    for (int n = 0; n < 5; ++n) client.request("POST", "/counter/" + name("total"), {{"by", i}});
    return client.request("POST", "/metrics", {{"name", name("total")}, {"kind", "counter"}, {"value", i}}).status;
  });
  EXPECT_EQ(post("/counter/" + name("total"), {{"by", 0}})["value"], 5 * 28);
  wait_for([] { return get("/metrics/" + name("total")).body.value("sum", 0.0) == 28; });
}

}  // namespace
}  // namespace datastore
