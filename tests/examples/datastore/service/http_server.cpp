#include "http_server.hpp"

#include <charconv>
#include <exception>
#include <optional>
#include <utility>

namespace datastore {
namespace {

constexpr std::size_t kLongestHead = std::size_t{16} * 1024;

std::size_t content_length(const Request& request) {
  const auto found = request.headers.find("content-length");
  if (found == request.headers.end()) return 0;
  std::size_t length = 0;
  const char* const end = found->second.data() + found->second.size();
  const auto [last, error] = std::from_chars(found->second.data(), end, length);
  if (error != std::errc{} || last != end) throw HttpError(400, "the Content-Length is not a number");
  return length;
}

/// The next request of a connection; `pending` keeps what has arrived beyond it. Nothing when the connection is over.
/// @throws HttpError when the answer is known before the request is read whole.
std::optional<Request> read_request(const Socket& socket, std::string& pending, const ServerLimits& limits) {
  if (pending.empty() && !socket.receive(pending, limits.idle)) return std::nullopt;
  const auto deadline = std::chrono::steady_clock::now() + limits.request;
  const auto receive_more = [&] {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() > 0 && socket.receive(pending, left)) return;
    throw HttpError(408, "the request did not arrive in time");
  };
  std::size_t head_end = 0;
  while ((head_end = pending.find("\r\n\r\n")) == std::string::npos) {
    if (pending.size() > kLongestHead) throw HttpError(413, "the header is too large");
    receive_more();
  }
  Request request = parse_head(pending.substr(0, head_end));
  const std::size_t length = content_length(request);
  if (length > limits.body) {
    throw HttpError(413,
                    "the body has " + std::to_string(length) + " bytes; " + std::to_string(limits.body) + " are legal");
  }
  const std::size_t begin = head_end + 4;
  while (pending.size() < begin + length) receive_more();
  request.body = pending.substr(begin, length);
  pending.erase(0, begin + length);
  return request;
}

Response of_error(const HttpError& error) {
  Json body = error.more();
  body["error"] = error.what();
  return {error.status(), std::move(body)};
}

}  // namespace

HttpServer::HttpServer(std::uint16_t port, Handler handler, const ServerLimits& limits)
    : handler_(std::move(handler)), limits_(limits), listener_(Socket::listen(port)), port_(listener_.port()) {
  acceptor_ = std::thread([this] { accept_connections(); });
}

HttpServer::~HttpServer() {
  stop_accepting();
  acceptor_.join();
  cut();
  for (Connection& connection : connections_) connection.thread.join();
}

void HttpServer::accept_connections() {
  while (accepting_) {
    Socket socket = listener_.accept();
    if (!socket) return;
    const std::lock_guard lock(mutex_);
    reap_ended();
    if (cut_ || !accepting_) return;
    Connection& made = connections_.emplace_back();
    made.socket = std::move(socket);
    made.thread = std::thread([this, &made] {
      serve(made.socket);
      const std::lock_guard ending(mutex_);
      made.socket.shut_down();
      made.ended = true;
    });
  }
}

/// With the mutex held.
void HttpServer::reap_ended() {
  for (auto each = connections_.begin(); each != connections_.end();) {
    if (!each->ended) {
      ++each;
      continue;
    }
    each->thread.join();  // It has nothing left to do.
    each = connections_.erase(each);
  }
}

void HttpServer::serve(const Socket& socket) {
  std::string pending;
  while (true) {
    std::optional<Request> request;
    try {
      request = read_request(socket, pending, limits_);
    } catch (const HttpError& error) {
      socket.send(render(of_error(error), true));
      return;
    }
    if (!request) return;
    ++in_flight_;
    const Response response = answer(*request);
    const auto connection = request->headers.find("connection");
    const bool close = connection != request->headers.end() && connection->second == "close";
    const bool sent = socket.send(render(response, close));
    if (--in_flight_ == 0) {
      const std::lock_guard lock(mutex_);
      idle_.notify_all();
    }
    if (!sent || close) return;
  }
}

Response HttpServer::answer(const Request& request) const {
  try {
    return handler_(request);
  } catch (const HttpError& error) {
    return of_error(error);
  } catch (const std::exception& error) {
    return {500, {{"error", error.what()}}};
  }
}

void HttpServer::stop_accepting() {
  accepting_ = false;
  listener_.shut_down();
}

bool HttpServer::wait_until_idle(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  return idle_.wait_until(lock, deadline, [this] { return in_flight_ == 0; });
}

void HttpServer::cut() {
  const std::lock_guard lock(mutex_);
  cut_ = true;
  for (const Connection& connection : connections_) connection.socket.shut_down();
}

}  // namespace datastore
