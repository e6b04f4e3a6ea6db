#pragma once

#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "run_program.hpp"

namespace cleave::test {

/// One line of the log that the programs of tests/programs/ctest_tree write: "start <test> pid=… shard=… run=…".
struct LogLine {
  std::string what;  ///< "start" or "end".
  std::string test;
  std::map<std::string, std::string> values;
};

/// A fresh folder in which a real ctest sees some of the trees of tests/programs/ctest_tree, with an environment, a log
/// and a folder for reports of its own.
class CTestTree : public Sandbox {
 public:
  explicit CTestTree(const std::vector<std::string>& folders);

  /// The tree as it is after somebody wrote one more setting into the CMakeLists.txt and configured it.
  void add_setting(const std::string& folder, const std::string& name, const std::string& line);
  /// The folder `any`, with this program and these arguments in its entries.
  void put_into_any(const std::string& program, const Arguments& arguments);
  /// The tree as it is after somebody wrote one more test above all others.
  void insert_plain_test();

  Running start_ctest(Arguments arguments) const;
  Finished ctest(Arguments arguments) const { return start_ctest(std::move(arguments)).wait(); }

  /// What `ctest --show-only=json-v1` says of the entries, by name.
  std::map<std::string, Json> entries() const;
  /// The command line of an entry.
  Arguments command_of(const std::string& entry) const;

  std::vector<LogLine> log() const;
  void clear_log() const;
  /// Waits until a test has started; the process that runs it. Fails the test when that takes too long.
  int wait_for_start(const std::string& test) const;

  /// The text of a file of the newest run.
  std::string file_of_latest(const std::string& name, const std::string& file) const;
  /// The reports of all runs that have one.
  std::vector<Json> all_reports(const std::string& name) const;

 private:
  /// What stands for what.
  using Replacements = std::vector<std::pair<std::string, std::string>>;

  void write_test_file(const std::string& first_line) const;
  /// Includes a copy of the folder instead, with changes to its entries; the path of the copy's settings.
  std::string copy_of(const std::string& folder, const std::string& name, const Replacements& replacements);

  std::vector<std::string> included_;
};

/// How often each test was started.
std::map<std::string, int> starts(const std::vector<LogLine>& log);
/// Each of the names, as often as `times` says.
std::map<std::string, int> each(const std::vector<std::string>& names, int times = 1);
/// "a with b" for all tests that ran at the same time although `conflict` says that they must not.
std::vector<std::string> overlaps(const std::vector<LogLine>& log,
                                  const std::function<bool(const std::string&, const std::string&)>& conflict);
/// What the report says of each of its tests, by full name; no two tests of the trees share one.
std::map<std::string, std::string> outcomes(const nlohmann::json& report);
/// Why the test had its last outcome.
std::string reason_of(const nlohmann::json& report, const std::string& full_name);
/// How many entries ctest calls `verdict`, for example "Passed", and whose names have `part` in them.
int entries_with(const std::string& output, std::string_view verdict, std::string_view part = "");

}  // namespace cleave::test
