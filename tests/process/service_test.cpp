// How a service ends: real programs, real signals, real deaths.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pwd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "cleave/service.hpp"
#include "processes.hpp"

namespace cleave {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using test::ends_soon;
using test::is_alive;
using ::testing::HasSubstr;

using Options = Service::Options;

/// A shell script as a service that is up once it has printed "up".
Options script(const std::string& text) { return Options({"sh", "-c", text}); }
bool is_up(const Service& service) {
  return test::soon([&] { return service.log_tail().find("up") != std::string::npos; });
}
constexpr const char* kEndsWith7 = "trap 'exit 7' TERM; echo up; while :; do sleep 0.02; done";
constexpr const char* kIgnoresTerm = "trap '' TERM; echo up; while :; do sleep 0.02; done";

TEST(Service, RunsUntilItIsStoppedAndReturnsHowItEnded) {
  Service service(script(kEndsWith7));
  const int pid = service.pid();
  ASSERT_TRUE(is_up(service));
  EXPECT_TRUE(service.running());
  const ProgramEnd end = service.stop();
  EXPECT_EQ(end.code, 7);
  EXPECT_EQ(end.text(), "exit status 7");
  EXPECT_FALSE(service.running());
  EXPECT_EQ(service.pid(), 0);
  EXPECT_EQ(::waitpid(pid, nullptr, WNOHANG), -1) << "it was not reaped";
}

TEST(Service, ReturnsTheSameEndHoweverOftenItIsStopped) {
  Service service({"sleep", "1000"});
  EXPECT_EQ(service.stop().signal, SIGTERM);
  EXPECT_EQ(service.stop().signal, SIGTERM);
  EXPECT_EQ(service.kill().signal, SIGTERM);
  service.signal(SIGTERM);  // Nobody gets it.
}

TEST(Service, SendsTheSignalThatItWasTold) {
  Service service(script("trap 'exit 9' INT; echo up; while :; do sleep 0.02; done"));
  ASSERT_TRUE(is_up(service));
  service.signal(SIGINT);
  EXPECT_TRUE(test::soon([&] { return !service.running(); }));
  EXPECT_EQ(service.stop().code, 9);
  Service other(script("trap 'exit 8' INT; trap '' TERM; echo up; while :; do sleep 0.02; done").stop_signal(SIGINT));
  ASSERT_TRUE(is_up(other));
  EXPECT_EQ(other.stop().code, 8);
}

TEST(Service, KillsAProgramThatIgnoresTheStopSignal) {
  Service service(script(kIgnoresTerm).stop_within(200ms));
  ASSERT_TRUE(is_up(service));
  const auto before = steady_clock::now();
  EXPECT_EQ(service.stop().signal, SIGKILL);
  EXPECT_GE(steady_clock::now() - before, 200ms);
}

TEST(Service, WaitsForAProgramThatTakesItsTimeToEnd) {
  Service service(script("trap 'sleep 0.3; exit 5' TERM; echo up; while :; do sleep 0.02; done"));
  ASSERT_TRUE(is_up(service));
  EXPECT_EQ(service.stop().code, 5);
}

TEST(Service, KillDoesNotAsk) {
  Service service(script(kEndsWith7).stop_within(1h));
  ASSERT_TRUE(is_up(service));
  EXPECT_EQ(service.kill().signal, SIGKILL);
  EXPECT_FALSE(service.running());
}

int pid_in(const Service& service) {
  const std::string log = service.log_tail();
  return log.rfind("up ", 0) == 0 ? std::stoi(log.substr(3)) : 0;
}

TEST(Service, LeavesNothingOfItsProcessGroup) {
  for (const char* const text : {"sleep 1000 & echo up $!; wait", "trap '' TERM; sleep 1000 & echo up $!; wait",
                                 "sleep 1000 & echo up $!; exit 0"}) {
    Service service(script(text).stop_within(200ms));
    ASSERT_TRUE(is_up(service)) << text;
    const int grandchild = pid_in(service);
    ASSERT_TRUE(is_alive(grandchild)) << text;
    service.stop();
    EXPECT_TRUE(ends_soon(grandchild)) << text;
  }
}

TEST(Service, SendsTheStopSignalToTheProgramAlone) {
  Service service(
      script("trap 'sleep 0.2; exit 4' TERM;"
             "(trap 'echo child got it; exit' TERM; echo up; while :; do sleep 0.02; done) & "
             "while :; do sleep 0.02; done"));
  ASSERT_TRUE(is_up(service));
  EXPECT_EQ(service.stop().code, 4);
  EXPECT_EQ(service.log_tail(), "up\n");
}

TEST(Service, StopsWithItsObject) {
  int pid = 0;
  {
    Service service({"sleep", "1000"});
    pid = service.pid();
    EXPECT_TRUE(is_alive(pid));
  }
  EXPECT_FALSE(is_alive(pid));
  EXPECT_EQ(::waitpid(pid, nullptr, WNOHANG), -1);
}

TEST(Service, MovesWithItsProgram) {
  std::optional<Service> slot;
  Service first({"sleep", "1000"});
  const int pid = first.pid();
  slot.emplace(std::move(first));
  EXPECT_EQ(slot->pid(), pid);
  EXPECT_TRUE(slot->running());
  EXPECT_THAT(test::text_of([&] { first.stop(); }), HasSubstr("moved from"));  // NOLINT(bugprone-use-after-move)
  *slot = Service({"sleep", "1000"});
  EXPECT_FALSE(is_alive(pid));
  EXPECT_TRUE(slot->running());
}

TEST(Service, SeesAProgramThatEndsByItself) {
  Service service(script("exit 3"));
  EXPECT_TRUE(test::soon([&] { return !service.running(); }));
  EXPECT_EQ(service.stop().code, 3);
}

/// Runs `body` in a child process, which then waits to be killed. `body` returns a number.
class OtherProcess {
 public:
  template <class Body>
  explicit OtherProcess(const Body& body) {
    int ends[2];
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    pid_ = ::fork();
    if (pid_ == 0) {
      const int number = body();
      (void)!::write(ends[1], &number, sizeof number);
      while (true) ::pause();
    }
    ::close(ends[1]);
    EXPECT_EQ(::read(ends[0], &number_, sizeof number_), static_cast<ssize_t>(sizeof number_));
    ::close(ends[0]);
  }
  ~OtherProcess() { kill(); }
  OtherProcess(const OtherProcess&) = delete;
  OtherProcess& operator=(const OtherProcess&) = delete;
  int number() const noexcept { return number_; }
  void kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }

 private:
  int pid_ = -1;
  int number_ = 0;
};

TEST(Service, DiesWithAProcessThatIsKilled) {
  OtherProcess owner([] { return (new Service({"sleep", "1000"}))->pid(); });
  EXPECT_TRUE(is_alive(owner.number()));
  owner.kill();
  EXPECT_TRUE(ends_soon(owner.number()));
}

TEST(Service, DiesWithAProcessThatIsKilledAlsoAsAnotherUser) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root may";
  OtherProcess owner([] { return (new Service(Options({"sleep", "1000"}).as_user("nobody")))->pid(); });
  EXPECT_TRUE(is_alive(owner.number()));
  owner.kill();
  EXPECT_TRUE(ends_soon(owner.number()));
}

std::unique_ptr<Service> make_on_a_thread() {
  std::unique_ptr<Service> service;
  std::thread([&] { service = std::make_unique<Service>(Options({"sleep", "1000"})); }).join();
  return service;
}

TEST(Service, OutlivesTheThreadThatMadeItAndStillDiesWithTheProcess) {
  const auto service = make_on_a_thread();
  run_command({"true"});  // Time for the kernel to send what it sends at the end of a thread.
  EXPECT_TRUE(service->running());
  EXPECT_EQ(service->stop().signal, SIGTERM);

  OtherProcess owner([] { return make_on_a_thread().release()->pid(); });
  EXPECT_TRUE(is_alive(owner.number()));
  owner.kill();
  EXPECT_TRUE(ends_soon(owner.number()));
}

void expect_untouched_by_a_fork(Service& service) {
  const int child = ::fork();
  if (child == 0) {
    ::alarm(30);
    const bool refused = test::text_of([&] { service.stop(); }).find("not to one forked") != std::string::npos;
    { const Service taken(std::move(service)); }
    ::_exit(refused ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_TRUE(service.running());
  EXPECT_EQ(service.stop().signal, SIGTERM);
}

TEST(Service, IsNotTouchedByAProcessThatWasForkedFromItsOwn) {
  Service service({"sleep", "1000"});
  expect_untouched_by_a_fork(service);
  const auto of_a_thread = make_on_a_thread();
  expect_untouched_by_a_fork(*of_a_thread);
}

TEST(Service, IsAskedAndStoppedByManyThreadsAtOnce) {
  Service service(script(kEndsWith7));
  ASSERT_TRUE(is_up(service));
  std::vector<std::thread> threads;
  std::vector<int> codes(8);
  threads.reserve(codes.size());
  for (int& code : codes) {
    threads.emplace_back([&] {
      while (service.running()) {
        if (service.pid() == 0) break;
        code = service.stop().code;
      }
      code = service.stop().code;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(codes, std::vector<int>(8, 7));
}

TEST(Service, IsStartedByManyThreadsAtOnce) {
  std::vector<std::thread> threads;
  std::vector<int> signals(8);
  threads.reserve(signals.size());
  for (int& signal : signals) {
    threads.emplace_back([&signal] {
      for (int round = 0; round < 3; ++round) signal += Service({"sleep", "1000"}).stop().signal;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(signals, std::vector<int>(8, 3 * SIGTERM));
}

}  // namespace
}  // namespace cleave
