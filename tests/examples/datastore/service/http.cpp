#include "http.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <limits>

namespace datastore {
namespace {

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char small = static_cast<char>(c | 0x20);
  return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

std::string decode(const std::string& text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 && digit(text[i + 2]) >= 0) {
      plain += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
      i += 2;
    } else {
      plain += text[i] == '+' ? ' ' : text[i];
    }
  }
  return plain;
}

void parse_query(const std::string& text, Request& request) {
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('&', begin), text.size());
    const std::string pair = text.substr(begin, end - begin);
    const std::size_t equals = std::min(pair.find('='), pair.size());
    request.query[decode(pair.substr(0, equals))] = equals < pair.size() ? decode(pair.substr(equals + 1)) : "";
    begin = end + 1;
  }
}

const char* reason_of(int status) {
  switch (status) {
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 400: return "Bad Request";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 413: return "Content Too Large";
    case 422: return "Unprocessable Content";
    case 429: return "Too Many Requests";
    case 503: return "Service Unavailable";
    default: return "Internal Server Error";
  }
}

}  // namespace

std::string Request::text(const std::string& name, const std::string& otherwise) const {
  const auto found = query.find(name);
  return found == query.end() ? otherwise : found->second;
}

std::optional<std::int64_t> Request::number(const std::string& name, std::int64_t least, std::int64_t most) const {
  const auto found = query.find(name);
  if (found == query.end()) return std::nullopt;
  const std::string& text = found->second;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < least || value > most) {
    throw HttpError(
        400, name + " '" + text + "' is not a number from " + std::to_string(least) + " to " + std::to_string(most));
  }
  return value;
}

std::chrono::milliseconds Request::span(const std::string& name, std::chrono::milliseconds otherwise) const {
  return std::chrono::milliseconds(number(name, 0, 60'000).value_or(otherwise.count()));
}

Json Request::object() const {
  Json parsed = Json::parse(body, nullptr, false);
  if (parsed.is_discarded()) throw HttpError(400, "the body is not JSON");
  if (!parsed.is_object()) throw HttpError(400, "the body is not a JSON object");
  return parsed;
}

Request parse_head(const std::string& head) {
  Request request;
  const std::size_t first_end = std::min(head.find("\r\n"), head.size());
  const std::string first = head.substr(0, first_end);
  const std::size_t one = first.find(' ');
  const std::size_t two = first.rfind(' ');
  if (one == std::string::npos || two == one || first.substr(two + 1) != "HTTP/1.1" || first[one + 1] != '/') {
    throw HttpError(400, "the request line is not that of HTTP/1.1");
  }
  request.method = first.substr(0, one);
  const std::string target = first.substr(one + 1, two - one - 1);
  const std::size_t mark = std::min(target.find('?'), target.size());
  request.path = decode(target.substr(0, mark));
  if (mark < target.size()) parse_query(target.substr(mark + 1), request);

  for (std::size_t begin = first_end + 2; begin < head.size();) {
    const std::size_t end = std::min(head.find("\r\n", begin), head.size());
    const std::size_t colon = head.find(':', begin);
    if (colon >= end) throw HttpError(400, "a header line has no colon");
    std::size_t value = colon + 1;
    while (value < end && head[value] == ' ') ++value;
    request.headers[lower(head.substr(begin, colon - begin))] = head.substr(value, end - value);
    begin = end + 2;
  }
  return request;
}

std::string render(const Response& response, bool close) {
  const std::string body = response.body.dump(-1, ' ', false, Json::error_handler_t::replace);
  return "HTTP/1.1 " + std::to_string(response.status) + " " + reason_of(response.status) +
         "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
         (close ? "\r\nConnection: close" : "") + "\r\n\r\n" + body;
}

}  // namespace datastore
