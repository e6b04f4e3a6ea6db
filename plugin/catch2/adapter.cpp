/// Connects Catch2 (v2.13 or v3) to Cleave. Compiled inside the user's target, with the user's Catch2, flags and
/// standard.
///
/// A plain run never comes here: attach() is called only in a process that Cleave forked, and nothing is registered
/// during static initialisation. There, an observer joins the reporters. When the run starts (the user's main has
/// parsed its arguments, no test has been chosen yet) it either lists all tests and ends the process, or it takes a
/// batch and makes the registry hold exactly these tests, in this order. No name of a test passes through a test spec
/// on the way.

#if __cplusplus < 201703L
#error "Cleave's adapter is C++17: call cleave_add_shards(), which compiles it so, or give this target C++17."
#endif

#include <cleave/detail/adapter_api.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

// CMake knows the version better than a search path that may hold both.
#ifndef CLEAVE_CATCH2_MAJOR
#if __has_include(<catch2/catch_test_case_info.hpp>) || __has_include(<catch2/catch_amalgamated.hpp>) || \
    __has_include(<catch_amalgamated.hpp>)
#define CLEAVE_CATCH2_MAJOR 3
#else
#define CLEAVE_CATCH2_MAJOR 2
#endif
#endif
#if CLEAVE_CATCH2_MAJOR == 2
#include "adapter_v2.hpp"
#else
#include "adapter_v3.hpp"
#endif
#include "assertion_text.hpp"

#define CLEAVE_CATCH2_QUOTED(token) #token
#define CLEAVE_CATCH2_QUOTE(token) CLEAVE_CATCH2_QUOTED(token)

namespace cleave::catch2 {
namespace {

using detail::MessageKind;
using detail::Text;
using detail::Verdict;

constexpr std::string_view kVersion = CLEAVE_CATCH2_QUOTE(CATCH_VERSION_MAJOR) "." CLEAVE_CATCH2_QUOTE(
    CATCH_VERSION_MINOR) "." CLEAVE_CATCH2_QUOTE(CATCH_VERSION_PATCH);

Text text(std::string_view view) { return {view.data(), view.size()}; }

Text file_of(const Catch::SourceLineInfo& place) {
  return text(place.file == nullptr ? std::string_view() : std::string_view(place.file));
}
std::int32_t line_of(const Catch::SourceLineInfo& place) { return static_cast<std::int32_t>(place.line); }
Text suite_of(const Catch::TestCaseInfo& info) { return {info.className.data(), info.className.size()}; }

/// The settings are private, and a session offers them only to a main that wants to cooperate. The standard lets an
/// explicit instantiation name a private member, and the object itself is not const.
Catch::ConfigData& settings_of(Catch::Config& config);
template <Catch::ConfigData Catch::Config::*kMember>
struct Settings {
  friend Catch::ConfigData& settings_of(Catch::Config& config) { return config.*kMember; }
};
template struct Settings<&Catch::Config::m_data>;

/// Every run of tests is a session's, and its configuration is a Config.
Catch::Config& config_of(const Catch::IConfig& config) {
  return const_cast<Catch::Config&>(static_cast<const Catch::Config&>(config));
}

const std::vector<RegisteredTest>& registered() { return Catch::getRegistryHub().getTestCaseRegistry().getAllTests(); }

/// The rule by which both versions choose tests: without a test spec all but hidden ones, with one those that match it.
bool is_selected(const Catch::TestCaseInfo& info, const Catch::IConfig& config) {
  const Catch::TestSpec& spec = config.testSpec();
  if (!spec.hasFilters()) {
    return !info.isHidden();
  }
  return spec.matches(info) && (config.allowThrows() || !info.throws());
}

/// What the framework would say of the user's test spec as a whole has to be said here: a worker cannot tell a part of
/// a spec that matches nothing from one whose tests run elsewhere.
void check_spec(const std::vector<RegisteredTest>& tests, const Catch::IConfig& config) {
  const Catch::TestSpec& spec = config.testSpec();
  for (const std::string& invalid : invalid_specs(spec)) {
    detail::refuse(text("invalid test spec: " + invalid));
  }
  if (!warns_of_unmatched(config)) {
    return;
  }
  for (const auto& match : spec.matchesByFilter(tests, config)) {
    if (match.tests.empty()) {
      detail::refuse(text("no test case matches " + match.name + ", which --warn makes an error"));
    }
  }
}

[[noreturn]] void list(const Catch::IConfig& config) {
  // Throws if two tests cannot be told apart; the session prints that and ends.
  const std::vector<RegisteredTest>& sorted = Catch::getRegistryHub().getTestCaseRegistry().getAllTestsSorted(config);
  check_spec(sorted, config);

  struct Place {
    const RegisteredTest* test;  // As sorted: v2 gives the tag of the file name to this copy only.
    std::uint32_t position;
    bool selected;
  };
  std::unordered_map<Key, Place> places;
  std::vector<const RegisteredTest*> selection;
  for (const RegisteredTest& test : sorted) {
    places.emplace(key_of(info_of(test)), Place{&test, static_cast<std::uint32_t>(places.size()), false});
    if (is_selected(info_of(test), config)) {
      selection.push_back(&test);
    }
  }
  for (const RegisteredTest* test : outer_shard(selection, config)) {
    places.at(key_of(info_of(*test))).selected = true;
  }

  std::string tags;
  for (const RegisteredTest& test : registered()) {
    const Place& place = places.at(key_of(info_of(test)));
    const Catch::TestCaseInfo& info = info_of(*place.test);
    tags.clear();
    for (const auto& tag : info.tags) {
      tags += tags.empty() ? "" : "\n";
      tags += view(tag);
    }
    detail::ListedTest listed{};
    listed.suite = suite_of(info);
    listed.name = text(info.name);
    listed.file = file_of(info.lineInfo);
    listed.type_param = text({});
    listed.value_param = text({});
    listed.tags = text(tags);
    listed.line = line_of(info.lineInfo);
    listed.position = place.position;
    listed.selected = place.selected;
    listed.disabled = false;
    detail::list_test(listed);
  }

  detail::ListFacts facts{};
  facts.framework_version = text(kVersion);
  facts.output = text({});
  facts.repeat = 1;
  facts.seed = static_cast<std::uint32_t>(config.rngSeed());
  facts.shuffled = is_shuffled(config);
  facts.pulls = false;
  facts.groups_matter = false;
  facts.reruns = false;   // A session runs each of its tests once, and a process has one session.
  facts.before_main = 0;  // Nobody asks: the registry is cut in main, and costs nothing until then.
  facts.recreates_environments = false;
  detail::list_done(facts);
}

/// Makes the registry hold exactly the tests of one batch, in the order of the batch, and the configuration run them
/// all. Returns their indices. Ends the process if they are not the tests that were listed.
std::vector<std::uint32_t> take_batch(const Catch::IConfig& config) {
  Catch::ConfigData& settings = settings_of(config_of(config));
  auto& tests = const_cast<std::vector<RegisteredTest>&>(registered());

  // The framework may have sorted its tests already, to tag them with their file names; then the tags must be kept.
  if (settings.filenamesAsTags) {
    const auto& sorted = Catch::getRegistryHub().getTestCaseRegistry().getAllTestsSorted(config);
    std::unordered_map<Key, const RegisteredTest*> tagged;
    for (const RegisteredTest& test : sorted) {
      tagged.emplace(key_of(info_of(test)), &test);
    }
    for (RegisteredTest& test : tests) {
      test = *tagged.at(key_of(info_of(test)));
    }
  }

  const detail::Assignment* items = nullptr;
  std::size_t count = 0;
  if (!detail::next_batch(&items, &count)) {
    count = 0;
  }
  std::vector<std::uint32_t> indices;
  std::vector<RegisteredTest> batch;
  batch.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t index = items[i].index;
    if (index >= tests.size()) {
      detail::refuse(text("test " + std::to_string(index) + " was listed, but only " + std::to_string(tests.size()) +
                          " tests are registered"));
    }
    const Catch::TestCaseInfo& info = info_of(tests[index]);
    if (detail::identity_of(suite_of(info), text(info.name), file_of(info.lineInfo), line_of(info.lineInfo)) !=
        items[i].identity) {
      detail::refuse(text("test " + std::to_string(index) + " is not the one that was listed: " + info.name));
    }
    indices.push_back(index);
    batch.push_back(std::move(tests[index]));  // NOLINT(performance-move-const-arg): not trivial in v2.
    unhide(mutable_info_of(batch.back()));
  }
  tests.swap(batch);
  // Never destroyed: a fork would copy the pages of all of them for it.
  static auto& others = *new std::vector<RegisteredTest>(std::move(batch));
  (void)others;

  // The selection has been made, by the user's own arguments: no spec, shard or order may be applied to it once more.
  const_cast<Catch::TestSpec&>(config.testSpec()) = Catch::TestSpec();
  settle(settings);
  if (detail::seed() != 0) {
    settings.rngSeed = detail::seed();
  }
  auto& sorted =
      const_cast<std::vector<RegisteredTest>&>(Catch::getRegistryHub().getTestCaseRegistry().getAllTestsSorted(config));
  if (settings.filenamesAsTags) {
    sorted = tests;
  }
  return indices;
}

/// Sees one run of a session: lists its tests, or sends what happens in it to Cleave.
class Reporter : public Observer {
 public:
  using Observer::Observer;

 protected:
  void run_starting() override {
    if (detail::listing()) {
      list(config());
    }
    // A second run would either repeat what has been reported or hide its own results.
    static bool started = false;
    if (std::exchange(started, true)) {
      detail::refuse(text("main runs its test session more than once, which cannot be split into shards"));
    }
    indices_ = take_batch(config());
    detail::phase(detail::Phase::between_tests, text({}));
  }

  void run_ended() override {
    if (!dying_) {
      detail::finished();
    }
  }

  void test_starting(const Catch::TestCaseInfo& info) override {
    if (next_ == indices_.size()) {
      detail::refuse(text("a test would run that was not assigned: " + info.name));
    }
    may_fail_ = info.okToFail();
    timer_.start();
    detail::test_started(indices_[next_]);
  }

  void test_ended(const Catch::TestCaseStats& stats) override {
    if (dying_) {
      return;
    }
    const Catch::TestCaseInfo& info = info_of(stats);
    const Catch::Counts& cases = stats.totals.testCases;
    // The framework counts a test that should fail and did not as one more failed assertion, without a word.
    if (info.expectedToFail() && cases.failed > 0 && !failed_) {
      detail::message(MessageKind::failure, file_of(info.lineInfo), line_of(info.lineInfo),
                      text("the test is tagged [!shouldfail], but it passed"));
    }
    const Verdict verdict = cases.failed > 0     ? Verdict::failed
                            : skipped(cases) > 0 ? Verdict::skipped
                                                 : Verdict::passed;
    detail::test_ended(indices_[next_], verdict, timer_.getElapsedSeconds());
    ++next_;
    failed_ = false;
    // A run that is aborted may leave sections open.
    sections_.clear();
  }

  void section_starting(const Catch::SectionInfo& section) override { sections_.push_back(section.name); }

  void section_ended(const Catch::SectionStats& stats) override {
    if (stats.missingAssertions && !dying_) {
      std::string what = sections_.size() > 1 ? "no assertions in the section" : "no assertions in the test case";
      append_sections(what, sections_);
      detail::message(MessageKind::failure, file_of(stats.sectionInfo.lineInfo), line_of(stats.sectionInfo.lineInfo),
                      text(what));
      failed_ = true;
    }
    if (!sections_.empty()) {
      sections_.pop_back();
    }
  }

  void assertion_ended(const Catch::AssertionStats& stats) override {
    const Catch::AssertionResult& result = stats.assertionResult;
    const Catch::ResultWas::OfType type = result.getResultType();
    if (type == Catch::ResultWas::Ok || type == Catch::ResultWas::Info || dying_) {
      return;
    }
    // A signal: the framework now ends the test and the run on paper, and then lets the process die. The test has not
    // ended; what the process dies of is the supervisor's to judge.
    dying_ = type == Catch::ResultWas::FatalErrorCondition;
    const MessageKind kind = kind_of(result);
    failed_ = failed_ || kind == MessageKind::failure || kind == MessageKind::fatal_failure;
    const std::string what = describe(stats, sections_);
    detail::message(kind, file_of(result.getSourceInfo()), line_of(result.getSourceInfo()), text(what));
  }

 private:
  MessageKind kind_of(const Catch::AssertionResult& result) const {
    const Catch::ResultWas::OfType type = result.getResultType();
    if (is_skip(type)) {
      return MessageKind::skip;
    }
    if (type == Catch::ResultWas::FatalErrorCondition) {
      return MessageKind::fatal_failure;
    }
    // What the framework does not count as failed does not fail the test: WARN, CHECK_NOFAIL, [!mayfail].
    if (result.isOk() || may_fail_) {
      return MessageKind::note;
    }
    const bool goes_on = (result.m_info.resultDisposition & Catch::ResultDisposition::ContinueOnFailure) != 0;
    return goes_on ? MessageKind::failure : MessageKind::fatal_failure;
  }

  std::vector<std::uint32_t> indices_;
  std::size_t next_ = 0;
  std::vector<std::string> sections_;
  Catch::Timer timer_;
  bool may_fail_ = false;
  bool failed_ = false;
  bool dying_ = false;
};

void attach() {
  if (!layouts_agree()) {
    detail::refuse(text(kLayoutsDisagree));
  }
  if (detail::listing()) {
    // What a listener starts for a run of tests must not be started to list them.
    silence_listeners();
  }
  observe<Reporter>();
}

/// Options are told from values as the framework does it: whatever starts with a dash is an option, up to a blank, a
/// colon or an equals sign; a single dash may be followed by several letters; a value never starts with a dash.
bool stays_out(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument(argv[i]);
    if (argument.size() < 2 || argument[0] != '-') {
      continue;
    }
    const std::size_t separator = argument.find_first_of(" :=");
    const std::string_view option = argument.substr(0, separator);
    if (option[1] == '-') {
      for (const std::string_view name : {"--help", "--libidentify", "--list-tests", "--list-tags",
                                          "--list-test-names-only", "--list-reporters", "--list-listeners"}) {
        if (option == name) {
          return true;
        }
      }
    } else if (option.find_first_of(CLEAVE_CATCH2_MAJOR == 2 ? "h?lt" : "h?") != std::string_view::npos) {
      return true;
    }
  }
  return false;
}

}  // namespace
}  // namespace cleave::catch2

#include "../entry/wrap_main.hpp"

const cleave::detail::Adapter cleave::detail::framework_adapter{"catch2", cleave::catch2::attach,
                                                                cleave::catch2::stays_out, nullptr};
