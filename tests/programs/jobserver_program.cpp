// A client of a job server, as a run of tests is one: runs jobs that sleep, as many at once as it has slots for, and
// logs "+" when one starts and "-" when one ends.
//
//   jobserver_program LOG JOBS MILLISECONDS [END]
//
// With END it ends in the middle of its jobs, when it holds at least one token: by the signal of that number, by
// "exit", or by "_exit" without giving anything back.
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include "os/jobserver.hpp"
#include "os/machine.hpp"
#include "os/process.hpp"

namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
namespace os = cleave::os;

/// One line that no other process's comes between.
void log(int fd, const char* what) {
  const std::string line = std::string(what) + " " + std::to_string(::getpid()) + "\n";
  if (::write(fd, line.data(), line.size()) < 0) std::abort();
}

[[noreturn]] void end_by(const std::string& how) {
  if (how == "exit") std::exit(0);
  if (how == "_exit") ::_exit(0);
  ::raise(std::atoi(how.c_str()));
  std::abort();
}

class Jobs {
 public:
  Jobs(std::optional<os::JobServer>& server, int fd, nanoseconds each) : server_(server), fd_(fd), each_(each) {}

  std::size_t running() const { return ends_.size(); }
  bool start() {
    if (server_ ? !server_->try_acquire() : !ends_.empty()) return false;
    log(fd_, "+");
    ends_.push_back(os::monotonic_now() + each_);
    return true;
  }
  void end_those_that_are_done() {
    while (!ends_.empty() && ends_.front() <= os::monotonic_now()) {
      ends_.erase(ends_.begin());
      log(fd_, "-");
      if (server_) server_->release();
    }
  }
  /// Until a job ends or, while more are to start, there is a token.
  void wait(bool more) const {
    const auto left = std::chrono::ceil<milliseconds>(ends_.front() - os::monotonic_now());
    const std::vector<int> fds = server_ && more ? std::vector<int>{server_->wait_fd()} : std::vector<int>{};
    os::wait_readable(fds, std::max(left, milliseconds(0)));
  }

 private:
  std::optional<os::JobServer>& server_;
  int fd_;
  nanoseconds each_;
  std::vector<nanoseconds> ends_;  // In order.
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) return 2;
  const int fd = ::open(argv[1], O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return 2;
  auto found = os::JobServer::from_environment();
  if (!found) std::fprintf(stderr, "warning: %s\n", found.error().what.c_str());
  std::optional<os::JobServer> server = found ? std::move(*found) : std::nullopt;
  std::optional<os::TokenGuard> guard;
  if (server) guard.emplace(server->tokens());

  Jobs jobs(server, fd, milliseconds(std::atoi(argv[3])));
  int left = std::atoi(argv[2]);
  while (left > 0 || jobs.running() > 0) {
    while (left > 0 && jobs.start()) --left;
    if (argc > 4 && server && server->acquired() > 1) end_by(argv[4]);
    jobs.wait(left > 0);
    jobs.end_those_that_are_done();
  }
  return 0;
}
