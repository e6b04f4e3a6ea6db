#include "run_program.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>
#include <thread>

namespace cleave::test {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kPause{2};
constexpr std::chrono::seconds kPatience{60};
/// How long after the end of a program its output may stay open.
constexpr std::chrono::seconds kHeldOpen{3};
/// Every process of a sandbox has this variable, whatever else a program does to its environment.
constexpr const char* kMark = "RUN_PROGRAM_SANDBOX";

std::string contents(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

bool belongs_to_outer_tools(std::string_view variable) {
  for (const std::string_view prefix : {"CLEAVE_", "CTEST_", "GTEST_", "TEST_", "CATCH_", "BAZEL_", "GITHUB_", "GITLAB_", "TEAMCITY_"}) {
    if (variable.starts_with(prefix)) return true;
  }
  return variable == "TMPDIR" || variable == kMark;
}

void close_fd(int& fd) {
  if (fd >= 0) ::close(fd);
  fd = -1;
}

}  // namespace

std::string Finished::told() const {
  std::string text = timed_out ? "killed after its limit" : "exit status " + std::to_string(code);
  if (signal != 0) text += ", signal " + std::to_string(signal);
  if (held) text += ", output held open";
  return text + "\n--- stdout\n" + out + "\n--- stderr\n" + err;
}

void Running::swap(Running& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(out_, other.out_);
  std::swap(err_, other.err_);
  std::swap(finished_, other.finished_);
}

Running::~Running() {
  if (pid_ > 0) {
    ::kill(-pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  close_fd(out_);
  close_fd(err_);
}

void Running::signal(int number) const noexcept {
  if (pid_ > 0) ::kill(pid_, number);
}

/// True at the end of the output.
bool Running::drain(int& fd, std::string& into) const {
  std::array<char, 65536> chunk{};
  while (fd >= 0) {
    const ssize_t got = ::read(fd, chunk.data(), chunk.size());
    if (got > 0) {
      into.append(chunk.data(), static_cast<std::size_t>(got));
    } else if (got == 0) {
      close_fd(fd);
    } else if (errno == EAGAIN) {
      return false;
    } else if (errno != EINTR) {
      close_fd(fd);
    }
  }
  return true;
}

Finished Running::wait(milliseconds limit) {
  auto end = steady_clock::now() + limit;
  bool ended = pid_ <= 0;
  while (true) {
    int status = 0;
    if (!ended && ::waitpid(pid_, &status, WNOHANG) == pid_) {
      ended = true;
      pid_ = -1;
      finished_.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
      finished_.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
      end = steady_clock::now() + kHeldOpen;
    }
    const bool out_ended = drain(out_, finished_.out);
    const bool err_ended = drain(err_, finished_.err);
    if (ended && out_ended && err_ended) break;
    if (steady_clock::now() > end) {
      if (ended) {
        finished_.held = true;
        break;
      }
      finished_.timed_out = true;
      ::kill(-pid_, SIGKILL);
      end = steady_clock::now() + kPatience;
    }
    std::array<pollfd, 2> fds{pollfd{out_, POLLIN, 0}, pollfd{err_, POLLIN, 0}};
    if (out_ended && err_ended) {
      std::this_thread::sleep_for(kPause);
    } else {
      ::poll(fds.data(), fds.size(), 5);
    }
  }
  return finished_;
}

Sandbox::Sandbox() {
  std::string pattern = (fs::temp_directory_path() / "cleave-process-XXXXXX").string();
  if (::mkdtemp(pattern.data()) != nullptr) folder_ = fs::canonical(pattern).string();
  EXPECT_FALSE(folder_.empty()) << pattern;
  fs::create_directories(path("work"));
  fs::create_directories(path("tmp"));
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string text = *variable;
    const auto equals = text.find('=');
    if (equals == std::string::npos || belongs_to_outer_tools(text.substr(0, equals))) continue;
    environment_[text.substr(0, equals)] = text.substr(equals + 1);
  }
  set(kMark, folder_);
  set("TMPDIR", path("tmp"));
}

Sandbox::~Sandbox() {
  if (folder_.empty()) return;
  for (const int pid : processes()) ::kill(pid, SIGKILL);
  all_processes_end();
  std::error_code ignored;
  for (fs::recursive_directory_iterator each(folder_, fs::directory_options::skip_permission_denied, ignored), none;
       !ignored && each != none; each.increment(ignored)) {
    std::error_code unwritable;
    if (each->is_directory(unwritable) && !each->is_symlink(unwritable)) {
      fs::permissions(each->path(), fs::perms::owner_all, fs::perm_options::add, unwritable);
    }
  }
  fs::remove_all(folder_, ignored);
}

std::vector<std::string> Sandbox::variables() const {
  std::vector<std::string> all;
  for (const auto& [name, value] : environment_) all.push_back(name + "=" + value);
  return all;
}

Running Sandbox::start(const Arguments& command) const {
  std::vector<std::string> variables = this->variables();
  std::vector<char*> argv;
  std::vector<char*> envp;
  for (const std::string& argument : command) argv.push_back(const_cast<char*>(argument.c_str()));
  for (const std::string& variable : variables) envp.push_back(const_cast<char*>(variable.c_str()));
  argv.push_back(nullptr);
  envp.push_back(nullptr);
  const std::string directory = path("work");
  std::array<int, 2> out{-1, -1};
  std::array<int, 2> err{-1, -1};
  EXPECT_EQ(::pipe2(out.data(), O_CLOEXEC), 0);
  EXPECT_EQ(::pipe2(err.data(), O_CLOEXEC), 0);
  const int null = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  const int pid = ::fork();
  if (pid == 0) {
    ::setpgid(0, 0);
    ::dup2(null, 0);
    ::dup2(out[1], 1);
    ::dup2(err[1], 2);
    if (::chdir(directory.c_str()) == 0) ::execve(argv[0], argv.data(), envp.data());
    ::_exit(127);
  }
  EXPECT_GT(pid, 0);
  ::setpgid(pid, pid);  // Whoever is first.
  ::close(null);
  ::close(out[1]);
  ::close(err[1]);
  ::fcntl(out[0], F_SETFL, O_NONBLOCK);
  ::fcntl(err[0], F_SETFL, O_NONBLOCK);
  return {pid, out[0], err[0]};
}

Running Sandbox::start_sharded(const std::string& program, unsigned jobs, const Arguments& arguments) const {
  Arguments command{program, "--cleave-jobs=" + std::to_string(jobs), "--cleave-dir=" + reports()};
  // gdb, which a program without cleave_add_shards() finds in PATH, takes seconds for each crash.
  if (!environment_.contains("CLEAVE_STACKS")) command.emplace_back("--cleave-stacks=off");
  command.insert(command.end(), arguments.begin(), arguments.end());
  return start(command);
}

std::string Sandbox::home_of(const std::string& program) const {
  return reports() + "/cleave/" + fs::path(program).filename().string();
}

Sandbox::Json Sandbox::report(const std::string& program) const {
  const std::string file = home_of(program) + "/latest/report.json";
  Json parsed = Json::parse(contents(file), nullptr, false);
  EXPECT_FALSE(parsed.is_discarded()) << file << ": " << contents(file).substr(0, 500);
  return parsed.is_discarded() ? Json{} : parsed;
}

std::string Sandbox::read(const std::string& name) const {
  const fs::path file = fs::path(folder_) / name;
  EXPECT_TRUE(fs::exists(file)) << file;
  return contents(file);
}

void Sandbox::write(const std::string& name, const std::string& text) const {
  std::ofstream(fs::path(folder_) / name, std::ios::binary) << text;
}

std::vector<int> Sandbox::processes() const {
  std::vector<int> found;
  const std::string mark = std::string(kMark) + "=" + folder_;
  DIR* const proc = ::opendir("/proc");
  if (proc == nullptr) return found;
  while (const dirent* const entry = ::readdir(proc)) {
    const int pid = std::atoi(entry->d_name);
    if (pid <= 0 || pid == ::getpid()) continue;
    // A zombie has none.
    const std::string environment = contents("/proc/" + std::to_string(pid) + "/environ");
    for (std::size_t at = environment.find(mark); at != std::string::npos; at = environment.find(mark, at + 1)) {
      const bool starts = at == 0 || environment[at - 1] == '\0';
      const std::size_t end = at + mark.size();
      if (starts && (end == environment.size() || environment[end] == '\0')) {
        found.push_back(pid);
        break;
      }
    }
  }
  ::closedir(proc);
  return found;
}

bool Sandbox::all_processes_end() const {
  return soon([this] { return processes().empty(); });
}

bool soon(const std::function<bool()>& condition) {
  const auto end = steady_clock::now() + kPatience;
  while (!condition()) {
    if (steady_clock::now() > end) return false;
    std::this_thread::sleep_for(kPause);
  }
  return true;
}

OutcomesByName outcomes_by_name(const nlohmann::json& report) {
  OutcomesByName all;
  if (!report.contains("tests")) return all;
  for (const auto& test : report["tests"]) {
    all[test["full_name"].get<std::string>()].push_back(test["outcome"].get<std::string>());
  }
  for (auto& [name, outcomes] : all) std::sort(outcomes.begin(), outcomes.end());
  return all;
}

std::map<std::string, int> runs_by_name(const nlohmann::json& report) {
  std::map<std::string, int> all;
  if (!report.contains("tests")) return all;
  for (const auto& test : report["tests"]) {
    int& runs = all[test["full_name"].get<std::string>()];
    for (const auto& attempt : test["attempts"]) {
      if (attempt["outcome"] != "not_run" && attempt["outcome"] != "disabled") ++runs;
    }
  }
  return all;
}

nlohmann::json test_named(const nlohmann::json& report, const std::string& full_name) {
  if (report.contains("tests")) {
    for (const auto& test : report["tests"]) {
      if (test["full_name"] == full_name) return test;
    }
  }
  ADD_FAILURE() << "no test '" << full_name << "' is reported";
  return {};
}

std::vector<std::string> problem_titles(const nlohmann::json& report) {
  std::vector<std::string> titles;
  if (!report.contains("problems")) return titles;
  for (const auto& problem : report["problems"]) titles.push_back(problem["title"].get<std::string>());
  return titles;
}

}  // namespace cleave::test
