#pragma once

// Fixtures that tell what they do, for the programs `fixtures` of both frameworks. FIXTURES_LOG names a file to which
// each set-up, tear-down, cleaning and use adds a line; FIXTURES_FAIL, _HANG and _CRASH name the fixture that shall,
// FIXTURES_FAIL_TEAR_DOWN and _HANG_TEAR_DOWN the one whose tear-down shall; with FIXTURES_SLOW_TEAR_DOWN it takes a
// second. FIXTURES_WAIT and _WAIT_TEAR_DOWN name one that waits for the file FIXTURES_GATE, or <that>.down, for a
// minute at most.

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

inline void wait_for(const std::string& gate) {
  for (int i = 0; i < 30000 && access(gate.c_str(), F_OK) != 0; ++i) usleep(2000);
}

inline void misbehave(const std::string& name) {
  if (variable("FIXTURES_WAIT") == name) wait_for(variable("FIXTURES_GATE"));
  if (variable("FIXTURES_CRASH") == name) std::abort();
  if (variable("FIXTURES_HANG") == name) {
    while (true) pause();
  }
  if (variable("FIXTURES_FAIL") == name) throw std::runtime_error("the disk is on fire");
}

inline void take_time(const std::string& name) {
  if (variable("FIXTURES_WAIT_TEAR_DOWN") == name) wait_for(variable("FIXTURES_GATE") + ".down");
  if (variable("FIXTURES_SLOW_TEAR_DOWN") == name) std::this_thread::sleep_for(std::chrono::seconds(1));
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
inline const cleave::RunFixture base(
    "base",
    [](cleave::SetUp& set_up) {
      tell("set_up base");
      misbehave("base");
      auto server = std::make_shared<Server>(cleave::port("base"), "base");
      set_up.on_tear_down([server]() mutable {
        take_time("base");
        server.reset();
        tell("tear_down base");
        if (variable("FIXTURES_FAIL_TEAR_DOWN") == "base") throw std::runtime_error("it did not want to go");
        if (variable("FIXTURES_HANG_TEAR_DOWN") == "base") {
          while (true) pause();
        }
      });
      return std::to_string(cleave::port("base")) + " " + std::to_string(getpid());
    },
    cleave::FixtureOptions().tear_down_within(std::chrono::seconds(5)));

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
        take_time("top");
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
        take_time("instance");
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

/// With FIXTURES_DEED=<name of the test> the test does something of its own: FIXTURES_DEED_IS says what. "wait" waits
/// for the file FIXTURES_GATE, so that a process test decides what happens meanwhile.
inline void do_deed(const std::string& test) {
  if (variable("FIXTURES_DEED") != test) return;
  const std::string deed = variable("FIXTURES_DEED_IS");
  tell("deed " + test);
  if (deed == "kill self") raise(SIGKILL);
  if (deed == "hang") {
    while (true) pause();
  }
  if (deed == "hang once") {
    const int file = open(variable("FIXTURES_GATE").c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    while (file >= 0) pause();
  }
  if (deed == "wait") {
    wait_for(variable("FIXTURES_GATE"));
  }
}

/// What a test that needs both run fixtures does; says what is wrong, or nothing.
inline std::string use_shared(const std::string& test) {
  do_deed(test);
  const std::string payload = base.payload();
  tell("saw base " + payload);
  if (ask(port_in(payload)) != "base") return "the server does not answer";
  if ((pid_in(payload) != getpid()) != cleave::this_shard().sharded) return "the leader is this process, or should be";
  if (top.payload() != "on " + payload + '\0' + "and more") return "the payload of top is not what was set up";
  return "";
}

/// What a test that uses the instance of its shard does.
inline std::string use_own(const std::string& test) {
  const std::string payload = instance.payload();
  do_deed(test);
  tell("saw instance " + cleave::data_prefix() + " " + payload);
  if (ask(port_in(payload)) != cleave::data_prefix()) return "the server does not answer with this shard's prefix";
  if (port_in(payload) != cleave::port("instance")) return "the port is not this shard's";
  usleep(20000);  // So that every shard gets some.
  return "";
}

inline void clean_up_twice() {
  cleave::on_cleanup([] { tell("cleanup first"); });
  cleave::on_cleanup([] { tell("cleanup second"); });
  tell("body");
}

inline void clean_up_badly() {
  cleave::on_cleanup([] {
    if (!variable("FIXTURES_FAIL_CLEANUP").empty()) throw std::runtime_error("the table is in use");
  });
}

inline void clean_up_the_process() {
  cleave::on_cleanup(cleave::per_process, [] { tell("process cleanup"); });
}

/// Leaves a file in the shard's folder, and fails when it is told to.
inline bool fill_temp_dir() {
  const std::string path = cleave::temp_dir() + "/evidence";
  if (std::FILE* const file = std::fopen(path.c_str(), "w")) std::fclose(file);
  tell("evidence " + path);
  return variable("FIXTURES_FAIL_TEST").empty();
}

/// A thread before main: then no process of the run may be a mere fork of this one.
inline const bool threaded = [] {
  if (!variable("FIXTURES_THREAD").empty()) {
    std::thread([] {
      while (true) pause();
    }).detach();
  }
  return true;
}();

}  // namespace fixtures
