#include "plan/jobserver.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace cleave::plan {
namespace {

JobServerAddress pipe_of(int read_fd, int write_fd) { return JobServerAddress{"", read_fd, write_fd}; }
JobServerAddress fifo_at(const std::string& path) { return JobServerAddress{path, -1, -1}; }

struct Case {
  std::string_view text;
  std::optional<JobServerAddress> server;
  std::optional<std::uint32_t> jobs;
};

// R28: as makes of all ages write it.
TEST(MakeFlags, TellWhereTheJobServerIs) {
  const std::vector<Case> cases{
      {"", std::nullopt, std::nullopt},
      {"k", std::nullopt, std::nullopt},
      {" -j3 --jobserver-auth=3,4", pipe_of(3, 4), 3},
      {"ks -j3 --jobserver-auth=3,4", pipe_of(3, 4), 3},
      {" -j --jobserver-fds=5,6", pipe_of(5, 6), std::nullopt},
      {" -j8 --jobserver-auth=fifo:/tmp/GMfifo123", fifo_at("/tmp/GMfifo123"), 8},
      {" -j8 --jobserver-style=fifo --jobserver-auth=fifo:/a", fifo_at("/a"), 8},
      {" --jobserver-auth=fifo:/a --jobs=4 --jobserver-style=fifo", fifo_at("/a"), 4},
      {" -j8 --jobserver-auth=fifo:/a\\ b\\\\c$$d", fifo_at("/a b\\c$d"), 8},
      {" -j1", std::nullopt, 1},
      {"s -j", std::nullopt, std::nullopt},
      {" -j99999999999", std::nullopt, std::nullopt},
  };
  for (const Case& each : cases) {
    const auto flags = parse_make_flags(each.text);
    ASSERT_TRUE(flags) << each.text << ": " << flags.error().what;
    EXPECT_EQ(flags->server, each.server) << each.text;
    EXPECT_EQ(flags->jobs, each.jobs) << each.text;
  }
}

// R28: make's manual: only the last instance is relevant.
TEST(MakeFlags, OfSeveralAddressesTheLastCounts) {
  EXPECT_EQ(parse_make_flags(" -j2 --jobserver-auth=3,4 -j5 --jobserver-auth=7,8")->server, pipe_of(7, 8));
  EXPECT_EQ(parse_make_flags(" -j2 --jobserver-auth=3,4 -j5 --jobserver-auth=7,8")->jobs, 5U);
}

// R28: what make 4.4 says to a recipe without '+'.
TEST(MakeFlags, ANegativeDescriptorMeansThatThereIsNoServerForUs) {
  EXPECT_FALSE(parse_make_flags(" -j2 --jobserver-auth=3,4 --jobserver-auth=-2,-2")->server);
  EXPECT_FALSE(parse_make_flags(" --jobserver-auth=-1,4")->server);
  EXPECT_FALSE(parse_make_flags(" --jobserver-auth=3,-1")->server);
}

TEST(MakeFlags, VariablesOfTheCommandLineAreNoOptions) {
  const auto flags =
      parse_make_flags("s -j3 --jobserver-auth=3,4 -- X=a\\ --jobserver-auth=8,9 --jobserver-auth=9,9 -j7");
  ASSERT_TRUE(flags);
  EXPECT_EQ(flags->server, pipe_of(3, 4));
  EXPECT_EQ(flags->jobs, 3U);
}

TEST(MakeFlags, RefuseAnAddressInNoKnownFormAndNameIt) {
  for (const std::string address :
       {"", "3", "3,", ",4", "a,b", "3,4,5", "3;4", "fifo:", "0x3,4", "99999999999,4", "gmake_semaphore_1", " 3,4"}) {
    std::string text = " -j3 --jobserver-auth=";
    for (const char c : address) text += c == ' ' ? std::string("\\ ") : std::string(1, c);
    const auto flags = parse_make_flags(text);
    ASSERT_FALSE(flags) << text;
    EXPECT_EQ(flags.error().kind, Errc::usage);
    EXPECT_EQ(flags.error().what, "read MAKEFLAGS: '--jobserver-auth=" + address +
                                      "' is not fifo:PATH or R,W with the numbers of two descriptors");
  }
}

// R28: `make -n` runs recipes with '+' all the same; those are to do nothing.
TEST(MakeFlags, LettersSayWhetherItIsADryRun) {
  for (const std::string_view text : {"n", "kn", "nk -j3", "n --jobserver-auth=3,4 -- X=1"}) {
    EXPECT_TRUE(parse_make_flags(text)->dry_run) << text;
  }
  for (const std::string_view text :
       {"", " n", "k", " --no-print-directory", "--no-print-directory", "name=1", "-j3"}) {
    EXPECT_FALSE(parse_make_flags(text)->dry_run) << text;
  }
}

// R28.
TEST(MakeFlagsForChildren, KeepAllButTheJobsOfBefore) {
  const std::vector<std::pair<std::string_view, std::string_view>> cases{
      {"", " -j4 --jobserver-auth=7,8"},
      {"ks", "ks -j4 --jobserver-auth=7,8"},
      {" -j3 --jobserver-auth=3,4", " -j4 --jobserver-auth=7,8"},
      {"s -j --jobserver-fds=3,4 -I dir --jobserver-style=pipe", "s -I dir -j4 --jobserver-auth=7,8"},
      {"-j9 -k", " -k -j4 --jobserver-auth=7,8"},
      {"s -j3 --jobserver-auth=3,4 -- X=a\\ b -j9", "s -j4 --jobserver-auth=7,8 -- X=a\\ b -j9"},
      {" -- X=1", " -j4 --jobserver-auth=7,8 -- X=1"},
      {"--no-print-directory", " --no-print-directory -j4 --jobserver-auth=7,8"},
  };
  for (const auto& [before, after] : cases) EXPECT_EQ(make_flags_with(before, pipe_of(7, 8), 4), after) << before;
}

TEST(MakeFlagsForChildren, QuoteThePathOfTheFifo) {
  const std::string text = make_flags_with("k", fifo_at("/my $dir\\x/f"), 2);
  EXPECT_EQ(text, "k -j2 --jobserver-auth=fifo:/my\\ $$dir\\\\x/f");
  EXPECT_EQ(parse_make_flags(text)->server, fifo_at("/my $dir\\x/f"));
}

}  // namespace
}  // namespace cleave::plan
