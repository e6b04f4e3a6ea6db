// What coverage tools count in a sharded run, against the plain run of the same program.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "run_program.hpp"

namespace cleave::test {
namespace {

namespace fs = std::filesystem;

const std::string kSources = CLEAVE_SOURCE_DIR "/tests/package/coverage";

struct Tools {
  std::string name;
  std::string compiler;
  std::string flags;
  bool by_gcov = true;
};

void PrintTo(const Tools& tools, std::ostream* out) { *out << tools.name; }

/// How often each line ran, by "file:line".
using Counts = std::map<std::string, long>;

std::string text_of(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The counts of gcovr's JSON.
Counts counts_of_gcovr(const std::string& json) {
  Counts counts;
  const auto all = nlohmann::json::parse(json);
  for (const auto& file : all.at("files")) {
    const std::string name = fs::path(file.at("file").get<std::string>()).filename();
    for (const auto& line : file.at("lines")) {
      counts[name + ":" + std::to_string(line.at("line_number").get<int>())] += line.at("count").get<long>();
    }
  }
  return counts;
}

/// Those of an lcov trace, as far as it tells of the project.
Counts counts_of_lcov(const std::string& text) {
  Counts counts;
  std::istringstream lines(text);
  std::string name;
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("SF:", 0) == 0) {
      name = line.find(kSources) == std::string::npos ? "" : fs::path(line.substr(3)).filename().string();
    } else if (line.rfind("DA:", 0) == 0 && !name.empty()) {
      const auto comma = line.find(',');
      counts[name + ":" + line.substr(3, comma - 3)] += std::stol(line.substr(comma + 1));
    }
  }
  return counts;
}

/// What the sources say of their lines in a comment at the end: "once" or "dies".
std::map<std::string, std::string> remarks() {
  std::map<std::string, std::string> all;
  for (const auto& entry : fs::directory_iterator(kSources)) {
    std::ifstream file(entry.path());
    int number = 0;
    for (std::string line; std::getline(file, line);) {
      ++number;
      for (const std::string remark : {"once", "dies"}) {
        if (line.ends_with("// " + remark)) {
          all[entry.path().filename().string() + ":" + std::to_string(number)] = remark;
        }
      }
    }
  }
  return all;
}

/// The counts as far as they must be equal: of lines that run once in a process or in a suite, whether they ran at all.
Counts comparable(Counts counts, bool died = false) {
  for (const auto& [line, remark] : remarks()) {
    const auto found = counts.find(line);
    if (found == counts.end()) continue;
    if (remark == "once") found->second = found->second > 0 ? 1 : 0;
    if (remark == "dies" && died) counts.erase(found);
  }
  return counts;
}

/// "file:line: A instead of B" for all lines that differ; empty when there is nothing to count.
std::vector<std::string> differences(const Counts& counted, const Counts& expected) {
  std::vector<std::string> all;
  if (expected.size() < 20) all.push_back("only " + std::to_string(expected.size()) + " lines are counted at all");
  for (const Counts* const side : {&counted, &expected}) {
    for (const auto& [line, count] : *side) {
      const auto value = [&](const Counts& counts) {
        const auto found = counts.find(line);
        return found == counts.end() ? std::string("no") : std::to_string(found->second);
      };
      if (value(counted) != value(expected)) {
        all.push_back(line + ": " + value(counted) + " instead of " + value(expected));
      }
    }
  }
  return all;
}

const std::vector<std::string> kNone;

class Coverage : public testing::TestWithParam<Tools> {
 protected:
  void SetUp() override {
    build_ = fs::path(CLEAVE_COVERAGE_BUILDS) / GetParam().name;
    static std::map<std::string, bool> built;
    if (const auto known = built.find(GetParam().name); known != built.end()) {
      ASSERT_TRUE(known->second) << GetParam().name << " could not be built: see the test before";
      return;
    }
    built[GetParam().name] = false;
    fs::remove_all(build_);
    finish({CLEAVE_CMAKE, "-S", kSources, "-B", build_, "-G", CLEAVE_GENERATOR,
            "-DCMAKE_CXX_COMPILER=" + GetParam().compiler, "-DCMAKE_PREFIX_PATH=" CLEAVE_PREFIX,
            "-DFLAGS=" + GetParam().flags});
    if (!HasFatalFailure()) finish({CLEAVE_CMAKE, "--build", build_, "--parallel", "2"});
    built[GetParam().name] = !HasFatalFailure();
  }

  /// A command that must end well.
  std::string finish(const Sandbox::Arguments& command) {
    Finished finished = box_.start(command).wait(std::chrono::minutes(8));
    EXPECT_EQ(finished.code, 0) << command.front() << ": " << finished.told();
    if (finished.code != 0) [&] { FAIL(); }();
    return finished.out;
  }

  std::string program(const std::string& framework) const { return build_ / (framework + "_counted"); }

  /// Of one command that ends with `code`; what was counted before is forgotten.
  Counts counts(const std::string& framework, const Sandbox::Arguments& command, int code = 0) {
    const fs::path work = box_.path("work");
    for (const fs::path& folder : {work, build_}) {
      for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        const std::string kind = entry.path().extension();
        if (kind == ".gcda" || kind == ".profraw") stale_.push_back(entry.path());
      }
    }
    for (const fs::path& file : stale_) fs::remove(file);
    stale_.clear();
    Finished finished = box_.start(command).wait(std::chrono::minutes(3));
    EXPECT_EQ(finished.code, code) << finished.told();
    if (GetParam().by_gcov) {
      const bool gcc = GetParam().name == "gcov";
      finish({CLEAVE_GCOVR, "--root", kSources, "--object-directory", build_, "--gcov-executable",
              gcc ? "gcov" : CLEAVE_LLVM_COV " gcov", "--json", box_.path("counts.json"), build_});
      return counts_of_gcovr(text_of(box_.path("counts.json")));
    }
    Sandbox::Arguments merge{CLEAVE_LLVM_PROFDATA, "merge", "-o", box_.path("all.profdata")};
    profiles_.clear();
    for (const fs::path& folder : {work, build_}) {
      for (const auto& entry : fs::directory_iterator(folder)) {
        if (entry.path().extension() == ".profraw") profiles_.push_back(entry.path());
      }
    }
    merge.insert(merge.end(), profiles_.begin(), profiles_.end());
    finish(merge);
    return counts_of_lcov(finish({CLEAVE_LLVM_COV, "export", "-format=lcov",
                                  "-instr-profile=" + box_.path("all.profdata"), program(framework)}));
  }

  Counts plain(const std::string& framework) { return comparable(counts(framework, {program(framework)})); }

  Sandbox box_;
  fs::path build_;
  std::vector<fs::path> stale_;
  std::vector<std::string> profiles_;  ///< Of the last measurement, by LLVM.
};

// R18
TEST_P(Coverage, OfAShardedRunCountsEachLineAsOftenAsThatOfAPlainOne) {
  for (const std::string framework : {"gtest", "catch2"}) {
    const Counts expected = plain(framework);
    for (const std::string jobs : {"1", "4"}) {
      EXPECT_EQ(differences(comparable(counts(framework, {program(framework), "--cleave-jobs=" + jobs})), expected),
                kNone)
          << framework << " over " << jobs;
    }
    const Sandbox::Arguments isolated{program(framework), "--cleave-jobs=4", "--cleave-isolation=test"};
    EXPECT_EQ(differences(comparable(counts(framework, isolated)), expected), kNone)
        << framework << ", a process a test";
  }
}

// R18
TEST_P(Coverage, OfARunOfCTestCountsEachLineAsOftenAsThatOfAPlainOne) {
  for (const std::string framework : {"gtest", "catch2"}) {
    const Counts expected = plain(framework);
    const Sandbox::Arguments ctest{CLEAVE_CTEST, "--test-dir", build_, "-R", framework, "-j3"};
    EXPECT_EQ(differences(comparable(counts(framework, ctest)), expected), kNone) << framework;
    Sandbox::Arguments without_begin = ctest;
    without_begin.insert(without_begin.end(), {"-FA", ".*"});
    EXPECT_EQ(differences(comparable(counts(framework, without_begin)), expected), kNone)
        << framework << " without begin and end";
  }
}

// R18
TEST_P(Coverage, OfTestsBesideOneThatCrashesIsKeptWhenEachHasAProcess) {
  for (const std::string framework : {"gtest", "catch2"}) {
    const Counts expected = comparable(plain(framework), true);
    box_.set("COVERAGE_DIES", "1");
    box_.set("CLEAVE_STACKS", "off");
    const Sandbox::Arguments run{program(framework), "--cleave-jobs=2", "--cleave-isolation=test"};
    EXPECT_EQ(differences(comparable(counts(framework, run, 1), true), expected), kNone) << framework;
    box_.unset("COVERAGE_DIES");
  }
}

// R18: what LLVM would overwrite is one file all the same; a pattern that merges stays the user's.
TEST_P(Coverage, IsWrittenToTheFilesThatThePatternOfLlvmNames) {
  if (GetParam().by_gcov) GTEST_SKIP() << "gcov has no patterns";
  const Counts expected = plain("gtest");
  EXPECT_EQ(profiles_, std::vector<std::string>{box_.path("work/default.profraw")});
  for (const std::string pattern : {"mine.profraw", "%p.profraw", "%m.profraw", "%2m.profraw", "%p-%m.profraw"}) {
    box_.set("LLVM_PROFILE_FILE", pattern);
    const Sandbox::Arguments run{program("gtest"), "--cleave-jobs=4"};
    EXPECT_EQ(differences(comparable(counts("gtest", run)), expected), kNone) << pattern;
    EXPECT_LE(profiles_.size(), 2U) << pattern;
    if (pattern == "mine.profraw") {
      EXPECT_EQ(profiles_, std::vector<std::string>{box_.path("work/mine.profraw")});
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Of, Coverage,
                         testing::Values(Tools{"gcov", CLEAVE_GPP, "--coverage", true},
                                         Tools{"llvm", CLEAVE_CLANGPP, "-fprofile-instr-generate;-fcoverage-mapping",
                                               false}),
                         [](const auto& tools) { return tools.param.name; });

}  // namespace
}  // namespace cleave::test
