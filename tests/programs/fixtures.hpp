#pragma once

// Fixtures that tell what they do, for the programs `fixtures` of both frameworks. FIXTURES_LOG names a file to which
// each set-up, tear-down and cleaning adds a line; FIXTURES_FAIL, _HANG and _CRASH name the fixture that shall.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

#include <fcntl.h>
#include <cleave/fixtures.hpp>

namespace fixtures {

inline std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

/// One write for each line, so that those of several processes do not mix.
inline void tell(const std::string& line) {
  const std::string path = variable("FIXTURES_LOG");
  if (path.empty()) return;
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const std::string text = line + " pid=" + std::to_string(getpid()) + "\n";
  if (write(file, text.data(), text.size()) < 0) std::perror("write");
  close(file);
}

inline void misbehave(const std::string& name) {
  if (variable("FIXTURES_CRASH") == name) std::abort();
  if (variable("FIXTURES_HANG") == name) {
    while (true) pause();
  }
  if (variable("FIXTURES_FAIL") == name) throw std::runtime_error("the disk is on fire");
}

/// A thread that answers every connection with one word, for as long as it lives.
class Server {
 public:
  Server(unsigned short port, std::string word) : word_(std::move(word)) {
    socket_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    setsockopt(socket_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    if (bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 || listen(socket_, 16) != 0) {
      throw std::runtime_error("listen on port " + std::to_string(port));
    }
    thread_ = std::thread([this] { serve(); });
  }
  ~Server() {
    shutdown(socket_, SHUT_RDWR);
    thread_.join();
    close(socket_);
  }

 private:
  void serve() const {
    while (true) {
      const int peer = accept(socket_, nullptr, nullptr);
      if (peer < 0) return;
      if (write(peer, word_.data(), word_.size()) < 0) std::perror("write");
      close(peer);
    }
  }
  std::string word_;
  int socket_ = -1;
  std::thread thread_;
};

/// What a server above says; empty when there is none.
inline std::string ask(int port) {
  const int peer = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<unsigned short>(port));
  std::string word;
  if (connect(peer, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    char bytes[64];
    const auto got = read(peer, bytes, sizeof bytes);
    if (got > 0) word.assign(bytes, static_cast<std::size_t>(got));
  }
  close(peer);
  return word;
}

/// Set up once per run, in the leader: a server that is a thread of it. The payload is "<port> <pid of the leader>".
inline const cleave::RunFixture base("base", [](cleave::SetUp& set_up) {
  tell("set_up base");
  misbehave("base");
  auto server = std::make_shared<Server>(cleave::port("base"), "base");
  set_up.on_tear_down([server]() mutable {
    server.reset();
    tell("tear_down base");
    if (variable("FIXTURES_FAIL_TEAR_DOWN") == "base") throw std::runtime_error("it did not want to go");
  });
  return std::to_string(cleave::port("base")) + " " + std::to_string(getpid());
});

/// Needs the one above, and starts a process.
inline const cleave::RunFixture top(
    "top",
    [](cleave::SetUp& set_up) {
      tell("set_up top");
      const int child = fork();
      if (child == 0) {
        setsid();
        execlp("sleep", "sleep", "300", static_cast<char*>(nullptr));
        _exit(127);
      }
      set_up.on_tear_down([child] {
        kill(child, SIGKILL);
        tell("tear_down top");
      });
      misbehave("top");
      return "on " + base.payload() + '\0' + "and more";
    },
    cleave::FixtureOptions().needs({"base"}).set_up_within(std::chrono::seconds(5)));

/// Set up once for each shard that uses it.
inline const cleave::ShardFixture instance(
    "instance",
    [](cleave::SetUp& set_up) {
      tell("set_up instance " + cleave::data_prefix());
      misbehave("instance");
      auto server = std::make_shared<Server>(cleave::port("instance"), cleave::data_prefix());
      set_up.on_tear_down([server]() mutable {
        server.reset();
        tell("tear_down instance " + cleave::data_prefix());
      });
      return std::to_string(cleave::port("instance")) + " " + std::to_string(getpid());
    },
    cleave::FixtureOptions().needs({"base"}).set_up_within(std::chrono::seconds(5)));

inline const cleave::PrefixCleanup leftovers("leftovers", [](const cleave::Leftovers& left) {
  tell(std::string(left.swept ? "swept " : "cleaned ") + left.prefix);
  if (variable("FIXTURES_FAIL") == "leftovers") throw std::runtime_error("the bucket is locked");
});

/// The number at the beginning of a payload, and the one behind it.
inline int port_in(const std::string& payload) { return std::atoi(payload.c_str()); }
inline int pid_in(const std::string& payload) { return std::atoi(payload.c_str() + payload.find(' ')); }

/// With FIXTURES_DEED=<name of the test> the test does something terrible: FIXTURES_DEED_IS says what.
inline void do_deed(const std::string& test) {
  if (variable("FIXTURES_DEED") != test) return;
  const std::string deed = variable("FIXTURES_DEED_IS");
  if (deed == "kill self") raise(SIGKILL);
  if (deed == "kill leader") kill(pid_in(base.payload()), SIGKILL);
  if (deed == "kill supervisor") kill(getppid(), SIGKILL);
  if (deed == "interrupt") kill(getppid(), SIGINT);
  if (deed == "hang") {
    while (true) pause();
  }
}

}  // namespace fixtures
