#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "http.hpp"
#include "socket.hpp"

namespace datastore {

/// What the service answered; status 0 when the connection ended without an answer.
struct Answer {
  int status = 0;
  Json body;

  /// A member of the body; null when it is not there.
  Json operator[](const char* member) const { return body.value(member, Json()); }
};

/// One connection that is kept open between requests. For one thread at a time.
class HttpClient {
 public:
  explicit HttpClient(std::uint16_t port) : port_(port) {}

  /// Connects when there is no connection. When the service closed the kept one meanwhile, the request is sent once
  /// more on a new one.
  /// @throws std::system_error when the service accepts no connection.
  Answer request(const std::string& method, const std::string& target, const Json& body = {});
  /// The same for a body that may be wrong.
  Answer send_text(const std::string& method, const std::string& target, const std::string& body);
  /// The two halves of a request, for what is to happen in between. They need an open connection.
  bool send(const std::string& method, const std::string& target, const std::string& body = {});
  Answer receive();

  void connect();
  void disconnect() { socket_ = Socket(); }

 private:
  std::uint16_t port_;
  Socket socket_;
};

}  // namespace datastore
