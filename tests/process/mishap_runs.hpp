#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "ctest_tree.hpp"
#include "own_run.hpp"
#include "xml_tree.hpp"

namespace cleave::test {

/// What came out of a run, in either mode.
struct Told {
  Finished ended;
  nlohmann::json report;  ///< Null when there is none.
  std::string junit;
};

/// A program of tests/programs in three shards: run by itself, or by a real ctest through the entries of the tree
/// `any`.
class MishapRun {
 public:
  using Json = nlohmann::json;
  using Arguments = Sandbox::Arguments;

  MishapRun(std::string framework, std::string mode) : framework_(std::move(framework)), mode_(std::move(mode)) {
    // Reading stacks takes a tenth of a second for each crash, and is not what these tests are about.
    box_.set("CLEAVE_STACKS", "off");
    box_.set("MISHAPS_LOG", box_.path("mishaps-log"));
  }

  bool is_gtest() const { return framework_ == "gtest"; }
  bool is_ctest() const { return mode_ == "ctest"; }
  CTestTree& box() { return box_; }
  std::string of(const std::string& name) const { return program(framework_ + "_" + name); }
  /// The arguments that select tests by patterns of their full names.
  Arguments selecting(const std::vector<std::string>& patterns) const {
    if (patterns.empty()) return {};
    std::string all = is_gtest() ? "--gtest_filter=" : "";
    for (const std::string& each : patterns) all += (&each == &patterns.front() ? "" : is_gtest() ? ":" : ",") + each;
    return {all};
  }
  /// Where the program's runs, history and links are.
  std::string home(const std::string& name) const { return box_.home_of(is_ctest() ? "any" : of(name)); }

  Running start(const std::string& name, const Arguments& arguments) {
    if (!is_ctest()) return box_.start_sharded(of(name), 3, arguments);
    box_.put_into_any(of(name), arguments);
    return box_.start_ctest({"-j3", "--output-on-failure"});
  }
  Told told(const std::string& name, Finished ended) const {
    Told all;
    all.ended = std::move(ended);
    const std::string latest = home(name) + "/latest";
    if (!std::filesystem::exists(latest + "/report.json")) return all;
    all.report = Json::parse(box_.read(latest + "/report.json"), nullptr, false);
    all.junit = box_.read(latest + "/junit.xml");
    return all;
  }
  Told run(const std::string& name, const Arguments& arguments) { return told(name, start(name, arguments).wait()); }

 private:
  std::string framework_;
  std::string mode_;
  CTestTree box_{{"any"}};
};

/// What the two modes call the same exit code: ctest says 8 for whatever is not green.
inline int code_of(const MishapRun& run, int exit_code) { return !run.is_ctest() || exit_code == 0 ? exit_code : 8; }

/// Everything that a report says in words: titles and texts of problems, reasons of attempts.
inline std::string all_words_of(const nlohmann::json& report) {
  std::string all;
  if (!report.contains("tests")) return all;
  for (const auto& problem : report["problems"]) all += problem.dump() + "\n";
  for (const auto& test : report["tests"]) {
    for (const auto& attempt : test["attempts"]) {
      all += test["full_name"].get<std::string>() + ": " + attempt["reason"].get<std::string>() + "\n";
    }
  }
  return all;
}

/// Each framework in each mode; skipped where the framework is not built.
class MishapTest : public testing::TestWithParam<std::tuple<std::string, std::string>> {
 protected:
  void SetUp() override {
    if (!run_.of("mishaps").empty()) return;
    if (std::getenv("CI") != nullptr) FAIL() << std::get<0>(GetParam()) << " is not built";
    GTEST_SKIP() << std::get<0>(GetParam()) << " is not built";
  }
  MishapRun run_{std::get<0>(GetParam()), std::get<1>(GetParam())};
};

/// Under ctest v3 is only shown where it differs from v2: ctest knows neither, and both have one adapter.
inline auto every_mode() {
  using Mode = std::tuple<std::string, std::string>;
  return testing::Values(Mode("gtest", "own"), Mode("catch2_v2", "own"), Mode("catch2_v3", "own"),
                         Mode("gtest", "ctest"), Mode("catch2_v2", "ctest"));
}

inline std::string mishap_name(const testing::TestParamInfo<std::tuple<std::string, std::string>>& info) {
  return std::get<0>(info.param) + "_" + std::get<1>(info.param);
}

}  // namespace cleave::test
