#include "http_client.hpp"

#include <algorithm>

namespace datastore {
namespace {

/// No test waits that long for one answer.
constexpr std::chrono::seconds kPatience{20};

}  // namespace

Answer HttpClient::request(const std::string& method, const std::string& target, const Json& body) {
  return send_text(method, target, body.is_null() ? "" : body.dump());
}

Answer HttpClient::send_text(const std::string& method, const std::string& target, const std::string& body) {
  const bool kept = static_cast<bool>(socket_);
  if (!kept) connect();
  Answer answer;
  if (send(method, target, body)) answer = receive();
  if (answer.status != 0 || !kept) return answer;
  connect();
  return send(method, target, body) ? receive() : Answer{};
}

bool HttpClient::send(const std::string& method, const std::string& target, const std::string& body) {
  return socket_.send(method + " " + target + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " +
                      std::to_string(body.size()) + "\r\n\r\n" + body);
}

Answer HttpClient::receive() {
  std::string bytes;
  std::size_t head_end = 0;
  while ((head_end = bytes.find("\r\n\r\n")) == std::string::npos) {
    if (socket_.receive(bytes, kPatience)) continue;
    disconnect();
    return {};
  }
  const std::string head = bytes.substr(0, head_end);
  const std::size_t length_at = head.find("Content-Length: ");
  if (head.size() < 12 || length_at == std::string::npos) throw HttpError(500, "not an answer of the service: " + head);
  const std::size_t length = std::stoul(head.substr(length_at + 16));
  while (bytes.size() < head_end + 4 + length) {
    if (socket_.receive(bytes, kPatience)) continue;
    disconnect();
    return {};
  }
  if (head.find("\r\nConnection: close") != std::string::npos) disconnect();
  return {std::stoi(head.substr(9, 3)), Json::parse(bytes.substr(head_end + 4, length))};
}

void HttpClient::connect() { socket_ = Socket::connect(port_); }

}  // namespace datastore
