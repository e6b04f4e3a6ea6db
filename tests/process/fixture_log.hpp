#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

namespace cleave::test {

/// A line of the log that tests/programs/fixtures.hpp writes: "<what> pid=<who>".
struct FixtureLine {
  std::string what;
  int pid = 0;
};

/// The log, oldest line first.
class FixtureLog {
 public:
  explicit FixtureLog(const std::string& path) {
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
      const auto at = line.rfind(" pid=");
      if (at != std::string::npos) lines_.push_back({line.substr(0, at), std::atoi(line.c_str() + at + 5)});
    }
  }
  /// What follows `beginning`, in the lines that begin so.
  std::vector<std::string> all(const std::string& beginning) const {
    std::vector<std::string> found;
    for (const FixtureLine& line : lines_) {
      if (line.what.starts_with(beginning)) found.push_back(line.what.substr(beginning.size()));
    }
    return found;
  }
  std::size_t count(const std::string& beginning) const { return all(beginning).size(); }
  /// The process that wrote the first line that begins so; 0 when there is none.
  int pid_of(const std::string& beginning) const {
    for (const FixtureLine& line : lines_) {
      if (line.what.starts_with(beginning)) return line.pid;
    }
    return 0;
  }
  /// What happened to the fixtures of the run, in order.
  std::vector<std::string> of_run() const {
    std::vector<std::string> found;
    for (const FixtureLine& line : lines_) {
      for (const char* what : {"set_up base", "set_up top", "tear_down base", "tear_down top"}) {
        if (line.what == what) found.push_back(line.what);
      }
    }
    return found;
  }
  /// The place of the first line, and of the last line, that begins so; -1 when there is none.
  int first(const std::string& beginning) const {
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      if (lines_[i].what.starts_with(beginning)) return static_cast<int>(i);
    }
    return -1;
  }
  int last(const std::string& beginning) const {
    for (std::size_t i = lines_.size(); i > 0; --i) {
      if (lines_[i - 1].what.starts_with(beginning)) return static_cast<int>(i) - 1;
    }
    return -1;
  }
  const std::vector<FixtureLine>& lines() const noexcept { return lines_; }

 private:
  std::vector<FixtureLine> lines_;
};

inline const std::vector<std::string> kWholeLife{"set_up base", "set_up top", "tear_down top", "tear_down base"};

/// What /proc says of a process behind its name: its state, its parent, and so on. Empty when there is none.
inline std::string state_of(int pid) {
  std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
  // Not by iterators, which throw when the process goes while it is read.
  std::string text;
  std::getline(stat, text, '\0');
  const auto end = text.rfind(')');
  return end == std::string::npos ? std::string() : text.substr(end + 2);
}
inline int parent_of_process(int pid) {
  const std::string state = state_of(pid);
  return state.empty() ? -1 : std::stoi(state.substr(2));
}
inline bool is_gone(int pid) {
  const std::string state = state_of(pid);
  return state.empty() || state[0] == 'Z';
}

inline bool somebody_listens_on(int port) {
  const int peer = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<unsigned short>(port));
  const bool connected = ::connect(peer, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(peer);
  return connected;
}

inline std::vector<std::string> words_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

inline std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code none;
  for (const auto& each : std::filesystem::directory_iterator(folder, none)) {
    names.push_back(each.path().filename().string());
  }
  return names;
}

/// The problems of a report whose title has `part` in it.
inline std::vector<nlohmann::json> problems_with(const nlohmann::json& report, const std::string& part) {
  std::vector<nlohmann::json> found;
  if (!report.contains("problems")) return found;
  for (const auto& problem : report["problems"]) {
    if (problem["title"].get<std::string>().find(part) != std::string::npos) found.push_back(problem);
  }
  return found;
}

inline std::string reason_in(const nlohmann::json& test) {
  if (!test.is_object() || test["attempts"].empty()) return {};
  return test["attempts"].back()["reason"].get<std::string>();
}

}  // namespace cleave::test
