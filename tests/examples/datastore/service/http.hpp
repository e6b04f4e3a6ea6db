#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

namespace datastore {

using Json = nlohmann::json;

/// An answer that is not the normal one. What a handler throws becomes the response: `{"error": what}` with this
/// status.
class HttpError : public std::runtime_error {
 public:
  HttpError(int status, const std::string& what, Json more = Json::object())
      : std::runtime_error(what), status_(status), more_(std::move(more)) {}
  int status() const noexcept { return status_; }
  /// Further members of the answer.
  const Json& more() const noexcept { return more_; }

 private:
  int status_;
  Json more_;
};

/// One HTTP/1.1 request, read whole.
struct Request {
  std::string method;
  std::string path;  ///< Decoded, without the query.
  std::map<std::string, std::string> query;
  std::map<std::string, std::string> headers;  ///< The names in lower case.
  std::string body;

  /// The parameter, or `otherwise` when it is not there.
  std::string text(const std::string& name, const std::string& otherwise = {}) const;
  /// The parameter as a number from `least` to `most`.
  /// @throws HttpError 400 when it is something else.
  std::optional<std::int64_t> number(const std::string& name, std::int64_t least, std::int64_t most) const;
  /// The parameter as a time span in milliseconds, at most a minute.
  std::chrono::milliseconds span(const std::string& name, std::chrono::milliseconds otherwise) const;
  /// The body as a JSON object.
  /// @throws HttpError 400 when it is something else.
  Json object() const;
};

struct Response {
  int status = 200;
  Json body = Json::object();
};

/// The request line and the header lines, without the empty line at their end.
/// @throws HttpError 400 when they are not HTTP/1.1.
Request parse_head(const std::string& head);
/// The bytes of a response.
std::string render(const Response& response, bool close);

}  // namespace datastore
