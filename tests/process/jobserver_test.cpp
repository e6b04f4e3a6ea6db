// Real makes, and real clients of them.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include "../support/run_program.hpp"
#include "os/jobserver.hpp"

namespace cleave::test {
namespace {

const std::string kMake = CLEAVE_MAKE;
const std::string kProgram = CLEAVE_JOBSERVER_PROGRAM;

/// What the clients logged together.
struct Log {
  int started = 0;
  int ended = 0;
  int most = 0;  ///< At once.
};

class JobServerTest : public testing::Test {
 protected:
  JobServerTest() {
    // Of a make that runs this test.
    for (const char* name : {"MAKEFLAGS", "MFLAGS", "MAKELEVEL", "GNUMAKEFLAGS", "MAKE_TERMOUT", "MAKE_TERMERR"}) {
      sandbox_.unset(name);
    }
    sandbox_.set("LC_ALL", "C");
    sandbox_.set("PROGRAM", kProgram);
    sandbox_.set("LOG", log_file());
  }

  std::string log_file() const { return sandbox_.path("log"); }

  Log log() const {
    Log log;
    std::istringstream lines(sandbox_.read("log"));
    for (std::string line; std::getline(lines, line);) {
      (line.starts_with('+') ? log.started : log.ended) += 1;
      log.most = std::max(log.most, log.started - log.ended);
    }
    return log;
  }

  Finished make(const std::string& makefile, const std::vector<std::string>& arguments) const {
    sandbox_.write("work/Makefile", makefile);
    std::vector<std::string> command{kMake};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return sandbox_.run(command);
  }

  /// make says at its end when tokens are missing, or when there are too many.
  static void expect_all_tokens_back(const Finished& finished) {
    EXPECT_EQ(finished.code, 0) << finished.told();
    EXPECT_EQ(finished.err.find("INTERNAL"), std::string::npos) << finished.told();
    EXPECT_EQ(finished.err.find("jobserver"), std::string::npos) << finished.told();
  }

  Sandbox sandbox_;
};

// R28: three clients that would like six slots each.
TEST_F(JobServerTest, ClientsTogetherRunNoMoreJobsThanMakeWasGiven) {
  const Finished finished = make(
      "all: a b c\n"
      "a b c:\n\t+$$PROGRAM $$LOG 8 20\n",
      {"-j3"});
  expect_all_tokens_back(finished);
  EXPECT_EQ(log().started, 24);
  EXPECT_EQ(log().ended, 24);
  EXPECT_LE(log().most, 3);
  EXPECT_GE(log().most, 2) << "else nothing was shared";
  EXPECT_EQ(finished.err, "");
}

// R28.
TEST_F(JobServerTest, AClientAloneUsesEverySlotOfMake) {
  expect_all_tokens_back(make("all:\n\t+$$PROGRAM $$LOG 12 30\n", {"-j4"}));
  EXPECT_EQ(log().most, 4);
  EXPECT_EQ(log().started, 12);
}

// R28: parent and child are one pool.
TEST_F(JobServerTest, ClientsOfANestedMakeShareTheSlotsOfTheOuterOne) {
  const Finished finished = make(
      "all: own nested\n"
      "own:\n\t+$$PROGRAM $$LOG 8 20\n"
      "nested:\n\t$(MAKE) inner\n"
      "inner: x y\n"
      "x y:\n\t+$$PROGRAM $$LOG 8 20\n",
      {"-j3", "all"});
  expect_all_tokens_back(finished);
  EXPECT_EQ(log().started, 24);
  EXPECT_LE(log().most, 3);
}

TEST_F(JobServerTest, WithoutParallelJobsThereIsNoServerAndNoWarning) {
  const Finished finished = make("all:\n\t+$$PROGRAM $$LOG 3 5\n", {});
  expect_all_tokens_back(finished);
  EXPECT_EQ(finished.err, "");
  EXPECT_EQ(log().most, 1);
}

// R28: what make closed is not used, and said once.
TEST_F(JobServerTest, ARecipeWithoutAPlusGetsAWarningAndOneJob) {
  const Finished finished = make("all:\n\t$$PROGRAM $$LOG 3 5\n", {"-j3"});
  EXPECT_EQ(finished.code, 0) << finished.told();
  EXPECT_NE(finished.err.find("of MAKEFLAGS: not "), std::string::npos) << finished.told();
  EXPECT_NE(finished.err.find("put '+' in front of the recipe's line; running without it\n"), std::string::npos);
  EXPECT_EQ(finished.err.find("warning", finished.err.find("warning") + 1), std::string::npos) << finished.told();
  EXPECT_EQ(log().most, 1);
}

// R28: make counts its tokens at the end.
TEST_F(JobServerTest, TokensComeBackHoweverAClientEndsThatCanStillAct) {
  // A sanitizer's handler of faults would be one of the program's own, which is left alone.
  for (const char* options : {"ASAN_OPTIONS", "TSAN_OPTIONS"}) sandbox_.set(options, "handle_segv=0:handle_sigfpe=0");
  for (const std::string end : {"1", "2", "3", "6", "8", "11", "13", "14", "15", "exit"}) {
    const Finished finished = make("all:\n\t+-$$PROGRAM $$LOG 6 20 " + end + "; echo status $$?\n", {"-j3"});
    expect_all_tokens_back(finished);
    const std::string status = end == "exit" ? "0" : std::to_string(128 + std::stoi(end));
    EXPECT_NE(finished.out.find("status " + status + "\n"), std::string::npos)
        << "still dies of the signal: " << finished.told();
  }
}

// R28: what is documented about SIGKILL and _exit(); also shows that the others would be noticed.
TEST_F(JobServerTest, TokensOfAClientThatCannotActAreMissedByMake) {
  for (const std::string end : {"9", "_exit"}) {
    const Finished finished = make("all:\n\t+-$$PROGRAM $$LOG 6 20 " + end + "; true\n", {"-j2"});
    EXPECT_NE(finished.err.find("INTERNAL: Exiting with 1 jobserver tokens available; should be 2!"), std::string::npos)
        << finished.told();
  }
}

// R28: as a run does it whose tests start sharded binaries; the flavour that make 4.4 has too.
TEST_F(JobServerTest, ClientsOfOurOwnServerShareItsSlotsThroughAFifo) {
  auto server = os::JobServer::make(3, sandbox_.path("jobs"));
  ASSERT_TRUE(server) << server.error().what;
  sandbox_.set("MAKEFLAGS", server->make_flags("", os::JobServer::Style::fifo));
  std::vector<Running> clients;
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(server->try_acquire());
  for (int i = 0; i < 3; ++i) clients.push_back(sandbox_.start({kProgram, log_file(), "8", "20"}));
  for (Running& client : clients) {
    const Finished finished = client.wait();
    EXPECT_EQ(finished.code, 0) << finished.told();
    EXPECT_EQ(finished.err, "");
    server->release();
  }
  EXPECT_EQ(log().started, 24);
  EXPECT_LE(log().most, 3);
  EXPECT_EQ(server->tokens().unclaimed(), 2U);
}

// R28: a test that runs a build.
TEST_F(JobServerTest, AMakeThatATestStartsSharesTheSlotsOfTheRun) {
  auto server = os::JobServer::make(3, sandbox_.path("jobs"));
  ASSERT_TRUE(server) << server.error().what;
  ASSERT_TRUE(server->try_acquire());
  ASSERT_TRUE(server->try_acquire()) << "another lane, which leaves two slots for the make";
  for (const int fd : server->descriptors()) os::keep_on_exec(fd, true);
  sandbox_.set("MAKEFLAGS", server->make_flags("", os::JobServer::Style::descriptors));
  sandbox_.set("MAKELEVEL", "1");
  const Finished finished = make(
      "all: a b c d\n"
      "a b:\n\t+$$PROGRAM $$LOG 8 20\n"
      "c d:\n\techo '+' >>$$LOG; sleep 0.1; echo '-' >>$$LOG\n",
      {});
  expect_all_tokens_back(finished);
  EXPECT_EQ(log().started, 18);
  EXPECT_EQ(log().most, 2);
  EXPECT_EQ(server->tokens().unclaimed(), 1U);
}

// R28: a killed client of ours is not the end of its tokens.
TEST_F(JobServerTest, RefillBringsBackTheTokensOfAKilledClient) {
  auto server = os::JobServer::make(3, sandbox_.path("jobs"));
  ASSERT_TRUE(server) << server.error().what;
  ASSERT_TRUE(server->try_acquire());
  sandbox_.set("MAKEFLAGS", server->make_flags("", os::JobServer::Style::fifo));
  EXPECT_EQ(sandbox_.run({kProgram, log_file(), "6", "20", "9"}).signal, SIGKILL);
  EXPECT_LT(server->tokens().unclaimed(), 2U);
  server->refill();
  EXPECT_EQ(server->tokens().unclaimed(), 2U);
}

// R28: workers are forks of the supervisor that holds the tokens.
TEST_F(JobServerTest, AForkNeitherTakesNorGivesBackTokensOfItsParent) {
  const std::string path = sandbox_.path("jobs");
  auto server = os::JobServer::make(4, path);
  ASSERT_TRUE(server) << server.error().what;
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(server->try_acquire());
  const os::TokenGuard guard(server->tokens());
  for (const int how : {0, SIGTERM}) {
    const int pid = ::fork();
    if (pid == 0) {
      if (server->try_acquire()) ::_exit(1);
      server->refill();
      server->release();
      if (how != 0) ::raise(how);
      { const os::JobServer gone = std::move(*server); }
      ::_exit(0);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(pid, &status, 0), pid);
    EXPECT_EQ(how == 0 ? status : WTERMSIG(status), how);
    EXPECT_EQ(server->tokens().unclaimed(), 1U);
    EXPECT_EQ(server->acquired(), 3U);
    EXPECT_EQ(::access(path.c_str(), F_OK), 0) << "its FIFO is the parent's";
  }
}

// R16: the FIFO goes too when a signal ends its process.
TEST_F(JobServerTest, AServerThatASignalEndsLeavesNoFifo) {
  const std::string path = sandbox_.path("jobs");
  const int pid = ::fork();
  if (pid == 0) {
    auto server = os::JobServer::make(4, path);
    if (!server || ::access(path.c_str(), F_OK) != 0) ::_exit(1);
    const os::TokenGuard guard(server->tokens());
    ::raise(SIGTERM);
    ::_exit(2);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(pid, &status, 0), pid);
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGTERM);
  EXPECT_NE(::access(path.c_str(), F_OK), 0);
}

// R28: whoever handles a signal, or ignores it, goes on doing so.
TEST_F(JobServerTest, AGuardLeavesHandlersAndIgnoredSignalsAlone) {
  auto server = os::JobServer::make(2, sandbox_.path("jobs"));
  ASSERT_TRUE(server);
  struct sigaction ignore {};
  struct sigaction hangup {};
  struct sigaction terminate {};
  ignore.sa_handler = SIG_IGN;
  ASSERT_EQ(::sigaction(SIGHUP, &ignore, &hangup), 0);
  {
    const os::TokenGuard guard(server->tokens());
    struct sigaction current {};
    ::sigaction(SIGHUP, nullptr, &current);
    EXPECT_EQ(current.sa_handler, SIG_IGN);
    ::sigaction(SIGTERM, nullptr, &terminate);
    EXPECT_NE(terminate.sa_handler, SIG_DFL);
  }
  ::sigaction(SIGTERM, nullptr, &terminate);
  EXPECT_EQ(terminate.sa_handler, SIG_DFL);
  ::sigaction(SIGHUP, &hangup, nullptr);
}

}  // namespace
}  // namespace cleave::test
