/// Programs that go wrong outside of their tests, and tests that go wrong in ways that crashes.cpp and hangs.cpp do not
/// know; what each does stands in mishaps.hpp. They have the names that their like have in GoogleTest.

// v2 shows its listeners to those who ask.
#define CATCH_CONFIG_EXTERNAL_INTERFACES
#include "catch_any.hpp"

#include "../mishaps.hpp"

TEST_CASE("Quiet.One") { mishaps::quiet("one"); }
TEST_CASE("Quiet.Two") { mishaps::quiet("two"); }
TEST_CASE("Quiet.Three") { mishaps::quiet("three"); }
TEST_CASE("Quiet.Four") { mishaps::quiet("four"); }

TEST_CASE("Deed.PrintsMuch") { mishaps::print_much(); }
TEST_CASE("Deed.PrintsBytes") { mishaps::print_bytes(); }
TEST_CASE("Deed.LeavesAChildInAGroup") { CHECK(mishaps::leave_a_child_in_a_group()); }
TEST_CASE("Deed.LeavesAChain") { CHECK(mishaps::leave_a_chain()); }
TEST_CASE("Deed.UsesTheTerminal") { CHECK(mishaps::use_the_terminal()); }
TEST_CASE("Deed.ReadsTheTerminal") { CHECK(mishaps::read_the_terminal()); }
TEST_CASE("Deed.LeavesAFile") { CHECK(mishaps::leave_a_file()); }
TEST_CASE("Deed.OutlastsTheOthers") { CHECK(mishaps::outlast_the_others()); }

TEST_CASE("Locked.Dies", "[lock:table]") { std::raise(SIGKILL); }
TEST_CASE("Locked.Passes", "[lock:table]") { CHECK(true); }

TEST_CASE("Serial.One", "[serial]") { CHECK(true); }
TEST_CASE("Serial.Two", "[serial]") { CHECK(true); }

namespace {

// "in set-up" and "in tear-down" are what Catch2 has of the kind: a listener that hears of the run as a whole.
#if CLEAVE_CATCH2_MAJOR == 2
using Listener = Catch::TestEventListenerBase;
#else
using Listener = Catch::EventListenerBase;
#endif
class World : public Listener {
 public:
  using Listener::Listener;
  void testRunStarting(const Catch::TestRunInfo& info) override {
    Listener::testRunStarting(info);
    if (mishaps::is("crash in set-up")) std::abort();
  }
#if CLEAVE_CATCH2_MAJOR == 2
  void assertionStarting(const Catch::AssertionInfo&) override {}
  bool assertionEnded(const Catch::AssertionStats&) override { return true; }
#endif
  void testRunEnded(const Catch::TestRunStats& stats) override {
    Listener::testRunEnded(stats);
    if (mishaps::is("crash in tear-down")) std::abort();
  }
};
CATCH_REGISTER_LISTENER(World)

void passes() { CHECK(true); }
void fails() { FAIL("the other one"); }

void add(const std::string& name, void (*body)()) {
  Catch::AutoReg(Catch::makeTestInvoker(body), Catch::SourceLineInfo(__FILE__, __LINE__), Catch::StringRef(),
                 Catch::NameAndTags{name, ""});
}

[[maybe_unused]] const bool added = [] {
  // As in two files of one program.
  if (mishaps::is("twins")) {
    add("Twin.HasTheNameOfAnother", passes);
    add("Twin.HasTheNameOfAnother", fails);
  }
  for (int i = 0; i < mishaps::more_tests(); ++i) add("Many." + std::to_string(i), passes);
  return true;
}();

}  // namespace
