// The GoogleTest side of Cleave, compiled inside the user's target and thus against the user's GoogleTest, 1.10
// to 1.18.
//
// Two listeners. The Lister tells which tests there are and ends its process before one runs. The Runner works inside
// the one RUN_ALL_TESTS of a worker: it switches every test off at program start, switches on what next_batch() hands
// out, and takes the next batch when the last test of a batch ends. That works because GoogleTest walks over all suites
// and all tests by position and looks at `should_run_` only when it gets there: whatever lies ahead can still be
// switched on. It decides whether to set up the environments before that, from its own filter.
//
// Both rely on the order in which GoogleTest calls listeners: ours is appended before the user's main, so it hears
// starts and results before the user's listeners do, and ends after them. A failure that a user's listener adds in
// OnTestEnd therefore still counts for the test.

#if __cplusplus < 201703L
#error "Cleave's adapter is C++17: call cleave_add_shards(), which compiles it so, or give this target C++17."
#endif

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <unordered_map>
#include <vector>

#include "../entry/wrap_main.hpp"
#include "cleanup.hpp"
#include "internals.hpp"
#include "lister.hpp"
#include "quiet_printer.hpp"
#include "registry.hpp"
#include "second_run.hpp"

namespace cleave::detail {
namespace {

class Runner final : public testing::EmptyTestEventListener {
 public:
  Runner() {
    const std::uint32_t* indices = nullptr;
    std::size_t count = 0;
    if (only_tests(&indices, &count)) all_.keep_only(indices, count);
  }

  void OnTestProgramStart(const testing::UnitTest& unit_test) override {
    if (ran_before_) {
      refuse(
          text_of("main() calls RUN_ALL_TESTS() a second time, which Cleave cannot split: it would run again, in every "
                  "worker, what the first call ran"));
    }
    ran_before_ = true;
    // GoogleTest reads the flag right after this event. Repetitions are the supervisor's business: it asks for each of
    // them as work of its own.
    CLEAVE_GTEST_SET(repeat, 1);
    // The file of --gtest_output is written once, merged, by the supervisor; a worker knows only its own part.
    testing::TestEventListeners& listeners = testing::UnitTest::GetInstance()->listeners();
    delete listeners.Release(listeners.default_xml_generator());

    all_.read(unit_test);
  }

  void OnTestIterationStart(const testing::UnitTest& unit_test, int /*iteration*/) override {
    if (CLEAVE_GTEST_GET(shuffle) && seed() != 0 && unit_test.random_seed() != folded_seed()) {
      refuse(text_of("the tests are shuffled with seed " + std::to_string(unit_test.random_seed()) +
                     " here, but were listed with seed " + std::to_string(folded_seed()) +
                     ": main() or --gtest_random_seed=0 asks for another order in every process; name one seed, or " +
                     "leave the choice to Cleave"));
    }
    if (CLEAVE_GTEST_GET(shuffle)) note_running_order();
    take_batch();
  }

  void OnEnvironmentsSetUpStart(const testing::UnitTest& /*unit_test*/) override {
    phase(Phase::environment_set_up, kNothing);
  }

  // After a fatal failure or a skip in an environment (or in main before it), GoogleTest runs no test at all. The batch
  // in hand gets an outcome with the reason; no other is taken, because another worker may have more luck.
  void OnEnvironmentsSetUpEnd(const testing::UnitTest& unit_test) override {
    if (printer_.taken()) return;  // This event again.
    const bool failed = testing::Test::HasFatalFailure();
    if (failed || testing::Test::IsSkipped()) {
      const Verdict verdict = failed ? Verdict::failed : Verdict::skipped;
      for (; next_ != count_; ++next_) {
        test_started(items_[next_].index);
        explain(unit_test.ad_hoc_test_result(), verdict, "main() or the set-up of the global environments");
        test_ended(items_[next_].index, verdict, 0.0);
        switch_off(all_[items_[next_].index]);
      }
      give_up();
    }
    phase(Phase::between_tests, kNothing);
    printer_.take();
  }

  void OnTestSuiteStart(const testing::TestSuite& suite) override {
    keep_listed_order(suite);
    phase(Phase::suite_set_up, text_of(suite.name()));
  }

  void OnTestStart(const testing::TestInfo& test) override {
    running_ = find_assigned(test);
    failed_by_suite_ = false;
    if (running_ == nullptr) {
      refuse(text_of(name_of(test) + " starts, although it was not asked for, or not now; something in this program " +
                     "changes which tests run, or their order"));
    }
    if (again_) forget_result(*all_[running_->index].test);
    again_ = false;
    test_started(running_->index);
  }

  // GoogleTest holds its lock during this event, so nothing here may ask the UnitTest for anything.
  void OnTestPartResult(const testing::TestPartResult& part) override {
    printer_.show(part);
    if (part.passed()) return;
    if (explain_suite_skip(part)) return;
    message(kind_of(part), text_of(part.file_name()), line_of(part), said(part));
  }

  void OnTestEnd(const testing::TestInfo& test) override {
    if (running_ == nullptr) return;
    clean_up(test);
    const testing::TestResult& result = *test.result();
    for (int i = 0; i < result.test_property_count(); ++i) {
      const testing::TestProperty& recorded = result.GetTestProperty(i);
      property(text_of(test.test_suite_name()), text_of(test.name()), text_of(recorded.key()),
               text_of(recorded.value()));
    }
    const bool failed = result.Failed() || failed_by_suite_;
    const Verdict verdict = failed ? Verdict::failed : result.Skipped() ? Verdict::skipped : Verdict::passed;
    testing::TestSuite* const suite = all_[running_->index].suite;
    const auto place = static_cast<std::size_t>(running_ - items_.data());
    test_ended(running_->index, verdict, static_cast<double>(result.elapsed_time()) / 1000.0);
    running_ = nullptr;

    if (failed && starts_again(place)) return;
    if (failed && fails_fast()) {
      give_up();
    } else if (next_ == count_) {
      take_batch();
    }
    // Batches come in running order: a suite that does not go on with the next test is over, and what follows is its
    // tear-down, for which GoogleTest has no event.
    if (next_ == count_ || all_[items_[next_].index].suite != suite) {
      phase(Phase::suite_tear_down, text_of(suite->name()));
    }
  }

  void OnTestSuiteEnd(const testing::TestSuite& suite) override {
    report_properties(suite.ad_hoc_test_result(), text_of(suite.name()));
    second_runs_.end(*const_cast<testing::TestSuite*>(&suite));
    // A failed tear-down ends a fail-fast run too.
    if (fails_fast() && suite.Failed()) give_up();
    phase(Phase::between_tests, kNothing);
  }

  void OnEnvironmentsTearDownStart(const testing::UnitTest& /*unit_test*/) override {
    phase(Phase::environment_tear_down, kNothing);
  }

  void OnEnvironmentsTearDownEnd(const testing::UnitTest& /*unit_test*/) override {
    phase(Phase::between_tests, kNothing);
  }

  void OnTestProgramEnd(const testing::UnitTest& unit_test) override {
    report_properties(unit_test.ad_hoc_test_result(), kNothing);
    finished();
  }

 private:
  static MessageKind kind_of(const testing::TestPartResult& part) {
    if (part.skipped()) return MessageKind::skip;
    return part.fatally_failed() ? MessageKind::fatal_failure : MessageKind::failure;
  }

  static std::int32_t line_of(const testing::TestPartResult& part) { return std::max(part.line_number(), 0); }

  static void switch_off(const Registered& entry) {
    switch_of(*entry.test) = false;
    switch_of(*entry.suite) = false;
  }

  // Switches on the next batch, if there is one. Blocks until that is known.
  void take_batch() {
    next_ = 0;
    count_ = 0;
    const Assignment* given = nullptr;
    std::size_t size = 0;
    if (gave_up_ || !next_batch(&given, &size)) {
      gave_up_ = true;
      return;
    }
    items_.assign(given, given + size);
    for (const Assignment& item : items_) check(item);
    if (!positions_.empty())
      std::sort(items_.begin(), items_.end(), [this](const Assignment& a, const Assignment& b) {
        return positions_.at(all_[a.index].test) < positions_.at(all_[b.index].test);
      });
    count_ = size;
    for (std::size_t i = 0; i != count_; ++i) {
      switch_of(*all_[items_[i].index].test) = true;
      switch_of(*all_[items_[i].index].suite) = true;
    }
  }

  // The supervisor knows the order of the first repetition. In a later one a shuffled process has its own, so that only
  // it can say which test of a batch comes first.
  void note_running_order() {
    const testing::UnitTest& unit_test = *testing::UnitTest::GetInstance();
    positions_.reserve(all_.size());
    for (int i = 0; i < unit_test.total_test_suite_count(); ++i) {
      testing::TestSuite& suite = suite_at(i);
      order_as_they_run(tests_of(suite));
      for (int j = 0; j < suite.total_test_count(); ++j) positions_.emplace(suite.GetTestInfo(j), positions_.size());
    }
  }

  // Has the assignment that just failed run once more, if it may. What a set-up failed, it would fail again.
  bool starts_again(std::size_t place) {
    Assignment& item = items_[place];
    if (item.may_run_again == 0 || failed_by_suite_) return false;
    item.may_run_again = 0;
    again_ = run_again(item.index);
    if (!again_) return false;
    next_ = place;
    second_runs_.add(*all_[item.index].suite, *all_[item.index].test);
    return true;
  }

  // Takes no more work and lets what is switched on, but has not started, rest. GoogleTest would pass over it as
  // "skipped", which is green; never started is the truth, and the library says so.
  void give_up() {
    gave_up_ = true;
    for (; next_ != count_; ++next_) switch_off(all_[items_[next_].index]);
  }

  // Refuses an assignment that does not mean here what it meant to the lister.
  void check(const Assignment& item) const {
    const std::string number = "test " + std::to_string(item.index);
    const Registered* const entry = all_.find(item.index);
    if (entry == nullptr) {
      refuse(text_of(number + " is not registered here: this process has only " + std::to_string(all_.size()) +
                     " tests; main() registers other tests from process to process"));
    }
    const testing::TestInfo& test = *entry->test;
    if (identity_of(text_of(test.test_suite_name()), text_of(test.name()), text_of(test.file()), test.line()) !=
        item.identity) {
      refuse(text_of(number + " is " + name_of(test) +
                     " here, which is not the test that was listed under this index; " +
                     "main() registers other tests from process to process"));
    }
    if (!entry->selected) {
      refuse(text_of(number + ", " + name_of(test) + ", was listed as selected, but this process would not run it; " +
                     "main() chooses other tests from process to process"));
    }
  }

  static std::string name_of(const testing::TestInfo& test) {
    return std::string(test.test_suite_name()) + "." + test.name() + " (" +
           (test.file() == nullptr ? "" : test.file()) + ":" + std::to_string(test.line()) + ")";
  }

  // A test that starts is the next one assigned; a test ahead of it can only be passed over, and stays not run.
  const Assignment* find_assigned(const testing::TestInfo& test) {
    for (std::size_t i = next_; i != count_; ++i) {
      if (all_[items_[i].index].test != &test) continue;
      next_ = i + 1;
      return &items_[i];
    }
    return nullptr;
  }

  // Holds the suite to the order that the lister stated. Costs nothing as long as both agree, and keeps a batch ahead
  // of us from falling behind us should another release of GoogleTest sort in its own way.
  void keep_listed_order(const testing::TestSuite& suite) const {
    if (next_ == count_) return;
    const Registered& first = all_[items_[next_].index];
    if (first.suite != &suite) return;
    std::vector<testing::TestInfo*>& tests = tests_of(*first.suite);
    std::vector<testing::TestInfo*> listed = all_.tests_in_suite_of(first);
    order_as_they_run(listed);
    if (listed.size() == tests.size() && tests != listed) tests = listed;
  }

  // When SetUpTestSuite failed (since 1.12) or skipped (since 1.14), GoogleTest gives every test of the suite an empty
  // skip at the test's own place, instead of running it. Says why instead. A test that did not run because something
  // failed is failed: GoogleTest calls it skipped, but its exit code is 1.
  bool explain_suite_skip(const testing::TestPartResult& part) {
    if (running_ == nullptr || !part.skipped() || *part.message() != '\0') return false;
    const Registered& entry = all_[running_->index];
    if (part.line_number() != entry.test->line() || part.file_name() == nullptr ||
        std::strcmp(part.file_name(), entry.test->file()) != 0) {
      return false;
    }
    const testing::TestResult& set_up = entry.suite->ad_hoc_test_result();
    if (!set_up.Failed() && !set_up.Skipped()) return false;
    failed_by_suite_ = set_up.Failed();
    explain(set_up, failed_by_suite_ ? Verdict::failed : Verdict::skipped,
            std::string("SetUpTestSuite() of ") + entry.suite->name());
    return true;
  }

  // Gives the running test the failures (or skips) of a set-up it depends on, each with its own place.
  static void explain(const testing::TestResult& set_up, Verdict verdict, const std::string& what) {
    const bool failed = verdict == Verdict::failed;
    const std::string prefix = what + (failed ? " failed" : " skipped");
    for (int i = 0; i < set_up.total_part_count(); ++i) {
      const testing::TestPartResult& part = set_up.GetTestPartResult(i);
      if (failed ? !part.failed() : !part.skipped()) continue;
      const Text reason = said(part);
      const std::string text = reason.size == 0 ? prefix : prefix + ":\n" + std::string(reason.data, reason.size);
      message(kind_of(part), text_of(part.file_name()), line_of(part), text_of(text));
    }
  }

  static void report_properties(const testing::TestResult& result, Text suite) {
    for (int i = 0; i < result.test_property_count(); ++i) {
      const testing::TestProperty& recorded = result.GetTestProperty(i);
      property(suite, kNothing, text_of(recorded.key()), text_of(recorded.value()));
    }
  }

  Registry all_;
  std::unordered_map<const testing::TestInfo*, std::size_t> positions_;
  std::vector<Assignment> items_;  // The batch, in running order.
  std::size_t count_ = 0;
  std::size_t next_ = 0;                 // The first assignment of the batch that has not started.
  const Assignment* running_ = nullptr;  // Null outside of a test.
  SecondRuns second_runs_;
  QuietPrinter printer_;
  bool again_ = false;  // What starts next has run before.
  bool failed_by_suite_ = false;
  bool gave_up_ = false;
  bool ran_before_ = false;
};

void attach() {
  // The user's own --gtest_random_seed, parsed later, and GTEST_RANDOM_SEED, read earlier, both win.
  if (seed() != 0 && CLEAVE_GTEST_GET(random_seed) == 0) CLEAVE_GTEST_SET(random_seed, folded_seed());
  testing::TestEventListener* listener = nullptr;
  if (listing()) {
    listener = new Lister;
  } else {
    listener = new Runner;
  }
  testing::UnitTest::GetInstance()->listeners().Append(listener);
}

// True, and `*text` behind the prefix, if `*text` starts with it.
bool skip_prefix(const char* prefix, const char** text) {
  const std::size_t size = std::strlen(prefix);
  if (std::strncmp(*text, prefix, size) != 0) return false;
  *text += size;
  return true;
}

// GoogleTest prints its help, and runs nothing, for these, and for everything that looks like a flag of its own in a
// spelling it does not parse.
bool asks_for_help(const char* argument) {
  if (std::strcmp(argument, "--help") == 0) return true;
#ifndef GTEST_FLAG_GET  // Since 1.12 these are the user's.
  for (const char* spelling : {"-h", "-?", "/?"}) {
    if (std::strcmp(argument, spelling) == 0) return true;
  }
#endif
  const char* name = argument;
  if (skip_prefix("--gtest_", &name)) return std::strcmp(name, "help") == 0;
  if (!skip_prefix("--", &name) && !skip_prefix("-", &name) && !skip_prefix("/", &name)) return false;
  if (skip_prefix("gtest_internal_", &name)) return false;
  return skip_prefix("gtest_", &name) || skip_prefix("gtest-", &name);
}

bool stays_out(int argc, char** argv) {
  bool lists = false;  // The last --gtest_list_tests wins. GoogleTest reads no variable for it.
  for (int i = 1; i < argc; ++i) {
    const char* rest = argv[i];
    if (skip_prefix("--gtest_list_tests", &rest)) {
      if (*rest == '\0') lists = true;
      if (*rest == '=') lists = rest[1] != '0' && rest[1] != 'f' && rest[1] != 'F';
    } else if (skip_prefix("--gtest_internal_run_death_test=", &rest)) {
      if (*rest != '\0') return true;
    } else if (asks_for_help(argv[i])) {
      return true;
    }
  }
  return lists;
}

}  // namespace

const Adapter framework_adapter{"gtest", &attach, &stays_out, &observe};

}  // namespace cleave::detail
