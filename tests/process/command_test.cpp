// Programs that run to their end, as a fixture's set-up needs them.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include "cleave/command.hpp"
#include "processes.hpp"

namespace cleave {
namespace {

using namespace std::chrono_literals;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(RunCommand, ReturnsWhatAProgramWroteToBothStreamsInOrder) {
  const CommandResult result = run_command({"sh", "-c", "echo one; echo two >&2; echo three"});
  EXPECT_TRUE(result.end.ok());
  EXPECT_EQ(result.output, "one\ntwo\nthree\n");
}

TEST(RunCommand, HandsOverArgumentsEnvironmentAndFolder) {
  test::Folder folder;
  const std::vector<std::string> arguments{"sh", "-c", "echo \"$1|$2|$COLOUR|$HOME|$PWD\"", "sh", "a b", ""};
  const CommandResult result = run_command(
      Command(arguments).env("COLOUR", "dark=red").env("HOME", "/nowhere").working_directory(folder.path()));
  EXPECT_EQ(result.output, "a b||dark=red|/nowhere|" + folder.path() + "\n");
}

TEST(RunCommand, LooksForTheProgramInThePathThatItGets) {
  test::Folder folder;
  test::write_program(folder.path() + "/hello", "#!/bin/sh\necho hello\n");
  EXPECT_EQ(run_command(Command({"hello"}).env("PATH", "/nowhere:" + folder.path())).output, "hello\n");
  EXPECT_THAT(test::text_of([] {
                run_command(Command({"sh", "-c", ":"}).env("PATH", "/nowhere"));
              }),
              HasSubstr("No such file or directory in PATH=/nowhere"));
}

TEST(RunCommand, TakesARelativePathFromTheFolderOfTheCaller) {
  test::Folder folder;
  test::write_program(folder.path() + "/hello", "#!/bin/sh\npwd\n");
  const std::string here = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  const CommandResult result = run_command(Command({"./hello"}).working_directory("/"));
  std::filesystem::current_path(here);
  EXPECT_EQ(result.output, "/\n");
}

TEST(RunCommand, SaysPreciselyWhyAProgramCannotBeStarted) {
  test::Folder folder;
  const std::string file = folder.path() + "/file";
  std::ofstream(file) << "text";
  const auto text_of = [](const Command& command) { return test::text_of([&] { run_command(command); }); };
  EXPECT_THAT(text_of({"no-such-program"}), StartsWith("start 'no-such-program': No such file or directory in PATH="));
  EXPECT_EQ(text_of({"/no/such"}), "start '/no/such': No such file or directory");
  EXPECT_EQ(text_of({file}), "start '" + file + "': Permission denied");
  EXPECT_EQ(text_of(Command({"true"}).working_directory("/no/such")),
            "start 'true': working directory '/no/such': No such file or directory");
  test::write_program(file, "#!/no/such/interpreter\n");
  EXPECT_EQ(text_of({file}),
            "start '" + file + "': No such file or directory (the interpreter or loader that it names)");
  EXPECT_EQ(text_of(Command(std::vector<std::string>{})), "start: no program: the first argument names it");
}

TEST(RunCommand, RefusesWhatNoProgramCanBeGiven) {
  EXPECT_THAT(test::text_of([] {
                Command({"a", std::string("b\0c", 3)});
              }),
              HasSubstr("argument 'b…': has a NUL byte"));
  EXPECT_THAT(test::text_of([] { Command({"a"}).env("", "x"); }), HasSubstr("env '': "));
  EXPECT_THAT(test::text_of([] { Command({"a"}).env("A=B", "x"); }), HasSubstr("env 'A=B': "));
}

TEST(RunCommand, ThrowsTheOutputOfAProgramThatFails) {
  const auto text = test::text_of([] { run_command({"sh", "-c", "echo disk full; exit 3"}); });
  EXPECT_EQ(text, "run sh -c 'echo disk full; exit 3': exit status 3; it wrote:\ndisk full\n");
  EXPECT_THAT(test::text_of([] { run_command({"sh", "-c", "kill -9 $$"}); }), EndsWith(": SIGKILL; it wrote nothing"));
}

TEST(RunCommand, ReturnsAFailureThatIsAllowed) {
  EXPECT_EQ(run_command(Command({"sh", "-c", "exit 3"}).allow_failure()).end.code, 3);
  const ProgramEnd end = run_command(Command({"sh", "-c", "kill -TERM $$"}).allow_failure()).end;
  EXPECT_EQ(end.signal, SIGTERM);
  EXPECT_EQ(end.code, -1);
  EXPECT_FALSE(end.ok());
}

TEST(RunCommand, KillsTheWholeGroupAtItsLimitAndShowsWhatWasWritten) {
  const auto before = std::chrono::steady_clock::now();
  const std::string text = test::text_of([] {
    run_command(Command({"sh", "-c", "sleep 1000 & echo pid $!; wait"}).within(300ms).allow_failure());
  });
  EXPECT_LT(std::chrono::steady_clock::now() - before, 60s);
  EXPECT_THAT(text, HasSubstr("not ended within 300 ms; it wrote:\npid "));
  const auto place = text.find("\npid ");
  ASSERT_NE(place, std::string::npos) << text;
  EXPECT_TRUE(test::ends_soon(std::stoi(text.substr(place + 5))));
}

TEST(RunCommand, IsNotHeldUpByWhatItLeavesBehindAndKillsIt) {
  const auto before = std::chrono::steady_clock::now();
  const CommandResult result = run_command({"sh", "-c", "sleep 1000 & echo $!"});
  EXPECT_LT(std::chrono::steady_clock::now() - before, 60s);
  EXPECT_TRUE(test::ends_soon(std::stoi(result.output)));
}

TEST(RunCommand, KeepsTheTwoEndsOfALongOutput) {
  const CommandResult result = run_command(
      Command({"sh", "-c", "echo first; i=0; while [ $i -lt 5000 ]; do echo 0123456789; i=$((i+1)); done; echo last"})
          .keep_output(1000));
  EXPECT_THAT(result.output, StartsWith("first\n0123456789\n"));
  EXPECT_THAT(result.output, EndsWith("0123456789\nlast\n"));
  EXPECT_THAT(result.output, HasSubstr("\n… 54011 bytes left out …\n"));
  EXPECT_LT(result.output.size(), 1100U);
}

TEST(RunCommand, LeavesTheProgramNoOtherDescriptorAndNoInput) {
  const int open = ::fcntl(STDERR_FILENO, F_DUPFD, 57);  // Without CLOEXEC, as a careless library has them.
  ASSERT_GE(open, 57);
  const CommandResult result =
      run_command({"sh", "-c", "for fd in /proc/$$/fd/*; do echo ${fd##*/} $(readlink $fd); done; cat"});
  ::close(open);
  EXPECT_THAT(result.output, StartsWith("0 /dev/null\n1 "));
  EXPECT_EQ(result.output.find("\n" + std::to_string(open) + " "), std::string::npos) << result.output;
  // dash keeps none of its own; bash has 255 for a script.
  EXPECT_LE(std::count(result.output.begin(), result.output.end(), '\n'), 4) << result.output;
}

TEST(RunCommand, StartsTheProgramWithStandardSignals) {
  const auto before = ::signal(SIGTERM, SIG_IGN);
  sigset_t blocked;
  sigset_t old;
  ::sigemptyset(&blocked);
  ::sigaddset(&blocked, SIGUSR1);
  ::pthread_sigmask(SIG_BLOCK, &blocked, &old);
  const CommandResult result = run_command({"grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status"});
  sigset_t after;
  ::pthread_sigmask(SIG_SETMASK, &old, &after);
  ::signal(SIGTERM, before);
  EXPECT_EQ(result.output, "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
  EXPECT_EQ(::sigismember(&after, SIGUSR1), 1) << "the mask of the caller has changed";
  EXPECT_EQ(::sigismember(&after, SIGUSR2), 0) << "the mask of the caller has changed";
}

TEST(RunCommand, LeadsAProcessGroupOfItsOwn) {
  const CommandResult result = run_command({"sh", "-c", "echo $$; cut -d' ' -f5 /proc/$$/stat"});
  const auto line = result.output.find('\n');
  EXPECT_EQ(result.output.substr(0, line), result.output.substr(line + 1, line));
}

TEST(RunCommand, RunsAsAnotherUserWithTheGroupsOfThatUser) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root may";
  const passwd* const nobody = ::getpwnam("nobody");
  ASSERT_NE(nobody, nullptr);
  const CommandResult result =
      run_command(Command({"sh", "-c", "id -u; id -g; id -G; grep Groups /proc/$$/status; echo written >> /dev/stderr"})
                      .as_user("nobody"));
  const std::string user = std::to_string(nobody->pw_uid);
  const std::string group = std::to_string(nobody->pw_gid);
  EXPECT_THAT(result.output, StartsWith(user + "\n" + group + "\n" + group + "\nGroups:\t" + group));
  EXPECT_THAT(result.output, EndsWith("written\n"));
}

TEST(RunCommand, NamesAUserThatDoesNotExist) {
  EXPECT_EQ(test::text_of([] { run_command(Command({"true"}).as_user("no-such-user")); }),
            "start 'true': user 'no-such-user': there is no such user");
}

TEST(RunCommand, ChangesTheUserBeforeTheFolder) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root may";
  test::Folder folder;
  ::chmod(folder.path().c_str(), 0700);
  EXPECT_EQ(test::text_of([&] { run_command(Command({"true"}).as_user("nobody").working_directory(folder.path())); }),
            "start 'true': working directory '" + folder.path() + "': Permission denied");
}

TEST(RunCommand, MayBeCalledByManyThreadsAtOnce) {
  std::vector<std::thread> threads;
  std::vector<std::string> outputs(8);
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    threads.emplace_back([&outputs, i] {
      for (int round = 0; round < 5; ++round) {
        outputs[i] += run_command({"sh", "-c", "echo " + std::to_string(i)}).output;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    std::string expected;
    for (int round = 0; round < 5; ++round) expected += std::to_string(i) + "\n";
    EXPECT_EQ(outputs[i], expected);
  }
}

TEST(RunCommand, CallsItAnUnknownEndWhenSomebodyElseWaitedForIt) {
  const auto before = ::signal(SIGCHLD, SIG_IGN);  // The kernel reaps every child.
  const std::string text = test::text_of([] { run_command({"true"}); });
  ::signal(SIGCHLD, before);
  EXPECT_THAT(text, HasSubstr("an end that somebody else waited for"));
}

}  // namespace
}  // namespace cleave
