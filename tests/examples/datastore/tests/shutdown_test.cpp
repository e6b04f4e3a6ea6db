// Graceful shutdown. Each of these tests stops the service that the fixture started, and starts it again: beside
// anything else that uses the same service they must not run.

#include <csignal>
#include <thread>

#include "postgres.hpp"
#include "redis.hpp"
#include "store_test.hpp"

namespace datastore {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

class Shutdown : public AuditTest {
 protected:
  void SetUp() override {
    start();
    AuditTest::SetUp();
  }
  void TearDown() override { start(); }

  static HttpClient& agent() {
    static HttpClient client(service_address().agent);
    return client;
  }
  /// The service runs afterwards, whatever was before.
  static void start() {
    const Answer answer = agent().request("POST", "/start");
    ASSERT_EQ(answer.status, 200) << answer.body;
  }
  static void signal(int number) { agent().request("POST", "/signal?number=" + std::to_string(number)); }
  static Answer shut_down(int grace_ms) { return post("/shutdown?grace=" + std::to_string(grace_ms), Json::object()); }
  /// How the service ended: {"code": …, "signal": …}.
  static Json exit_of_service() {
    const Answer answer = agent().request("GET", "/exit?wait=15000");
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.body;
  }
  static void expect_clean_exit() { EXPECT_EQ(exit_of_service().value("code", -1), 0); }

  /// The database itself, to look into while no service runs. One connection for all tests of the process.
  static std::size_t rows_of(const std::string& actor) {
    static Postgres database(postgres_connection());
    const std::string table = quoted(service_address().prefix + "store") + ".events";
    return database.execute("SELECT id FROM " + table + " WHERE actor = $1", {name(actor)}).size();
  }

  /// A request that is on its way on a connection and a thread of its own: a long poll for an actor without events.
  class LongPoll {
   public:
    explicit LongPoll(int wait_ms) : client_(service_address().port) {
      client_.connect();
      begin_ = steady_clock::now();
      client_.send("GET", "/audit?wait=" + std::to_string(wait_ms) + "&actor=" + name("nobody"));
      wait_for([] { return in_flight() > 0; });
    }
    Answer answer() { return client_.receive(); }
    steady_clock::duration age() const { return steady_clock::now() - begin_; }

   private:
    HttpClient client_;
    steady_clock::time_point begin_;
  };

  /// Requests in flight besides the question itself.
  static int in_flight() { return get("/health").body.value("in_flight", 0); }
};

TEST_F(Shutdown, EndsWithStatusZeroOnRequest) {
  const Answer answer = shut_down(1000);
  EXPECT_EQ(answer.status, 202);
  EXPECT_EQ(answer["grace_ms"], 1000);
  expect_clean_exit();
}

TEST_F(Shutdown, EndsWithStatusZeroOnSigterm) {
  signal(SIGTERM);
  expect_clean_exit();
}

TEST_F(Shutdown, StoresWhatIsBuffered) {
  add_all({event("alice"), event("alice"), event("alice")});
  shut_down(1000);
  expect_clean_exit();
  EXPECT_EQ(rows_of("alice"), 3U);
}

TEST_F(Shutdown, StoresWhatIsBufferedOnSigterm) {
  add(event("alice"));
  signal(SIGTERM);
  expect_clean_exit();
  EXPECT_EQ(rows_of("alice"), 1U);
}

TEST_F(Shutdown, FinishesARequestInFlight) {
  LongPoll poll(400);
  shut_down(10'000);
  EXPECT_EQ(poll.answer().status, 200);
  EXPECT_GE(poll.age(), milliseconds(400)) << "it was not waited for";
  expect_clean_exit();
}

TEST_F(Shutdown, CutsARequestThatOutlivesTheGrace) {
  LongPoll poll(20'000);
  shut_down(300);
  expect_clean_exit();
  EXPECT_EQ(poll.answer().status, 0);
  EXPECT_LT(poll.age(), milliseconds(15'000));
}

TEST_F(Shutdown, RefusesNewConnectionsAtOnce) {
  LongPoll poll(400);
  shut_down(10'000);
  HttpClient late(service_address().port);
  EXPECT_THROW(late.request("GET", "/health"), std::system_error);
  EXPECT_EQ(poll.answer().status, 200);
  expect_clean_exit();
}

TEST_F(Shutdown, RefusesNewRequestsOnOpenConnections) {
  LongPoll poll(400);
  shut_down(10'000);
  EXPECT_EQ(post("/audit", event("alice")).status, 503);
  EXPECT_EQ(get("/health")["status"], "draining");
  EXPECT_EQ(poll.answer().status, 200);
  expect_clean_exit();
  EXPECT_EQ(rows_of("alice"), 0U);
}

TEST_F(Shutdown, AnswersASynchronousWriteInFlight) {
  HttpClient writer(service_address().port);
  writer.connect();
  pass_a_flush();  // The next one is an interval away.
  ASSERT_TRUE(writer.send("POST", "/audit?sync=true", event("alice").dump()));
  wait_for([] { return in_flight() > 0 || rows_of("alice") > 0; });
  shut_down(5000);
  EXPECT_EQ(writer.receive().status, 201);
  expect_clean_exit();
  EXPECT_EQ(rows_of("alice"), 1U);
}

TEST_F(Shutdown, ASecondSigtermEndsTheGrace) {
  LongPoll poll(20'000);
  signal(SIGTERM);
  wait_for([] { return get("/health").status == 503; });
  EXPECT_EQ(shut_down(0).status, 503);
  signal(SIGTERM);
  expect_clean_exit();
  EXPECT_LT(poll.age(), milliseconds(8'000)) << "the grace of 10 s went by";
}

TEST_F(Shutdown, ServesAgainOnTheSamePort) {
  const Json before = get("/health").body;
  shut_down(1000);
  expect_clean_exit();
  start();
  const Json after = get("/health").body;
  EXPECT_EQ(after.at("status"), "ok");
  EXPECT_NE(after.at("pid"), before.at("pid"));
}

TEST_F(Shutdown, KeepsQueuedMeasurements) {
  post("/metrics", {{"name", name("hits")}, {"kind", "counter"}, {"value", 7}});
  shut_down(1000);
  expect_clean_exit();
  start();
  wait_for([] { return get("/metrics/" + name("hits")).body.value("sum", 0) == 7; });
}

TEST_F(Shutdown, KeepsSchemasAndPendingRecords) {
  const Json fields = {{"id", {{"type", "string"}}}};
  EXPECT_EQ(post("/schema", {{"name", name("order")}, {"fields", fields}}).status, 201);
  const Answer record = post("/records/" + name("order"), {{"id", "a"}});
  shut_down(1000);
  expect_clean_exit();
  start();
  EXPECT_EQ(get("/schema/" + name("order"))["fields"], fields);
  wait_for([&] { return get("/record/" + record["id"].get<std::string>())["status"] == "accepted"; });
}

TEST_F(Shutdown, KeepsLeasesWithTheirTime) {
  const Json wish = {{"holder", "a"}, {"ttl_ms", 900}};
  EXPECT_EQ(post("/lease/" + name("job"), wish).status, 201);
  shut_down(1000);
  expect_clean_exit();
  Redis redis(redis_port());
  const std::string key = service_address().prefix + "lease:" + name("job");
  EXPECT_EQ(redis.command({"GET", key}).text, "a");
  EXPECT_LE(redis.command({"PTTL", key}).integer, 900);
  start();
  wait_for([&] { return post("/lease/" + name("job"), {{"holder", "b"}, {"ttl_ms", 9}}).status == 201; });
}

TEST_F(Shutdown, AKillLosesOnlyWhatWasNotStored) {
  add(event("alice"));
  stored_of("alice");
  signal(SIGKILL);
  EXPECT_EQ(exit_of_service().value("signal", 0), SIGKILL);
  start();
  add(event("bob"));
  stored_of("bob");
  EXPECT_EQ(rows_of("alice"), 1U);
}

}  // namespace
}  // namespace datastore
