#include "os/jobserver.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "os/process.hpp"
#include "temporary_folder.hpp"

namespace cleave::os {
namespace {

using std::chrono::milliseconds;

/// What make has: a pipe with tokens in it, and MAKEFLAGS that name it.
class MakesPipe {
 public:
  explicit MakesPipe(const std::string& tokens) {
    int ends[2];
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    read_end_ = Fd(ends[0]);
    write_end_ = Fd(ends[1]);
    EXPECT_TRUE(write_all(write_end_.get(), tokens));
  }
  int read_fd() const { return read_end_.get(); }
  int write_fd() const { return write_end_.get(); }
  std::string flags() const {
    return " -j9 --jobserver-auth=" + std::to_string(read_fd()) + "," + std::to_string(write_fd());
  }
  JobServer client() const {
    auto found = JobServer::from_make_flags(flags());
    EXPECT_TRUE(found && *found) << (found ? "none" : found.error().what);
    return std::move(**found);
  }
  /// All that are in it now, which are taken out.
  std::string tokens() const {
    const int before = ::fcntl(read_fd(), F_GETFL);
    ::fcntl(read_fd(), F_SETFL, before | O_NONBLOCK);
    std::array<char, 100> bytes{};
    const auto got = read_some(read_fd(), bytes.data(), bytes.size());
    ::fcntl(read_fd(), F_SETFL, before);
    return got ? std::string(bytes.data(), *got) : "";
  }

 private:
  Fd read_end_;
  Fd write_end_;
};

std::string warning_for(const std::string& flags) {
  const auto found = JobServer::from_make_flags(flags);
  return found ? "" : found.error().what;
}

// R28.
TEST(JobServerClient, UsesItsOwnSlotFirstAndGivesItUpLast) {
  const MakesPipe pipe("ab");
  JobServer client = pipe.client();
  EXPECT_TRUE(client.try_acquire());
  EXPECT_EQ(pipe.tokens(), "ab");
  ASSERT_TRUE(write_all(pipe.write_fd(), "ab"));
  EXPECT_TRUE(client.try_acquire());
  EXPECT_TRUE(client.try_acquire());
  EXPECT_FALSE(client.try_acquire());
  EXPECT_EQ(client.acquired(), 3U);
  client.release();
  client.release();
  EXPECT_EQ(client.acquired(), 1U);
  EXPECT_EQ(pipe.tokens().size(), 2U) << "the tokens went back, the slot of its own is still in use";
  client.release();
  EXPECT_EQ(client.acquired(), 0U);
  EXPECT_TRUE(client.try_acquire()) << "without a token";
}

// R28: make's manual: "write back the same character you read".
TEST(JobServerClient, GivesTokensBackByteForByte) {
  const std::string tokens("+\0\xFF|x", 5);
  const MakesPipe pipe(tokens);
  {
    JobServer client = pipe.client();
    for (int i = 0; i < 6; ++i) EXPECT_TRUE(client.try_acquire());
    EXPECT_FALSE(client.try_acquire());
    client.release();
    client.release();
  }
  std::string back = pipe.tokens();
  std::sort(back.begin(), back.end());
  std::string sorted = tokens;
  std::sort(sorted.begin(), sorted.end());
  EXPECT_EQ(back, sorted);
}

// R28: two are told that there is a token; one gets it, and the other does not hang.
TEST(JobServerClient, NeverWaitsForATokenThatSomebodyElseTook) {
  const MakesPipe pipe("+");
  JobServer one = pipe.client();
  JobServer other = pipe.client();
  EXPECT_TRUE(one.try_acquire());
  EXPECT_TRUE(other.try_acquire());
  EXPECT_TRUE(wait_readable({one.wait_fd()}, milliseconds(0)).front());
  EXPECT_TRUE(wait_readable({other.wait_fd()}, milliseconds(0)).front());
  EXPECT_TRUE(one.try_acquire());
  EXPECT_FALSE(other.try_acquire());
  EXPECT_FALSE(wait_readable({other.wait_fd()}, milliseconds(0)).front());
  one.release();
  EXPECT_TRUE(wait_readable({other.wait_fd()}, milliseconds(0)).front());
  EXPECT_TRUE(other.try_acquire());
}

// R28: make and all of its other children share the open file.
TEST(JobServerClient, LeavesTheDescriptorsOfMakeBlocking) {
  const MakesPipe pipe("+");
  JobServer client = pipe.client();
  EXPECT_TRUE(client.try_acquire());
  EXPECT_TRUE(client.try_acquire());
  EXPECT_EQ(::fcntl(pipe.read_fd(), F_GETFL) & O_NONBLOCK, 0);
  EXPECT_EQ(::fcntl(pipe.write_fd(), F_GETFL) & O_NONBLOCK, 0);
  EXPECT_EQ(::fcntl(client.wait_fd(), F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
}

TEST(JobServerClient, IsNoneWithoutAServer) {
  for (const std::string flags : {"", "k", " -j3", " -j3 --jobserver-auth=-2,-2"}) {
    const auto found = JobServer::from_make_flags(flags);
    ASSERT_TRUE(found) << found.error().what;
    EXPECT_FALSE(*found) << flags;
  }
}

// R28: a recipe without '+': make closed its pipe, and left its numbers in MAKEFLAGS.
TEST(JobServerClient, WarnsAboutDescriptorsThatAreNotMakesPipe) {
  const MakesPipe pipe("+");
  const MakesPipe stranger("+");
  const test::TemporaryFolder folder;
  const Fd file(::open(folder.write("file", "+++").c_str(), O_RDWR | O_CLOEXEC));
  const auto flags = [](int read_fd, int write_fd) {
    return " -j9 --jobserver-auth=" + std::to_string(read_fd) + "," + std::to_string(write_fd);
  };
  EXPECT_EQ(warning_for(flags(9998, 9999)),
            "use make's job server: descriptors 9998,9999 of MAKEFLAGS: not open: put '+' in front of the recipe's "
            "line; running without it");
  EXPECT_NE(warning_for(flags(pipe.read_fd(), 9999)).find("not open"), std::string::npos);
  EXPECT_NE(warning_for(flags(file.get(), file.get())).find("not the two ends of a pipe"), std::string::npos);
  EXPECT_NE(warning_for(flags(pipe.read_fd(), stranger.write_fd())).find("not the two ends of a pipe"),
            std::string::npos);
  EXPECT_NE(warning_for(flags(pipe.write_fd(), pipe.read_fd())).find("not one to read from"), std::string::npos);
  EXPECT_EQ(warning_for(" --jobserver-auth=what"),
            "read MAKEFLAGS: '--jobserver-auth=what' is not fifo:PATH or R,W with the numbers of two descriptors; "
            "running without it");
  EXPECT_EQ(pipe.tokens(), "+");
}

TEST(JobServerClient, WarnsAboutAFifoThatIsNone) {
  const test::TemporaryFolder folder;
  const std::string file = folder.write("file", "++");
  EXPECT_EQ(warning_for(" --jobserver-auth=fifo:" + file),
            "use make's job server: fifo:" + file + " of MAKEFLAGS: not a FIFO; running without it");
  EXPECT_EQ(warning_for(" --jobserver-auth=fifo:" + folder.path("none")),
            "use make's job server: fifo:" + folder.path("none") + " of MAKEFLAGS: open " + folder.path("none") +
                ": No such file or directory; running without it");
}

// R28: of n slots one needs no token, for this process as for every client.
TEST(JobServerOfOurOwn, HasAsManySlotsAsItWasMadeWith) {
  const test::TemporaryFolder folder;
  for (const std::uint32_t slots : {1U, 2U, 7U, 1024U}) {
    auto server = JobServer::make(slots, folder.path("jobs"));
    ASSERT_TRUE(server) << server.error().what;
    for (std::uint32_t i = 0; i < slots; ++i) EXPECT_TRUE(server->try_acquire());
    EXPECT_FALSE(server->try_acquire());
    EXPECT_EQ(server->acquired(), slots);
  }
}

TEST(JobServerOfOurOwn, RefusesANumberOfSlotsThatIsNone) {
  const test::TemporaryFolder folder;
  for (const std::uint32_t slots : {0U, 1025U}) {
    const auto server = JobServer::make(slots, folder.path("jobs"));
    ASSERT_FALSE(server);
    EXPECT_EQ(server.error().what, "make a job server: " + std::to_string(slots) + " slots: not 1 to 1024");
    EXPECT_EQ(server.error().kind, Errc::usage);
  }
  EXPECT_FALSE(JobServer::make(3, folder.path("no/such/folder")));
}

// R28: in both ways of telling, what a child has and what we have is never more than there is.
TEST(JobServerOfOurOwn, SharesItsSlotsWithChildren) {
  const test::TemporaryFolder folder;
  auto server = JobServer::make(3, folder.path("a jobs $dir"));
  ASSERT_TRUE(server);
  EXPECT_TRUE(server->try_acquire());
  EXPECT_TRUE(server->try_acquire()) << "for the child";
  for (const auto style : {JobServer::Style::fifo, JobServer::Style::descriptors}) {
    const std::string flags = server->make_flags("k -- X=1", style);
    EXPECT_EQ(flags.find("k -j3 --jobserver-auth="), 0U) << flags;
    auto child = JobServer::from_make_flags(flags);
    ASSERT_TRUE(child && *child) << flags << (child ? "" : child.error().what);
    EXPECT_TRUE((*child)->try_acquire());
    EXPECT_TRUE((*child)->try_acquire());
    EXPECT_FALSE((*child)->try_acquire());
    EXPECT_FALSE(server->try_acquire());
    (*child)->release();
    EXPECT_TRUE(server->try_acquire());
    EXPECT_FALSE((*child)->try_acquire());
    server->release();
    EXPECT_EQ((*child)->make_flags(flags, style), flags) << "grandchildren share the same";
    EXPECT_TRUE((*child)->descriptors().empty());
  }
}

// R28: makes before 4.3 stop with EAGAIN when what they inherit does not block.
TEST(JobServerOfOurOwn, HandsDownDescriptorsThatBlock) {
  const test::TemporaryFolder folder;
  auto server = JobServer::make(3, folder.path("jobs"));
  ASSERT_TRUE(server);
  const auto descriptors = server->descriptors();
  ASSERT_EQ(descriptors.size(), 2U);
  for (const int fd : descriptors) {
    EXPECT_EQ(::fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
    EXPECT_EQ(::fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
  }
  EXPECT_NE(descriptors[0], descriptors[1]) << "make closes both";
}

// R28: a test that was killed at its time limit took a token with it.
TEST(JobServerOfOurOwn, RefillBringsBackWhatKilledChildrenHeld) {
  const test::TemporaryFolder folder;
  auto server = JobServer::make(4, folder.path("jobs"));
  ASSERT_TRUE(server);
  std::array<char, 2> lost{};
  ASSERT_EQ(::read(server->descriptors()[0], lost.data(), lost.size()), 2);
  EXPECT_TRUE(server->try_acquire());
  EXPECT_TRUE(server->try_acquire());
  EXPECT_FALSE(server->try_acquire());
  server->refill();
  EXPECT_EQ(server->tokens().unclaimed(), 2U);
  server->refill();
  EXPECT_EQ(server->tokens().unclaimed(), 2U) << "no more than there were";
  server->release();
  server->release();
  EXPECT_EQ(server->tokens().unclaimed(), 3U);
}

// R16: nothing is left behind.
TEST(JobServerOfOurOwn, TakesItsFifoAlong) {
  const test::TemporaryFolder folder;
  const std::string path = folder.path("jobs");
  struct stat status {};
  {
    const auto server = JobServer::make(4, path);
    ASSERT_TRUE(server);
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_TRUE(S_ISFIFO(status.st_mode));
    EXPECT_EQ(status.st_mode & 0777, 0600U);
  }
  EXPECT_NE(::stat(path.c_str(), &status), 0);
}

}  // namespace
}  // namespace cleave::os
