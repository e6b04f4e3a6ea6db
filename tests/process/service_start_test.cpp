// How a service starts: ready checks, logs, and errors that say what happened. R07.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pwd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "../support/sockets.hpp"
#include "cleave/service.hpp"
#include "cleave/shard.hpp"
#include "processes.hpp"

namespace cleave {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using Options = Service::Options;

Options server(std::uint16_t port, int delay_ms) {
  return Options({CLEAVE_SERVICE_PROGRAM, std::to_string(port), std::to_string(delay_ms)});
}

/// The RetryError that starting throws, as text.
std::string start_error(const Options& options) {
  try {
    const Service service(options);
  } catch (const RetryError& error) {
    return error.what();
  }
  ADD_FAILURE() << "no error";
  return {};
}

TEST(ServiceStart, ReturnsOnceTheServerAnswers) {
  const std::uint16_t port = test::closed_port();
  Service service(server(port, 200).ready(http_health(port)));
  EXPECT_TRUE(http_health(port)().ok);
  EXPECT_EQ(service.log_tail(), "starting\nlistening\n");
  EXPECT_EQ(service.stop().code, 0);
  EXPECT_FALSE(tcp_health(port)().ok);
}

TEST(ServiceStart, DoesNotWaitWithoutACheck) {
  const auto before = steady_clock::now();
  Service service(server(test::closed_port(), 30'000));
  EXPECT_LT(steady_clock::now() - before, 20s);
}

TEST(ServiceStart, NamesAProgramThatIsMissing) {
  EXPECT_THAT(test::text_of([] {
                Service({"no-such-server", "--port", "1"});
              }),
              StartsWith("start 'no-such-server': No such file or directory in PATH="));
}

TEST(ServiceStart, RefusesASignalThatDoesNotExist) {
  EXPECT_THAT(test::text_of([] { Service(Options({"true"}).stop_signal(65)); }), HasSubstr("stop_signal: 65: 1 to 64"));
  EXPECT_THAT(test::text_of([] { Service(Options({"true"}).stop_signal(-1)); }), HasSubstr("stop_signal: -1: "));
}

TEST(ServiceStart, ShowsTheEndTheLogAndTheAttemptsOfAProgramThatDies) {
  const std::uint16_t port = test::closed_port();
  const auto before = steady_clock::now();
  const std::string text =
      start_error(Options({"sh", "-c", "echo cannot open the data folder >&2; exit 3"}).ready(tcp_health(port), 1h));
  EXPECT_LT(steady_clock::now() - before, 60s);
  EXPECT_THAT(text, StartsWith("start 'sh': gave up after "));
  EXPECT_THAT(text, HasSubstr("the program has ended: exit status 3\n  attempt 1 at "));
  EXPECT_THAT(text, HasSubstr("Connection refused"));
  EXPECT_THAT(text, EndsWith(".log:\ncannot open the data folder\n"));
}

TEST(ServiceStart, ShowsTheLogAndStopsAProgramThatNeverGetsReady) {
  test::Folder folder;
  const std::string text = start_error(
      Options({"sh", "-c", "echo $$; exec sleep 1000"})
          .log(folder.path() + "/log")
          .ready(
              [&] {
                return Health{false, test::text_in(folder.path() + "/log").empty() ? "no log" : "no socket"};
              },
              300ms));
  EXPECT_THAT(text, HasSubstr("the deadline of 300 ms passed\n"));
  EXPECT_THAT(text, HasSubstr(": no socket\n"));
  EXPECT_THAT(text,
              HasSubstr("\nthe program still ran, and was stopped\nthe end of its log " + folder.path() + "/log:\n"));
  EXPECT_FALSE(test::is_alive(std::stoi(test::text_in(folder.path() + "/log"))));
}

TEST(ServiceStart, IsNotFooledByAnotherServerOnThePort) {
  const std::uint16_t port = test::closed_port();
  Service first(server(port, 0).ready(tcp_health(port)));
  const auto check = [&] {
    siginfo_t ended{};
    ::waitid(P_ALL, 0, &ended, WEXITED | WNOWAIT);  // Until the second one could not have the port.
    return tcp_health(port)();
  };
  const std::string text = start_error(server(port, 0).ready(check));
  EXPECT_THAT(text, HasSubstr("the program has ended: exit status 3"));
  EXPECT_THAT(text, HasSubstr("healthy, but not by this program"));
  EXPECT_THAT(text, HasSubstr("bind: Address already in use"));
  EXPECT_TRUE(first.running());
}

TEST(ServiceStart, LeavesNoProcessWhenTheCheckThrowsSomethingUnheardOf) {
  test::Folder folder;
  const std::string log = folder.path() + "/log";
  const auto check = [&]() -> bool {
    if (test::text_in(log).find('\n') == std::string::npos) return false;
    throw 42;
  };
  const std::string text = start_error(Options({"sh", "-c", "echo $$; exec sleep 1000"}).log(log).ready(check, 300ms));
  EXPECT_THAT(text, HasSubstr("not a std::exception, but type int"));
  EXPECT_FALSE(test::is_alive(std::stoi(test::text_in(log))));
}

TEST(ServiceLog, IsANewFileInTheFolderOfTheShard) {
  Service first({"sh", "-c", "echo first"});
  Service second({"sh", "-c", "echo second >&2"});
  EXPECT_THAT(first.log_path(), StartsWith(temp_dir() + "/sh-"));
  EXPECT_THAT(first.log_path(), EndsWith(".log"));
  EXPECT_NE(first.log_path(), second.log_path());
  EXPECT_TRUE(test::soon([&] { return !first.running() && !second.running(); }));
  EXPECT_EQ(test::text_in(first.log_path()), "first\n");
  EXPECT_EQ(test::text_in(second.log_path()), "second\n");
}

TEST(ServiceLog, IsAppendedToAndItsTailIsOfThisProgramOnly) {
  test::Folder folder;
  const std::string path = folder.path() + "/log";
  std::ofstream(path) << "of the run before\n";
  Service service(Options({"sh", "-c", "echo 0123456789; echo end"}).log(path));
  EXPECT_TRUE(test::soon([&] { return !service.running(); }));
  EXPECT_EQ(test::text_in(path), "of the run before\n0123456789\nend\n");
  EXPECT_EQ(service.log_tail(), "0123456789\nend\n");
  EXPECT_EQ(service.log_tail(6), "9\nend\n");
  EXPECT_EQ(service.log_tail(0), "");
  std::filesystem::remove(path);
  EXPECT_EQ(service.log_tail(4), "end\n");
  service.stop();
  EXPECT_EQ(service.log_tail(4), "end\n");
}

TEST(ServiceLog, ThatCannotBeOpenedIsNamed) {
  EXPECT_THAT(test::text_of([] { Service(Options({"true"}).log("/no/such/log")); }),
              HasSubstr("start 'true': log: open /no/such/log: No such file or directory"));
}

TEST(ServiceLog, IsOpenToAnotherUserAlsoByItsName) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root may";
  Service service(Options({"sh", "-c", "id -un; echo by name >> /dev/stderr"}).as_user("nobody"));
  EXPECT_TRUE(test::soon([&] { return !service.running(); }));
  EXPECT_EQ(service.log_tail(), "nobody\nby name\n");
}

/// The whole of it: a folder that belongs to the server's user, initdb, a server that refuses to run as root, a query.
TEST(ServiceStart, RunsPostgres) {
  const std::string bin = "/usr/lib/postgresql/15/bin/";
  const passwd* const user = ::getpwnam("postgres");
  if (::access((bin + "postgres").c_str(), X_OK) != 0 || user == nullptr || ::geteuid() != 0) {
    GTEST_SKIP() << "needs " << bin << "postgres, its user, and root";
  }
  test::Folder folder;
  ASSERT_EQ(::chown(folder.path().c_str(), user->pw_uid, user->pw_gid), 0);
  const std::string data = folder.path() + "/data";
  run_command(Command({bin + "initdb", "-D", data, "--no-sync", "-A", "trust"})
                  .as_user("postgres")
                  .working_directory(folder.path())
                  .within(2min));
  const std::uint16_t port = test::closed_port();
  const std::string number = std::to_string(port);
  Service service(Options({bin + "postgres", "-D", data, "-p", number, "-k", folder.path(), "-F"})
                      .as_user("postgres")
                      .working_directory(folder.path())
                      .stop_signal(SIGINT)
                      .ready(tcp_health(port), 1min));
  // The port is open before the server takes queries.
  const std::string answer = retry([&] {
    return run_command({bin + "psql", "-h", "127.0.0.1", "-p", number, "-U", "postgres", "-Atc", "select 6 * 7"})
        .output;
  });
  EXPECT_EQ(answer, "42\n");
  EXPECT_EQ(service.stop().code, 0);
  EXPECT_THAT(service.log_tail(), HasSubstr("database system is shut down"));
}

}  // namespace
}  // namespace cleave
