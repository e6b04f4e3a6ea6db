// What http_health() makes of bytes, however they are cut into pieces.
#include <gtest/gtest.h>

#include <string>

#include "fixtures/http_answer.hpp"

namespace cleave::detail {
namespace {

const std::string kOk = "HTTP/1.1 200 OK\r\nServer: x\r\nContent-Length: 5\r\n\r\nready";
const std::string kChunked =
    "HTTP/1.1 503 Service Unavailable\r\ntransfer-encoding: gzip, Chunked\r\n\r\n"
    "6\r\nleader\r\nA;x=y\r\n is absent\r\n0\r\n\r\n";

TEST(HttpAnswer, ReadsStatusLineAndBody) {
  const HttpAnswer answer = read_http_answer(kOk);
  EXPECT_TRUE(answer.is_http);
  EXPECT_TRUE(answer.complete);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.status_line, "HTTP/1.1 200 OK");
  EXPECT_EQ(answer.body, "ready");
}

TEST(HttpAnswer, PutsChunksTogether) {
  const HttpAnswer answer = read_http_answer(kChunked);
  EXPECT_TRUE(answer.complete);
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.body, "leader is absent");
}

TEST(HttpAnswer, IsNeverCompleteNorGarbageBeforeItsEnd) {
  for (const std::string& whole : {kOk, kChunked}) {
    const std::string body = read_http_answer(whole).body;
    const auto headers = whole.find("\r\n\r\n") + 4;
    for (std::size_t size = 0; size < whole.size() - 4; ++size) {
      const HttpAnswer answer = read_http_answer(whole.substr(0, size));
      EXPECT_TRUE(answer.is_http) << size;
      EXPECT_FALSE(answer.complete) << size;
      EXPECT_EQ(answer.headers_done, size >= headers) << size;
      EXPECT_EQ(body.compare(0, answer.body.size(), answer.body), 0) << size;
    }
  }
}

TEST(HttpAnswer, SkipsInterimAnswers) {
  const HttpAnswer answer = read_http_answer("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + kOk);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "ready");
  EXPECT_FALSE(read_http_answer("HTTP/1.1 100 Continue\r\n\r\n").headers_done);
}

TEST(HttpAnswer, KnowsWhatIsNotHttp) {
  for (const std::string bytes :
       {"SSH-2.0-OpenSSH\r\n", "HTTQ", "HTTP/2 200\r\n\r\n", "HTTP/1.1 2x0 OK\r\n", "HTTP/1.1 20\r\n",
        "HTTP/1.1 2000 OK\r\n", "HTTP/1.1\r\n", "\r\n", "HTTP/1.1 -20 OK\r\n"}) {
    EXPECT_FALSE(read_http_answer(bytes).is_http) << bytes;
  }
  EXPECT_TRUE(read_http_answer("HTTP/1.0 204\r\n\r\n").complete);
}

TEST(HttpAnswer, TakesLinesThatEndInALineFeedOnly) {
  EXPECT_EQ(read_http_answer("HTTP/1.0 200 OK\nContent-Length: 2\n\nhi").body, "hi");
}

TEST(HttpAnswer, StopsAtWhatIsShown) {
  const std::string head = "HTTP/1.1 500 Internal Server Error\r\n";
  for (const std::string& framing : {std::string("\r\n"), std::string("Content-Length: 99999999\r\n\r\n"),
                                     std::string("Transfer-Encoding: chunked\r\n\r\nFFFFF\r\n")}) {
    const HttpAnswer answer = read_http_answer(head + framing + std::string(1000, 'x'));
    EXPECT_TRUE(answer.complete);
    EXPECT_EQ(answer.body, std::string(kShownBody, 'x'));
  }
}

TEST(HttpAnswer, LivesWithNonsenseInHeadersAndChunks) {
  EXPECT_FALSE(read_http_answer("HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\nhi").complete);
  EXPECT_TRUE(read_http_answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n").complete);
  const std::string huge = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\nabc";
  EXPECT_EQ(read_http_answer(huge).body, "abc");
}

TEST(Printable, KeepsOneLineAndUtf8) {
  EXPECT_EQ(printable("a\r\n\tb\x1b[0m\x7f"), "a\\r\\n\\tb\\x1b[0m\\x7f");
  EXPECT_EQ(printable("\xC3\xBC"), "\xC3\xBC");
}

}  // namespace
}  // namespace cleave::detail
