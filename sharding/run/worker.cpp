#include "run/worker.hpp"

#include <array>
#include <atomic>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <optional>
#include <utility>

#include "os/crash.hpp"
#include "os/fd.hpp"
#include "os/fork_mark.hpp"
#include "os/machine.hpp"
#include "os/process.hpp"
#include "plan/event.hpp"
#include "run/cpu_share.hpp"
#include "run/fixture_host.hpp"
#include "run/tag_registry.hpp"
#include "run/test_cleanup.hpp"

namespace cleave::run {
namespace {

namespace event = plan::event;

/// The one session of a worker process. Made on the heap and never destroyed: the user's static destructors still run
/// after it, and may still report.
struct Session {
  WorkerConfig config{};
  os::ForkMark here{};
  std::string buffer{};
  std::vector<detail::Assignment> batch{};
  std::vector<std::uint32_t> items{};  ///< Of the batch, in its order.
  std::size_t began_last = 0;          ///< Place in the batch.
  /// Index of the test that runs, plus 1; 0 between tests. Read by threads that a test started.
  std::atomic<std::uint32_t> current{0};
  std::optional<std::string> attempt_before{};  ///< CLEAVE_ATTEMPT of the batch, while a test runs a second time.
};

constexpr const char* kAttempt = "CLEAVE_ATTEMPT";

Session* g_session = nullptr;

/// A test may fork a child that runs on into the framework: that child must not speak for the worker.
bool is_mine() noexcept { return g_session != nullptr && g_session->here.is_here(); }

/// A list is sent in pieces of this size.
constexpr std::size_t kListBytes = 60000;

/// Of one item of a batch.
constexpr std::size_t kBatchItemBytes = sizeof(detail::Assignment) + sizeof(std::uint32_t);

/// In seconds; fits into nanoseconds.
constexpr double kLongestTest = 1e9;

/// Whether the supervisor must hear of an event at once, or may find it when it looks the next time, within some
/// milliseconds.
enum class News : std::uint8_t { later, now };

/// Ends this process when nobody listens any more, or a test closed the descriptor.
[[noreturn]] void leave(const Error& error) {
  os::exit_now(os::is_bad_descriptor(error) ? plan::kLeftWithoutWords : 1);
}

/// A supervisor whose bell a test closed looks by itself.
void ring_bell(std::string_view how) {
  const auto rung = os::write_all(g_session->config.event_fd, how);
  if (!rung && !os::is_bad_descriptor(rung.error())) leave(rung.error());
}

void send(const plan::Event& e, News news = News::now) {
  Session& session = *g_session;
  os::ByteRing* const ring = session.config.ring;
  plan::encode(e, session.buffer);
  if (ring == nullptr) {
    if (news == News::later && session.buffer.size() < kListBytes) return;
    if (auto sent = os::write_all(session.config.event_fd, session.buffer); !sent) leave(sent.error());
  } else {
    std::string_view rest(session.buffer);
    for (rest.remove_prefix(ring->write_some(rest)); !rest.empty(); rest.remove_prefix(ring->write_some(rest))) {
      ring_bell("r");
      ring->wait_for_room();
    }
    if (ring->must_ring() || news == News::now) ring_bell("e");
  }
  session.buffer.clear();
}

/// Everything the user's code printed so far is in the captured file afterwards.
std::uint64_t flushed_offset() {
  std::cout.flush();
  std::fflush(stdout);
  return os::end_offset(g_session->config.output_fd);
}

/// Tests begin in the order of their batch, mostly. The batch's size if the test is none of it.
std::size_t place_in_batch(std::uint32_t index) {
  const Session& session = *g_session;
  const std::size_t size = session.batch.size();
  for (std::size_t i = 0; i < size; ++i) {
    const std::size_t place = (session.began_last + i) % size;
    if (session.batch[place].index == index) return place;
  }
  return size;
}

std::string string_of(detail::Text text) {
  return text.data == nullptr ? std::string() : std::string(text.data, text.size);
}

void say(detail::MessageKind kind, std::string text) { send(event::Said{kind, "", 0, std::move(text)}, News::later); }

/// Of what the supervisor says. Ends this process when there is none any more.
void read_exactly(int fd, void* data, std::size_t size) {
  auto* bytes = static_cast<char*>(data);
  while (size > 0) {
    auto got = os::read_some(fd, bytes, size);
    if (!got) leave(got.error());
    if (*got == 0) os::exit_now(1);
    bytes += *got;
    size -= *got;
  }
}

}  // namespace

std::string to_variable(const WorkerConfig& config) {
  const BeginMarks& marks = config.marks;
  std::array<char, 192> text{};
  std::snprintf(text.data(), text.size(), "4 %d %d %d %d %d %d %u %d %d %" PRIu64 " %" PRIu64 " %u",
                static_cast<int>(config.role), config.event_fd, config.command_fd, config.output_fd, config.crash_fd,
                config.ring_fd, config.seed, config.output_is_shown ? 1 : 0, marks.fd, marks.running_at, marks.begun_at,
                marks.items);
  return text.data();
}

Result<WorkerConfig> from_variable(std::string_view text) {
  WorkerConfig config;
  int role = 0;
  int shown = 0;
  char end = 0;
  BeginMarks& marks = config.marks;
  if (std::sscanf(std::string(text).c_str(), "4 %d %d %d %d %d %d %u %d %d %" SCNu64 " %" SCNu64 " %u%c", &role,
                  &config.event_fd, &config.command_fd, &config.output_fd, &config.crash_fd, &config.ring_fd,
                  &config.seed, &shown, &marks.fd, &marks.running_at, &marks.begun_at, &marks.items, &end) != 12 ||
      role < static_cast<int>(Role::lister) || role > static_cast<int>(Role::fixture_host)) {
    return Error{Errc::usage, "CLEAVE_WORKER='" + std::string(text) + "' is not what a supervisor writes", 0};
  }
  config.role = static_cast<Role>(role);
  config.output_is_shown = shown != 0;
  return config;
}

void become_session(const WorkerConfig& config) {
  g_session = new Session{config};
  // Line by line, so that what a crashing test printed is not lost with the buffer.
  std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);
  if (config.crash_fd >= 0) os::tell_of_crashes(config.crash_fd);
}

Role current_role() noexcept { return g_session == nullptr ? Role::plain : g_session->config.role; }

bool speaks_for_worker() noexcept { return is_mine() && g_session->config.role == Role::worker; }

std::string current_test() {
  if (current_role() != Role::worker) return {};
  const std::uint32_t current = g_session->current.load(std::memory_order_relaxed);
  if (current == 0) return {};
  const plan::TestList* const list = g_session->config.list;
  if (list == nullptr || current > list->tests.size()) return "test " + std::to_string(current - 1);
  return plan::full_name(list->tests[current - 1], list->framework);
}

std::string encode_batch(const std::vector<BatchItem>& items) {
  std::string bytes;
  const auto count = static_cast<std::uint32_t>(items.size());
  bytes.append(reinterpret_cast<const char*>(&count), sizeof count);
  for (const BatchItem& item : items) {
    bytes.append(reinterpret_cast<const char*>(&item.assignment), sizeof item.assignment);
    bytes.append(reinterpret_cast<const char*>(&item.item), sizeof item.item);
  }
  return bytes;
}

std::string encode_answer(std::uint32_t attempt) { return {reinterpret_cast<const char*>(&attempt), sizeof attempt}; }

}  // namespace cleave::run

namespace cleave::detail {

using namespace run;  // The functions below are the outside of the session above.
namespace event = plan::event;

/// A fixture host takes the lister's way through the user's main: to where the tests would start.
bool listing() noexcept {
  return g_session != nullptr &&
         (g_session->config.role == Role::lister || g_session->config.role == Role::fixture_host);
}

void list_test(const ListedTest& test) noexcept {
  if (!is_mine() || g_session->config.role != Role::lister) return;
  event::Listed e;
  e.test.suite = string_of(test.suite);
  e.test.name = string_of(test.name);
  e.test.file = string_of(test.file);
  e.test.line = test.line;
  e.test.type_param = string_of(test.type_param);
  e.test.value_param = string_of(test.value_param);
  std::string tags = string_of(test.tags);
  for (std::size_t begin = 0; begin < tags.size();) {
    const std::size_t end = std::min(tags.find('\n', begin), tags.size());
    if (end > begin) e.test.tags.push_back(tags.substr(begin, end - begin));
    begin = end + 1;
  }
  e.test.position = test.position;
  e.test.selected = test.selected;
  e.test.disabled = test.disabled;
  send(std::move(e), News::later);
}

void list_done(const ListFacts& facts) noexcept {
  if (is_mine() && g_session->config.role == Role::fixture_host) {
    serve_fixtures(g_session->config.command_fd, g_session->config.event_fd);
  }
  if (is_mine()) {
    event::ListDone e;
    e.facts.framework_version = string_of(facts.framework_version);
    e.facts.output = string_of(facts.output);
    e.facts.repeat = facts.repeat;
    e.facts.seed = facts.seed;
    e.facts.shuffled = facts.shuffled;
    e.facts.pulls = facts.pulls;
    e.facts.groups_matter = facts.groups_matter;
    e.facts.reruns = facts.reruns;
    e.facts.before_main = facts.before_main;
    send(std::move(e));
  }
  os::exit_now(0);
}

bool output_is_shown() noexcept { return g_session != nullptr && g_session->config.output_is_shown; }

std::uint32_t seed() noexcept { return g_session == nullptr ? 0 : g_session->config.seed; }

std::uint64_t identity_of(Text suite, Text name, Text file, std::int32_t line) noexcept {
  const auto view = [](Text text) {
    return text.data == nullptr ? std::string_view() : std::string_view(text.data, text.size);
  };
  return plan::identity_of(view(suite), view(name), view(file), line);
}

bool next_batch(const Assignment** items, std::size_t* count) noexcept {
  if (!is_mine()) os::exit_now(1);
  cap_threads();
  Session& session = *g_session;
  send(event::Asks{}, session.config.unheard ? News::later : News::now);
  std::uint32_t size = 0;
  read_exactly(session.config.command_fd, &size, sizeof size);
  session.batch.resize(size);
  session.items.clear();
  session.began_last = 0;
  std::string bytes(size * kBatchItemBytes, '\0');
  read_exactly(session.config.command_fd, bytes.data(), bytes.size());
  const char* from = bytes.data();
  for (Assignment& assignment : session.batch) {
    std::uint32_t item = 0;
    std::memcpy(&assignment, from, sizeof assignment);
    std::memcpy(&item, from + sizeof assignment, sizeof item);
    session.items.push_back(item);
    from += kBatchItemBytes;
  }
  *items = session.batch.data();
  *count = size;
  return size > 0;
}

bool only_tests(const std::uint32_t** indices, std::size_t* count) noexcept {
  // GoogleTest's own shards go by the number of a test among all of them.
  if (g_session == nullptr || g_session->config.only_tests == nullptr || os::environment("GTEST_TOTAL_SHARDS")) {
    return false;
  }
  *indices = g_session->config.only_tests->data();
  *count = g_session->config.only_tests->size();
  return true;
}

void test_started(std::uint32_t index) noexcept {
  if (!is_mine()) return;
  Session& session = *g_session;
  if (const std::size_t place = place_in_batch(index); place != session.batch.size()) {
    session.config.marks.begin(session.items[place]);
    session.began_last = place;
  }
  const std::uint64_t offset = flushed_offset();
  send(event::Started{index, os::monotonic_now(), offset}, News::later);
  session.current.store(index + 1, std::memory_order_relaxed);
}

void message(MessageKind kind, Text file, std::int32_t line, Text text) noexcept {
  if (is_mine()) send(event::Said{kind, string_of(file), line, string_of(text)}, News::later);
}

void property(Text suite, Text name, Text key, Text value) noexcept {
  if (!is_mine()) return;
  send(event::Recorded{string_of(suite), string_of(name), string_of(key), string_of(value)}, News::later);
}

void test_ended(std::uint32_t index, Verdict verdict, double seconds) noexcept {
  if (!is_mine()) return;
  g_session->current.store(0, std::memory_order_relaxed);
  for (const std::string& failure : test_cleanups().run()) {
    say(MessageKind::failure, "cleanup: " + failure);
    verdict = Verdict::failed;
  }
  // Catch2 counts on from zero to the largest number when the clock of the day is set back: that is no figure.
  const bool measured = seconds >= 0 && seconds < kLongestTest;
  const auto duration = measured ? plan::Nanoseconds(static_cast<std::int64_t>(seconds * 1e9)) : plan::Nanoseconds(-1);
  const plan::Nanoseconds now = os::monotonic_now();
  const std::uint64_t offset = flushed_offset();
  if (g_session->attempt_before) os::set_environment(kAttempt, *std::exchange(g_session->attempt_before, std::nullopt));
  send(event::Ended{index, verdict, now, duration, offset}, verdict == Verdict::failed ? News::now : News::later);
  g_session->config.marks.end();
}

bool run_again(std::uint32_t index) noexcept {
  if (!is_mine()) return false;
  send(event::AsksAgain{index});
  std::uint32_t answer = 0;
  read_exactly(g_session->config.command_fd, &answer, sizeof answer);
  if (answer == 0) return false;
  if (!g_session->attempt_before) g_session->attempt_before = os::environment(kAttempt);
  os::set_environment(kAttempt, std::to_string(answer));
  return true;
}

void phase(Phase phase, Text suite) noexcept {
  if (!is_mine()) return;
  const std::uint64_t offset = flushed_offset();
  send(event::Entered{phase, string_of(suite), os::monotonic_now(), offset}, News::later);
}

void finished() noexcept {
  if (!is_mine()) return;
  for (const std::string& failure : process_cleanups().run()) say(MessageKind::failure, "cleanup: " + failure);
  send(event::Finished{}, g_session->config.unheard ? News::later : News::now);
}

void refuse(Text why) noexcept {
  if (is_mine()) send(event::Refused{string_of(why)});
  os::exit_now(1);
}

int register_tag(const char* suite, const char* test, const char* tag, const char* file, int line) noexcept {
  tag_registry().push_back(TagEntry{suite, test, tag, file, line});
  return 0;
}

}  // namespace cleave::detail
