// R07: looks at real sockets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "../support/sockets.hpp"
#include "cleave/patience.hpp"

namespace cleave {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using test::Answerer;
using test::Listener;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(TcpHealth, IsHealthyWhereAConnectionIsAccepted) {
  const Listener listener;
  ASSERT_TRUE(listener.up());
  EXPECT_TRUE(tcp_health(listener.port())().ok);
  EXPECT_TRUE(tcp_health("127.0.0.1", listener.port())().ok);
  EXPECT_TRUE(tcp_health("localhost", listener.port())().ok);
}

TEST(TcpHealth, FindsAServerThatListensOnIpv6Only) {
  const Listener listener(AF_INET6);
  if (!listener.up()) GTEST_SKIP() << "no IPv6 here";
  EXPECT_TRUE(tcp_health(listener.port())().ok);
  EXPECT_TRUE(tcp_health("::1", listener.port())().ok);
  EXPECT_FALSE(tcp_health("127.0.0.1", listener.port())().ok);
}

TEST(TcpHealth, NamesEveryAddressAndItsCause) {
  const std::uint16_t port = test::closed_port();
  const Health health = tcp_health(port)();
  EXPECT_FALSE(health.ok);
  EXPECT_THAT(health.detail,
              StartsWith("connect to port " + std::to_string(port) + " of 127.0.0.1: Connection refused; ::1: "));
}

TEST(TcpHealth, NamesAHostThatDoesNotExist) {
  const Health health = tcp_health("no-such-host.invalid", 80)();
  EXPECT_FALSE(health.ok);
  EXPECT_THAT(health.detail, StartsWith("look up 'no-such-host.invalid': "));
}

/// When nobody listens on a port of the range from which the kernel takes the ports of clients, it takes the called one
/// itself sooner or later, and the socket is connected to itself. Linux goes through half of the range in order, so
/// that this many calls are enough.
TEST(TcpHealth, IsNotFooledByASocketThatIsConnectedToItself) {
  constexpr std::uint16_t kPort = 45678;
  const HealthCheck check = tcp_health("127.0.0.1", kPort);
  for (int i = 0; i < 20'000; ++i) {
    const Health health = check();
    ASSERT_FALSE(health.ok) << i;
    ASSERT_THAT(health.detail, HasSubstr("Connection refused")) << i;
  }
}

TEST(TcpHealth, GivesUpAfterItsLimitWhereNobodyAnswers) {
  // Whoever is not accepted waits in a queue; one whose queue is full gets no answer.
  const Listener listener;
  ::listen(listener.fd(), 0);
  const HealthCheck check = tcp_health("127.0.0.1", listener.port(), 100ms);
  std::vector<int> waiting;
  for (int i = 0; i < 4; ++i) {
    waiting.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(listener.port());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    (void)::connect(waiting.back(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  }
  const auto before = steady_clock::now();
  const Health health = check();
  EXPECT_FALSE(health.ok);
  EXPECT_THAT(health.detail, HasSubstr("127.0.0.1: Connection timed out"));
  EXPECT_GE(steady_clock::now() - before, 100ms);
  EXPECT_LT(steady_clock::now() - before, 5s);
  for (const int fd : waiting) ::close(fd);
}

TEST(HttpHealth, IsHealthyFor2xxAndAsksForThePath) {
  Answerer server("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nup");
  const Health health = http_health(server.port(), "/health?deep=1")();
  EXPECT_TRUE(health.ok);
  EXPECT_EQ(health.detail, "HTTP/1.1 200 OK: up");
  EXPECT_THAT(server.request(),
              StartsWith("GET /health?deep=1 HTTP/1.1\r\nHost: localhost:" + std::to_string(server.port()) + "\r\n"));
  EXPECT_THAT(server.request(), HasSubstr("\r\nConnection: close\r\n"));
  EXPECT_TRUE(http_health("localhost", server.port())().ok);
  Answerer empty("HTTP/1.1 204 No Content\r\n\r\n", true);
  EXPECT_TRUE(http_health(empty.port())().ok);
}

TEST(HttpHealth, IsNotHealthyForOtherStatusesAndShowsTheBody) {
  Answerer broken("HTTP/1.1 500 Internal Server Error\r\n\r\nno connection to\nthe database");
  const Health health = http_health(broken.port())();
  EXPECT_FALSE(health.ok);
  EXPECT_EQ(health.detail, "HTTP/1.1 500 Internal Server Error: no connection to\\nthe database");
  Answerer moved("HTTP/1.1 302 Found\r\nLocation: /login\r\n\r\n");
  EXPECT_FALSE(http_health(moved.port())().ok);
}

TEST(HttpHealth, ShowsNoMoreThanTwoHundredBytesOfABody) {
  Answerer server("HTTP/1.1 503 Service Unavailable\r\n\r\n" + std::string(100'000, 'x'), true);
  EXPECT_EQ(http_health(server.port())().detail, "HTTP/1.1 503 Service Unavailable: " + std::string(200, 'x'));
}

TEST(HttpHealth, SaysWhatCameInsteadOfAnAnswer) {
  Answerer garbage("SSH-2.0-OpenSSH_9.2\r\n");
  EXPECT_EQ(http_health(garbage.port())().detail, "GET /: not HTTP: 'SSH-2.0-OpenSSH_9.2\\r\\n'");
  Answerer nothing("");
  EXPECT_EQ(http_health(nothing.port())().detail, "GET /: closed without an answer");
  Answerer half("HTTP/1.1 200 OK\r\nServer: x");
  EXPECT_EQ(http_health(half.port())().detail, "GET /: the answer broke off: 'HTTP/1.1 200 OK\\r\\nServer: x'");
  EXPECT_THAT(http_health(test::closed_port())().detail, HasSubstr("Connection refused"));
}

TEST(HttpHealth, GivesUpAfterItsLimitWhereNothingComes) {
  Answerer silent("", true);
  const auto before = steady_clock::now();
  const Health health = http_health(silent.port(), "/", 100ms)();
  EXPECT_FALSE(health.ok);
  EXPECT_EQ(health.detail, "GET /: receive: Connection timed out");
  EXPECT_GE(steady_clock::now() - before, 100ms);
  EXPECT_LT(steady_clock::now() - before, 5s);
}

TEST(HttpHealth, DoesNotWaitForABodyThatNeverEnds) {
  Answerer stream("HTTP/1.1 200 OK\r\n\r\ndata: 1\n", true);
  const auto before = steady_clock::now();
  EXPECT_TRUE(http_health(stream.port(), "/", 20s)().ok);
  EXPECT_LT(steady_clock::now() - before, 10s);
}

TEST(WaitHealthy, ShowsWhatEachLookSawUntilTheDeadline) {
  Answerer broken("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 8\r\n\r\nstarting");
  try {
    wait_healthy("orders", http_health(broken.port(), "/health"), RetryPolicy::polling().deadline(100ms));
    FAIL() << "no error";
  } catch (const RetryError& error) {
    EXPECT_THAT(error.what(), HasSubstr("wait for orders: gave up after "));
    EXPECT_THAT(error.what(), HasSubstr("the deadline of 100 ms passed"));
    EXPECT_EQ(error.last_cause(), "HTTP/1.1 503 Service Unavailable: starting");
  }
}

TEST(WaitHealthy, ReturnsOnceAServerThatStartsLateIsThere) {
  Listener listener;
  const std::uint16_t port = listener.port();
  int looks = 0;
  const HealthCheck tcp = tcp_health("127.0.0.1", port);
  listener.close();
  std::optional<Answerer> server;
  const auto check = [&]() -> Health {
    if (++looks == 3) server.emplace("HTTP/1.1 200 OK\r\n\r\n");
    return server ? http_health(server->port())() : tcp();
  };
  EXPECT_EQ(wait_healthy("late", check).detail, "HTTP/1.1 200 OK");
  EXPECT_EQ(looks, 3);
}

}  // namespace
}  // namespace cleave
