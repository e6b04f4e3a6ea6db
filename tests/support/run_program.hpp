#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace cleave::test {

/// How a program ended, and what it wrote.
struct Finished {
  int code = -1;           ///< The exit status; -1 when a signal ended it.
  int signal = 0;          ///< That signal.
  bool timed_out = false;  ///< It did not end within its limit, and was killed.
  bool held = false;       ///< Its output was still open somewhere long after it had ended.
  std::string out;
  std::string err;

  /// For the message of a failed expectation.
  std::string told() const;
};

/// A program that was started and is not yet waited for. Leads a process group; the destructor kills that.
class Running {
 public:
  Running() = default;
  Running(int pid, int out, int err) : pid_(pid), out_(out), err_(err) {}
  Running(Running&& other) noexcept { swap(other); }
  Running& operator=(Running&& other) noexcept {
    Running taken(std::move(other));
    swap(taken);
    return *this;
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  ~Running();

  int pid() const noexcept { return pid_; }
  /// To the program alone; a terminal's ^C reaches no more than that, because workers lead groups of their own.
  void signal(int number) const noexcept;
  /// To its end and to the end of its output; kills its group when that takes longer than `limit`.
  Finished wait(std::chrono::milliseconds limit = std::chrono::seconds(60));

 private:
  void swap(Running& other) noexcept;
  bool drain(int& fd, std::string& into) const;

  int pid_ = -1;
  int out_ = -1;
  int err_ = -1;
  Finished finished_;
};

/// A fresh folder in which real programs run, with an environment that nothing of the caller's CTest or GoogleTest
/// leaks into. When it goes, so do all processes that were started in it, and the folder.
class Sandbox {
 public:
  using Json = nlohmann::json;
  using Arguments = std::vector<std::string>;

  Sandbox();
  Sandbox(const Sandbox&) = delete;
  Sandbox& operator=(const Sandbox&) = delete;
  ~Sandbox();

  /// The folder; programs start in `<folder>/work`.
  const std::string& folder() const noexcept { return folder_; }
  std::string path(const std::string& name) const { return folder_ + "/" + name; }
  /// What --cleave-dir of sharded() is.
  std::string reports() const { return path("out"); }
  /// For all programs that are started from now on.
  void set(const std::string& variable, const std::string& value) { environment_[variable] = value; }
  void unset(const std::string& variable) { environment_.erase(variable); }

  /// The environment of what is started, as "NAME=value".
  std::vector<std::string> variables() const;
  /// Starts command[0], a path, with the other strings as arguments.
  Running start(const Arguments& command) const;
  Finished run(const Arguments& command) const { return start(command).wait(); }
  /// The same with `--cleave-jobs=<jobs> --cleave-dir=<reports()>`; stacks are only read when CLEAVE_STACKS is set.
  Running start_sharded(const std::string& program, unsigned jobs, const Arguments& arguments = {}) const;
  Finished sharded(const std::string& program, unsigned jobs, const Arguments& arguments = {}) const {
    return start_sharded(program, jobs, arguments).wait();
  }

  /// <reports()>/cleave/<file name of the program>.
  std::string home_of(const std::string& program) const;
  /// The newest report; null, and a failed test, when there is none that can be parsed.
  Json report(const std::string& program) const;
  /// A file below the folder, relative to it or absolute; a failed test when it is not there.
  std::string read(const std::string& name) const;
  void write(const std::string& name, const std::string& text) const;

  /// The processes that have the environment of this sandbox and are alive.
  std::vector<int> processes() const;
  /// True when none is left, at once or soon.
  bool all_processes_end() const;

 private:
  std::string folder_;
  std::map<std::string, std::string> environment_;
};

/// True when the condition holds, at once or after at most a minute.
bool soon(const std::function<bool()>& condition);

/// Each test's outcomes by full name, sorted: more than one where several tests share a name.
using OutcomesByName = std::map<std::string, std::vector<std::string>>;
OutcomesByName outcomes_by_name(const nlohmann::json& report);
/// How many attempts that really ran each test has, by full name.
std::map<std::string, int> runs_by_name(const nlohmann::json& report);
/// The first reported test of that full name; a failed test and null when there is none.
nlohmann::json test_named(const nlohmann::json& report, const std::string& full_name);
/// The titles of the report's problems, warnings included.
std::vector<std::string> problem_titles(const nlohmann::json& report);

}  // namespace cleave::test
