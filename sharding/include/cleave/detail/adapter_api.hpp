#pragma once

/// The border between a framework adapter (compiled inside the user's target, with the user's compiler flags, standard
/// and library macros) and the Cleave library (compiled once). Only plain data crosses it: pointers, lengths and
/// integers, so that neither `_GLIBCXX_DEBUG`, `-fno-exceptions`, `-fno-rtti` nor another `-std` can change a layout.
/// C++14, no framework header, no allocation on either side that the other would have to free.

#include <cstddef>
#include <cstdint>

namespace cleave {
namespace detail {

/// A string that the caller keeps alive for the duration of the call.
struct Text {
  const char* data;
  std::size_t size;
};

/// What a framework says of a test that ran to its end.
enum class Verdict : std::uint8_t { passed = 0, failed = 1, skipped = 2 };

/// What a framework says of one message that a test produced.
enum class MessageKind : std::uint8_t {
  failure = 0,        ///< A non-fatal failure (EXPECT_…, CHECK).
  fatal_failure = 1,  ///< A fatal failure (ASSERT_…, REQUIRE, an exception).
  skip = 2,           ///< The reason of a skip.
  note = 3,           ///< A failure that does not fail the test ([!mayfail], CHECK_NOFAIL), a warning.
};

/// What a worker is doing outside of a test body, so that a death or a hang there can be named.
enum class Phase : std::uint8_t {
  start = 0,                  ///< From the fork to the first event: the user's main before it runs the tests.
  environment_set_up = 1,     ///< The set-up of GoogleTest's global environments.
  suite_set_up = 2,           ///< SetUpTestSuite of the suite named.
  between_tests = 3,          ///< Nothing of the user's but listeners.
  suite_tear_down = 4,        ///< TearDownTestSuite of the suite named.
  environment_tear_down = 5,  ///< The tear-down of the global environments.
  finish = 6,                 ///< After the last test: the rest of main, static destructors, leak checks.
};

/// One registered test, as an adapter lists it. Listed in registration order: the position in the list is the test's
/// index in every process of the same binary.
struct ListedTest {
  Text suite;              ///< GoogleTest suite, or the class of a Catch2 TEST_CASE_METHOD; may be empty.
  Text name;               ///< The test's name without its suite.
  Text file;               ///< The source file as the framework knows it; may be empty.
  Text type_param;         ///< GoogleTest's type parameter; empty when there is none.
  Text value_param;        ///< GoogleTest's value parameter, printed; empty when there is none.
  Text tags;               ///< Catch2 tags, separated by '\n', without brackets; empty for GoogleTest.
  std::int32_t line;       ///< The source line, 0 when unknown.
  std::uint32_t position;  ///< The place in running order (after shuffling); unique; smaller runs earlier.
  bool selected;           ///< The framework would run it with the arguments given.
  bool disabled;           ///< Matches the arguments, but is DISABLED_ and so would not run.
};

/// What the adapter learned about the run while listing.
struct ListFacts {
  Text framework_version;       ///< For example "1.12" or "2.13.10".
  Text output;                  ///< GoogleTest's --gtest_output as in force ("xml:path"), else empty.
  std::int32_t repeat;          ///< How many times each test shall run; negative is "for ever".
  std::uint32_t seed;           ///< The seed in force.
  bool shuffled;                ///< The running order depends on the seed.
  bool pulls;                   ///< A worker can take further batches in the same process.
  bool groups_matter;           ///< Tests of one suite share a set-up, so suites are worth keeping together.
  bool reruns;                  ///< A test can run a second time in one process.
  std::uint32_t before_main;    ///< So many at the head of the list were registered before main, in the same order.
  bool recreates_environments;  ///< Each repetition sets the environments up again.
};

/// One test to run. `identity` is identity_of() of the listed test; the adapter checks it before it runs anything.
struct Assignment {
  std::uint32_t index;
  std::uint32_t may_run_again;  ///< Not 0: when it has failed, run_again() may be asked for it, once.
  std::uint64_t identity;
};

/// Implemented by the adapter; the library calls it in the worker process, single-threaded, before the user's main.
struct Adapter {
  const char* framework;  ///< "gtest" or "catch2".
  void (*attach)();       ///< Hooks into the framework: to list if listing(), else to run what next_batch() hands out.
  /// True when the arguments ask the framework for something other than running tests (listing, help, version, the
  /// child of a death test), so that Cleave must stay out of the way. Called before any fork.
  bool (*stays_out)(int argc, char** argv);
  /// Called in a program that runs without Cleave, when a test first wants something undone at its end: from then on
  /// the adapter calls next_cleanup_failure() as in a worker. False when no test runs, or when the framework cannot be
  /// observed any more; then it is undone when the program exits. May be null, which is false.
  bool (*observe)();
};

/// @name What the adapter calls. Only from the process that Cleave made; in a process that a test forked they do
/// nothing.
/// @{

/// True in the one short-lived process that only finds out which tests there are.
bool listing() noexcept;
/// Adds one test to the list; call once for every registered test, in registration order.
void list_test(const ListedTest& test) noexcept;
/// Sends the list and ends the process without running destructors.
[[noreturn]] void list_done(const ListFacts& facts) noexcept;

/// True when somebody sees the output of this process as it comes, so that the lines in which the framework frames its
/// tests are wanted; they are no part of what is captured of a test.
bool output_is_shown() noexcept;
/// The seed that every worker of the run shall use; 0 when the run has none.
std::uint32_t seed() noexcept;
/// A hash of the place and the names of a test, equal in every process of one binary.
std::uint64_t identity_of(Text suite, Text name, Text file, std::int32_t line) noexcept;
/// Blocks until there is work. True: `*items` holds `*count` > 0 tests in running order, all behind `after` (the
/// position of the last test of the batch before), valid until the next call. False: there is nothing more for this
/// process.
bool next_batch(const Assignment** items, std::size_t* count) noexcept;

/// True in a process that can only be given tests of which `*indices`, valid until the process ends, are known, and
/// which stood there before main. next_batch() hands them out as ever, or some of them. For attach().
bool only_tests(const std::uint32_t** indices, std::size_t* count) noexcept;

/// @pre the test was in the last batch. Captured output is attributed to it from here.
void test_started(std::uint32_t index) noexcept;
/// A message of the test that is running, or, outside of a test, of the phase that is in force.
void message(MessageKind kind, Text file, std::int32_t line, Text text) noexcept;
/// A property recorded by the test (`suite` and `name` empty: by the run; `name` empty: by the suite).
void property(Text suite, Text name, Text key, Text value) noexcept;
/// The test ended, and Phase::between_tests of the same suite begins. `seconds` is the time the framework measured,
/// negative when unknown.
void test_ended(std::uint32_t index, Verdict verdict, double seconds) noexcept;
/// At the end of a test, before its verdict is looked at: runs what the test wanted undone, newest first, and returns
/// the text of the next failure, valid until the next call. Null once all of it is undone. What an adapter leaves is
/// run by test_ended().
const char* next_cleanup_failure() noexcept;
/// For a test that failed in its own body, right after test_ended() and at most once: whether it shall run a second
/// time before anything else does. Blocks until that is known. True: the next test_started() is of that test.
/// @pre its assignment had may_run_again
bool run_again(std::uint32_t index) noexcept;
/// From here on the process is in `phase`; `suite` names the suite where that has a meaning.
void phase(Phase phase, Text suite) noexcept;
/// The tests of this process are through; what follows is Phase::finish.
void finished() noexcept;
/// The tests that this process sees are not those that were listed, or cannot be run; `why` says so. Ends the process.
[[noreturn]] void refuse(Text why) noexcept;
/// @}

/// Adds the tag to every test of `suite` (`test` null) or to `suite.test`; see CLEAVE_TAG. Called during static
/// initialisation; keeps the pointers.
int register_tag(const char* suite, const char* test, const char* tag, const char* file, int line) noexcept;

/// What std::thread::hardware_concurrency() answers when the machine has `real` threads: at most this shard's share of
/// the CPUs while tests run in a worker and while a shard's fixtures are set up, otherwise `real`. Thread-safe.
unsigned capped_threads(unsigned real) noexcept;

/// What runs before every constructor of the program and of its libraries: ends a CTest entry for which its run has
/// nothing left, with status 0, and returns at once in every other process.
void before_start(int argc, char** argv, char** envp);

/// What `__wrap_main` calls: returns at once `real_main(argc, argv, envp)` when no cleave flag or variable asks for
/// more. Otherwise this process becomes a supervisor, or (in a fork of it) a worker.
int entry(int argc, char** argv, char** envp, int (*real_main)(int, char**, char**), const Adapter& adapter);

}  // namespace detail
}  // namespace cleave
