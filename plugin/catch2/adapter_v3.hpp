#pragma once

/// What Catch2 v3 names or does differently from v2. Everything else is in adapter.cpp.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

// The implementation is the user's, whatever is defined for the whole target.
#undef CATCH2_IMPLEMENTATION
#if __has_include(<catch2/catch_test_case_info.hpp>)
// Single headers and not catch_all.hpp: the adapter is compiled in every test program.
#include <catch2/catch_config.hpp>
#include <catch2/catch_test_case_info.hpp>
#include <catch2/catch_timer.hpp>
#include <catch2/catch_version_macros.hpp>
#include <catch2/interfaces/catch_interfaces_registry_hub.hpp>
#include <catch2/interfaces/catch_interfaces_reporter_factory.hpp>
#include <catch2/interfaces/catch_interfaces_testcase.hpp>
#include <catch2/internal/catch_sharding.hpp>
#include <catch2/reporters/catch_reporter_event_listener.hpp>
#include <catch2/reporters/catch_reporter_registrars.hpp>
#if __has_include(<catch2/internal/catch_reporter_registry.hpp>)
#include <catch2/internal/catch_reporter_registry.hpp>
#else
#include <catch2/interfaces/catch_interfaces_reporter_registry.hpp>
#endif
#elif __has_include(<catch2/catch_amalgamated.hpp>)
#include <catch2/catch_amalgamated.hpp>
#else
#include <catch_amalgamated.hpp>
#endif

namespace cleave::catch2 {
namespace {

using RegisteredTest = Catch::TestCaseHandle;

/// Names need not be unique in v3: class and tags tell tests apart as well. Every handle refers to the one record.
using Key = const Catch::TestCaseInfo*;
inline Key key_of(const Catch::TestCaseInfo& info) { return &info; }

inline const Catch::TestCaseInfo& info_of(const RegisteredTest& test) { return test.getTestCaseInfo(); }
inline Catch::TestCaseInfo& mutable_info_of(RegisteredTest& test) {
  return const_cast<Catch::TestCaseInfo&>(test.getTestCaseInfo());
}
inline const Catch::TestCaseInfo& info_of(const Catch::TestCaseStats& stats) { return *stats.testInfo; }

inline std::string_view view(const Catch::Tag& tag) { return {tag.original.data(), tag.original.size()}; }

inline bool is_shuffled(const Catch::IConfig& config) { return config.runOrder() == Catch::TestRunOrder::Randomized; }
inline bool warns_of_unmatched(const Catch::IConfig& config) { return config.warnAboutUnmatchedTestSpecs(); }
inline const std::vector<std::string>& invalid_specs(const Catch::TestSpec& spec) { return spec.getInvalidSpecs(); }

// Skipping came with v3.3.
template <typename Counts>
auto count_skipped(const Counts& counts, int) -> decltype(counts.skipped) {
  return counts.skipped;
}
template <typename Counts>
std::uint64_t count_skipped(const Counts&, long) {
  return 0;
}
inline std::uint64_t skipped(const Catch::Counts& counts) { return count_skipped(counts, 0); }
inline bool is_skip(Catch::ResultWas::OfType type) { return static_cast<int>(type) == 4; }

/// The shard that the user asked of Catch2 itself (--shard-count, or the variables of Bazel).
inline std::vector<const RegisteredTest*> outer_shard(const std::vector<const RegisteredTest*>& tests,
                                                      const Catch::IConfig& config) {
  return Catch::createShard(tests, config.shardCount(), config.shardIndex());
}

inline void unhide(Catch::TestCaseInfo& info) {
  info.properties = static_cast<Catch::TestCaseProperties>(static_cast<unsigned>(info.properties) &
                                                           ~static_cast<unsigned>(Catch::TestCaseProperties::IsHidden));
}

// The guard file is known to some versions only.
template <typename Data>
auto forget_guard_file(Data& data, int) -> decltype(data.prematureExitGuardFilePath.clear()) {
  data.prematureExitGuardFilePath.clear();
}
template <typename Data>
void forget_guard_file(Data&, long) {}

/// Makes the framework take the tests that are registered as they are. The outer shard was applied when the tests were
/// listed; one worker whose tests are all skipped is no failure; the guard file is one for all workers, and the second
/// of them to remove it would fail.
inline void settle(Catch::ConfigData& data) {
  data.runOrder = Catch::TestRunOrder::Declared;
  data.shardCount = 1;
  data.shardIndex = 0;
  data.allowZeroTests = true;
  forget_guard_file(data, 0);
}

constexpr bool layouts_agree() { return true; }
constexpr std::string_view kLayoutsDisagree;

/// A listener that hands on what Cleave wants.
class Observer : public Catch::EventListenerBase {
 public:
  explicit Observer(const Catch::IConfig* config) : EventListenerBase(config) { want_failures_only(m_preferences, 0); }

  void testRunStarting(const Catch::TestRunInfo&) override { run_starting(); }
  void testCaseStarting(const Catch::TestCaseInfo& info) override { test_starting(info); }
  void sectionStarting(const Catch::SectionInfo& section) override { section_starting(section); }
  void assertionEnded(const Catch::AssertionStats& stats) override { assertion_ended(stats); }
  void sectionEnded(const Catch::SectionStats& stats) override { section_ended(stats); }
  void testCaseEnded(const Catch::TestCaseStats& stats) override { test_ended(stats); }
  void testRunEnded(const Catch::TestRunStats&) override { run_ended(); }

 protected:
  const Catch::IConfig& config() const { return *m_config; }

  virtual void run_starting() = 0;
  virtual void run_ended() = 0;
  virtual void test_starting(const Catch::TestCaseInfo& info) = 0;
  virtual void test_ended(const Catch::TestCaseStats& stats) = 0;
  virtual void section_starting(const Catch::SectionInfo& section) = 0;
  virtual void section_ended(const Catch::SectionStats& stats) = 0;
  virtual void assertion_ended(const Catch::AssertionStats& stats) = 0;

 private:
  // Newer versions have a fast path for assertions whose start nobody wants to hear of.
  template <typename Preferences>
  static auto want_failures_only(Preferences& preferences, int)
      -> decltype(static_cast<void>(preferences.shouldReportAllAssertionStarts)) {
    preferences.shouldReportAllAssertionStarts = false;
  }
  template <typename Preferences>
  static void want_failures_only(Preferences&, long) {}
};

// Listeners have names since v3.2.
template <typename Registrar>
void make_registrar() {
  if constexpr (std::is_constructible_v<Registrar, Catch::StringRef>) {
    Registrar registrar(Catch::StringRef("cleave", 6));
    static_cast<void>(registrar);
  } else {
    Registrar registrar;
    static_cast<void>(registrar);
  }
}

/// Makes a `Derived` see every run of a session that starts from now on.
template <typename Derived>
void observe() {
  make_registrar<Catch::ListenerRegistrar<Derived>>();
}

/// The listeners that are registered hear of nothing any more.
inline void silence_listeners() {
  const auto& listeners = Catch::getRegistryHub().getReporterRegistry().getListeners();
  const_cast<std::remove_const_t<std::remove_reference_t<decltype(listeners)>>&>(listeners).clear();
}

}  // namespace
}  // namespace cleave::catch2
