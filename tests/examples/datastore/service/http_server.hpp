#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <thread>

#include "http.hpp"
#include "socket.hpp"

namespace datastore {

struct ServerLimits {
  std::chrono::milliseconds idle{30'000};     ///< How long a connection may be silent between two requests.
  std::chrono::milliseconds request{5'000};   ///< How long one request may take to arrive.
  std::size_t body = std::size_t{64} * 1024;  ///< Bytes; a larger one is answered with 413.
};

/// Serves HTTP/1.1 with keep-alive on 127.0.0.1, with a thread for each connection.
class HttpServer {
 public:
  using Handler = std::function<Response(const Request&)>;

  /// Accepts connections as soon as this returns. Port 0 takes a free one. `handler` is called by many threads at once.
  HttpServer(std::uint16_t port, Handler handler, const ServerLimits& limits = {});
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;
  /// Ends all connections at once.
  ~HttpServer();

  std::uint16_t port() const noexcept { return port_; }
  /// Refuses new connections from when this returns. Those that are open are served further. May be called by a
  /// handler.
  void stop_accepting();
  /// How many requests have arrived and are not answered yet.
  unsigned in_flight() const noexcept { return in_flight_; }
  /// True as soon as nothing is in flight; false when that is not so by `deadline`.
  bool wait_until_idle(std::chrono::steady_clock::time_point deadline);
  /// Ends every connection; the answers to requests that are still in flight are lost.
  void cut();

 private:
  struct Connection {
    Socket socket;
    std::thread thread;
    bool ended = false;
  };

  void accept_connections();
  void serve(const Socket& socket);
  Response answer(const Request& request) const;
  void reap_ended();

  Handler handler_;
  ServerLimits limits_;
  Socket listener_;
  std::uint16_t port_ = 0;
  std::atomic<unsigned> in_flight_{0};
  std::atomic<bool> accepting_{true};
  std::mutex mutex_;  ///< For what follows.
  std::condition_variable idle_;
  std::list<Connection> connections_;
  bool cut_ = false;
  std::thread acceptor_;
};

}  // namespace datastore
