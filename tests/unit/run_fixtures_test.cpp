// What fixtures are made of, without a process: stacks, the protocol between keeper and host, the register.

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <future>
#include <stdexcept>

#include "os/process.hpp"
#include "run/fixture_registry.hpp"
#include "run/fixture_stack.hpp"
#include "run/host_protocol.hpp"
#include "run/leftovers.hpp"
#include "run/plain_process.hpp"
#include "run/undo_stack.hpp"

namespace cleave::run {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;

TEST(UndoStack, RunsTheNewestFirstAndEachOnce) {
  UndoStack stack;
  Names done;
  for (const char* name : {"a", "b", "c"}) stack.push([&done, name] { done.emplace_back(name); });
  EXPECT_TRUE(stack.run().empty());
  EXPECT_EQ(done, (Names{"c", "b", "a"}));
  EXPECT_TRUE(stack.run().empty());
  EXPECT_EQ(done.size(), 3U);
}

// R11: one that fails hinders no other, whatever it throws.
TEST(UndoStack, GoesOnBehindOneThatThrowsAndTellsWhat) {
  UndoStack stack;
  int done = 0;
  stack.push([&] { ++done; });
  stack.push([] { throw std::runtime_error("the table is in use"); });
  stack.push([] { throw std::string("a string"); });
  stack.push([] { throw "a literal"; });
  stack.push([] { throw 7; });
  EXPECT_EQ(stack.run(), (Names{"an exception of type int", "a literal", "a string", "the table is in use"}));
  EXPECT_EQ(done, 1);
}

TEST(UndoStack, RunsWhatAnUndoAdds) {
  UndoStack stack;
  Names done;
  stack.push([&] { done.emplace_back("first"); });
  stack.push([&] { stack.push([&] { done.emplace_back("added"); }); });
  EXPECT_TRUE(stack.run().empty());
  EXPECT_EQ(done, (Names{"added", "first"}));
}

detail::FixtureDefinition fixture(std::string name, std::function<std::string(detail::FixtureSite&)> set_up) {
  detail::FixtureDefinition definition;
  definition.name = std::move(name);
  definition.set_up = std::move(set_up);
  return definition;
}

TEST(FixtureStack, TearsDownInReverseAndTellsWhatWentWrong) {
  FixtureStack stack;
  Names done;
  const auto one = stack.set_up(fixture("one", [&](detail::FixtureSite& site) {
    site.on_tear_down([&] { done.emplace_back("one"); });
    return std::string("payload\0of one", 14);
  }));
  EXPECT_TRUE(one.up);
  EXPECT_EQ(one.payload, std::string("payload\0of one", 14));
  EXPECT_TRUE(stack
                  .set_up(fixture("two",
                                  [&](detail::FixtureSite& site) {
                                    site.on_tear_down([&] { done.emplace_back("two, begun first"); });
                                    site.on_tear_down([] { throw std::runtime_error("it is busy"); });
                                    site.on_tear_down([] { throw std::runtime_error("it is locked"); });
                                    return std::string();
                                  }))
                  .up);
  const auto two = stack.tear_down_newest();
  EXPECT_EQ(two.name, "two");
  EXPECT_EQ(two.why, "it is locked; it is busy");
  EXPECT_FALSE(stack.empty());
  EXPECT_EQ(stack.tear_down_newest().name, "one");
  EXPECT_TRUE(stack.empty());
  EXPECT_EQ(done, (Names{"two, begun first", "one"}));
}

// R36: what a failed set-up had begun is undone at once.
TEST(FixtureStack, UndoesASetUpThatThrows) {
  FixtureStack stack;
  int undone = 0;
  const auto outcome = stack.set_up(fixture("bad", [&](detail::FixtureSite& site) -> std::string {
    site.on_tear_down([&] { ++undone; });
    site.on_tear_down([] { throw std::runtime_error("nor go back"); });
    throw std::runtime_error("cannot go on");
  }));
  EXPECT_FALSE(outcome.up);
  EXPECT_EQ(outcome.why, "cannot go on; and undoing it: nor go back");
  EXPECT_EQ(undone, 1);
  EXPECT_TRUE(stack.empty());
}

TEST(HostProtocol, ReadsBackWhatItWrites) {
  const std::string bytes("\0any\nbytes\xFF", 11);
  for (const auto kind : {HostCommand::Kind::set_up, HostCommand::Kind::tear_down, HostCommand::Kind::clean}) {
    for (const bool swept : {false, true}) {
      const std::string written = encode(HostCommand{kind, bytes, swept});
      plan::FrameCutter cutter(written);
      const auto frame = cutter.next();
      ASSERT_TRUE(frame);
      EXPECT_EQ(cutter.used(), written.size());
      const auto read = decode_command(*frame);
      ASSERT_TRUE(read);
      EXPECT_EQ(read->kind, kind);
      EXPECT_EQ(read->name, bytes);
      EXPECT_EQ(read->swept, swept);
    }
  }
  for (std::uint8_t kind = 1; kind <= 6; ++kind) {
    const std::string payload = bytes + std::string(5U << 20U, 'x');
    const std::string written = encode(HostReply{static_cast<HostReply::Kind>(kind), "name", payload});
    plan::FrameCutter cutter(written);
    const auto frame = cutter.next();
    ASSERT_TRUE(frame);
    const auto read = decode_reply(*frame);
    ASSERT_TRUE(read);
    EXPECT_EQ(static_cast<std::uint8_t>(read->kind), kind);
    EXPECT_EQ(read->name, "name");
    EXPECT_EQ(read->text, payload);
  }
}

TEST(HostProtocol, RefusesUnknownKindsAndTornBodies) {
  const std::string written = encode(HostReply{HostReply::Kind::up, "name", "text"});
  plan::FrameCutter cutter(written);
  const auto frame = cutter.next();
  ASSERT_TRUE(frame);
  for (const auto kind : std::vector<std::uint8_t>{0, 7, 255})
    EXPECT_FALSE(decode_reply(plan::Frame{kind, frame->payload}));
  for (const auto kind : std::vector<std::uint8_t>{0, 4, 255})
    EXPECT_FALSE(decode_command(plan::Frame{kind, frame->payload}));
  for (std::size_t size = 0; size < frame->payload.size(); ++size) {
    EXPECT_FALSE(decode_reply(plan::Frame{frame->type, frame->payload.substr(0, size)})) << size;
  }
}

class LeftoversOfRuns : public testing::Test {
 protected:
  LeftoversOfRuns() {
    std::string pattern = (fs::temp_directory_path() / "cleave-left-XXXXXX").string();
    if (::mkdtemp(pattern.data()) != nullptr) home_ = pattern;
  }
  ~LeftoversOfRuns() override { fs::remove_all(home_); }
  /// A process that is not there: this one, started at another time.
  std::string dead() const { return std::to_string(os::current_pid()) + "-1"; }
  std::string alive() const { return os::ProcessKey::of(os::current_pid()).text(); }
  std::string home_;
};

// R21: what a dead run left is read back; that of a living one is nobody's business.
TEST_F(LeftoversOfRuns, AreReadBackOnceTheirKeeperIsDead) {
  Leftovers mine(home_, "run-1");
  mine.keeper = alive();
  mine.add_prefix("ca_s0_");
  ASSERT_TRUE(mine.store());
  EXPECT_TRUE(Leftovers::of_dead_runs(home_).empty());

  Leftovers other(home_, "run-2");
  other.keeper = dead();
  for (const char* prefix : {"cb_s0_", "cb_s1_", "cb_s0_"}) other.add_prefix(prefix);
  other.processes = {"12-34", "56-78"};
  ASSERT_TRUE(other.store());
  const auto found = Leftovers::of_dead_runs(home_);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].path(), home_ + "/left/run-2");
  EXPECT_EQ(found[0].keeper, dead());
  EXPECT_EQ(found[0].prefixes, (Names{"cb_s0_", "cb_s1_"}));
  EXPECT_EQ(found[0].processes, (Names{"12-34", "56-78"}));
}

TEST_F(LeftoversOfRuns, StayUntilTheLastPrefixIsClean) {
  Leftovers left(home_, "run-1");
  left.keeper = dead();
  left.add_prefix("ca_s0_");
  left.add_prefix("ca_s1_");
  ASSERT_TRUE(left.close());
  ASSERT_EQ(Leftovers::of_dead_runs(home_).size(), 1U);
  left.remove_prefix("ca_s0_");
  ASSERT_TRUE(left.close());
  ASSERT_EQ(Leftovers::of_dead_runs(home_).size(), 1U);
  EXPECT_EQ(Leftovers::of_dead_runs(home_)[0].prefixes, Names{"ca_s1_"});
  left.remove_prefix("ca_s1_");
  left.remove_prefix("ca_s1_");
  ASSERT_TRUE(left.close());
  EXPECT_TRUE(fs::is_empty(home_ + "/left"));
  ASSERT_TRUE(left.close()) << "closing twice is fine";
}

TEST_F(LeftoversOfRuns, OfNobodyAreNone) {
  EXPECT_TRUE(Leftovers::of_dead_runs(home_ + "/never").empty());
  // A file that is not whole, or is somebody else's, names nothing to kill and nothing to clean.
  fs::create_directories(home_ + "/left");
  FILE* const file = std::fopen((home_ + "/left/odd").c_str(), "w");
  ASSERT_NE(file, nullptr);
  std::fputs("nonsense\nprefix\n\nkeeper", file);
  std::fclose(file);
  const auto found = Leftovers::of_dead_runs(home_);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_TRUE(found[0].prefixes.empty()) << "a hook would take an empty one for that of everything";
  EXPECT_TRUE(found[0].processes.empty());
}

// A plain run sets a fixture up where it is first asked for. Its set-up may start threads and wait for them.
TEST(PlainProcess, HasAFolderForAThreadThatASetUpWaitsFor) {
  std::future<std::string> folder;
  detail::register_fixture(fixture("waits for a thread", [&](detail::FixtureSite&) {
    folder = std::async(std::launch::async, plain_folder);
    return folder.wait_for(std::chrono::seconds(10)) == std::future_status::ready ? "heard" : "waited in vain";
  }));
  const detail::FixtureReply reply = plain_payload("waits for a thread");
  EXPECT_TRUE(reply.up) << reply.why;
  EXPECT_EQ(reply.payload, "heard");
  EXPECT_TRUE(fs::is_directory(folder.get()));
  fixture_registry().clear();
}

}  // namespace
}  // namespace cleave::run
