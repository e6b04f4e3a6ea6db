#pragma once

/// What Catch2 v2 (the single header) names or does differently from v3. Everything else is in adapter.cpp.
///
/// v2 is observed through the reporter and not through a listener: the presence of any listener makes v2 build a full
/// result for every passing assertion (its ListeningReporter asks for all of them), which was measured to triple the
/// cost of an assertion. The reporter that the user asked for is wrapped instead, and a test is as fast as it was.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// The implementation is the user's, whatever is defined for the whole target.
#undef CATCH_CONFIG_MAIN
#undef CATCH_CONFIG_RUNNER
#undef CATCH_CONFIG_IMPL_ONLY
#undef CATCH_CONFIG_ALL_PARTS
#ifndef CATCH_CONFIG_EXTERNAL_INTERFACES
#define CATCH_CONFIG_EXTERNAL_INTERFACES
#endif
#if __has_include(<catch2/catch.hpp>)
#include <catch2/catch.hpp>
#else
#include <catch.hpp>
#endif

namespace Catch {
namespace Benchmark {  // NOLINT(readability-identifier-naming): the framework's name.
namespace Detail {     // NOLINT(readability-identifier-naming): the framework's name.
/// Part of the implementation only if that was compiled with CATCH_CONFIG_ENABLE_BENCHMARKING.
double normal_quantile(double) __attribute__((weak));
}  // namespace Detail
}  // namespace Benchmark
}  // namespace Catch

namespace cleave::catch2 {
namespace {

using RegisteredTest = Catch::TestCase;

/// Names are unique in v2: two tests of one name are an error of the framework.
using Key = std::string_view;
inline Key key_of(const Catch::TestCaseInfo& info) { return info.name; }

inline const Catch::TestCaseInfo& info_of(const RegisteredTest& test) { return test; }
inline Catch::TestCaseInfo& mutable_info_of(RegisteredTest& test) { return test; }
inline const Catch::TestCaseInfo& info_of(const Catch::TestCaseStats& stats) { return stats.testInfo; }

inline std::string_view view(const std::string& tag) { return tag; }

inline bool is_shuffled(const Catch::IConfig& config) { return config.runOrder() == Catch::RunTests::InRandomOrder; }
inline bool warns_of_unmatched(const Catch::IConfig& config) { return config.warnAboutNoTests(); }
inline const std::vector<std::string>& invalid_specs(const Catch::TestSpec& spec) { return spec.getInvalidArgs(); }
inline std::uint64_t skipped(const Catch::Counts&) { return 0; }
inline bool is_skip(Catch::ResultWas::OfType) { return false; }

/// v2 has no shards of its own.
inline const std::vector<const RegisteredTest*>& outer_shard(const std::vector<const RegisteredTest*>& tests,
                                                             const Catch::IConfig&) {
  return tests;
}

inline void unhide(Catch::TestCaseInfo& info) {
  info.properties =
      static_cast<Catch::TestCaseInfo::SpecialProperties>(info.properties & ~Catch::TestCaseInfo::IsHidden);
}

/// Makes the framework take the tests that are registered as they are.
inline void settle(Catch::ConfigData& data) { data.runOrder = Catch::RunTests::InDeclarationOrder; }

/// True when the implementation and this file agree on the virtual functions of a reporter, which depend on a macro.
inline bool layouts_agree() {
#ifdef CATCH_CONFIG_ENABLE_BENCHMARKING
  return &Catch::Benchmark::Detail::normal_quantile != nullptr;
#else
  return &Catch::Benchmark::Detail::normal_quantile == nullptr;
#endif
}
constexpr std::string_view kLayoutsDisagree =
    "CATCH_CONFIG_ENABLE_BENCHMARKING changes the layout of Catch2's interfaces but is defined for some files of this "
    "program only: define it for the whole target with target_compile_definitions";

/// The user's reporter, with the events that Cleave wants branching off. Events that start something reach the derived
/// class first and those that end something last, so that whatever the reporter prints falls inside of the test.
class Observer : public Catch::IStreamingReporter {
 public:
  Observer(Catch::IStreamingReporterPtr reporter, const Catch::IConfig& config)
      : reporter_(std::move(reporter)), config_(config) {}

  Catch::ReporterPreferences getPreferences() const override { return reporter_->getPreferences(); }
  void noMatchingTestCases(const std::string& spec) override { reporter_->noMatchingTestCases(spec); }
  void reportInvalidArguments(const std::string& spec) override { reporter_->reportInvalidArguments(spec); }
  void testRunStarting(const Catch::TestRunInfo& run) override {
    run_starting();
    reporter_->testRunStarting(run);
  }
  void testGroupStarting(const Catch::GroupInfo& group) override { reporter_->testGroupStarting(group); }
  void testCaseStarting(const Catch::TestCaseInfo& info) override {
    test_starting(info);
    reporter_->testCaseStarting(info);
  }
  void sectionStarting(const Catch::SectionInfo& section) override {
    section_starting(section);
    reporter_->sectionStarting(section);
  }
#ifdef CATCH_CONFIG_ENABLE_BENCHMARKING
  void benchmarkPreparing(const std::string& name) override { reporter_->benchmarkPreparing(name); }
  void benchmarkStarting(const Catch::BenchmarkInfo& info) override { reporter_->benchmarkStarting(info); }
  void benchmarkEnded(const Catch::BenchmarkStats<>& stats) override { reporter_->benchmarkEnded(stats); }
  void benchmarkFailed(const std::string& error) override { reporter_->benchmarkFailed(error); }
#endif
  void assertionStarting(const Catch::AssertionInfo& info) override { reporter_->assertionStarting(info); }
  bool assertionEnded(const Catch::AssertionStats& stats) override {
    assertion_ended(stats);
    return reporter_->assertionEnded(stats);
  }
  void sectionEnded(const Catch::SectionStats& stats) override {
    section_ended(stats);
    reporter_->sectionEnded(stats);
  }
  void testCaseEnded(const Catch::TestCaseStats& stats) override {
    reporter_->testCaseEnded(stats);
    test_ended(stats);
  }
  void testGroupEnded(const Catch::TestGroupStats& stats) override { reporter_->testGroupEnded(stats); }
  void testRunEnded(const Catch::TestRunStats& stats) override {
    reporter_->testRunEnded(stats);
    run_ended();
  }
  void skipTest(const Catch::TestCaseInfo& info) override { reporter_->skipTest(info); }
  void fatalErrorEncountered(Catch::StringRef name) override { reporter_->fatalErrorEncountered(name); }
  bool isMulti() const override { return reporter_->isMulti(); }

 protected:
  const Catch::IConfig& config() const { return config_; }

  virtual void run_starting() = 0;
  virtual void run_ended() = 0;
  virtual void test_starting(const Catch::TestCaseInfo& info) = 0;
  virtual void test_ended(const Catch::TestCaseStats& stats) = 0;
  virtual void section_starting(const Catch::SectionInfo& section) = 0;
  virtual void section_ended(const Catch::SectionStats& stats) = 0;
  virtual void assertion_ended(const Catch::AssertionStats& stats) = 0;

 private:
  Catch::IStreamingReporterPtr reporter_;
  const Catch::IConfig& config_;
};

/// Makes whatever reporter the wrapped factory makes, observed by a `Derived`.
template <typename Derived>
class ObserverFactory : public Catch::IReporterFactory {
 public:
  explicit ObserverFactory(Catch::IReporterFactoryPtr factory) : factory_(std::move(factory)) {}
  Catch::IStreamingReporterPtr create(const Catch::ReporterConfig& config) const override {
    return Catch::IStreamingReporterPtr(new Derived(factory_->create(config), *config.fullConfig()));
  }
  std::string getDescription() const override { return factory_->getDescription(); }

 private:
  Catch::IReporterFactoryPtr factory_;
};

/// Makes a `Derived` see every run of a session that starts from now on.
template <typename Derived>
void observe() {
  auto& factories =
      const_cast<Catch::IReporterRegistry::FactoryMap&>(Catch::getRegistryHub().getReporterRegistry().getFactories());
  for (auto& named : factories) {
    named.second = std::make_shared<ObserverFactory<Derived>>(named.second);
  }
}

/// The user's listeners hear of nothing any more.
inline void silence_listeners() {
  const_cast<Catch::IReporterRegistry::Listeners&>(Catch::getRegistryHub().getReporterRegistry().getListeners())
      .clear();
}

}  // namespace
}  // namespace cleave::catch2
