#pragma once

#include <cstdlib>
#include <ctime>
#include <string>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/// What the tests of `retries` do, for either framework. RETRIES_FOLDER is where they meet, count and write their log.
namespace retries {

inline std::string in_folder(const std::string& name) {
  const char* folder = std::getenv("RETRIES_FOLDER");
  return (folder == nullptr ? "." : folder) + ("/" + name);
}

/// Appends by a single write, so that lines of several processes stand in the order of time.
inline void append(const std::string& name, const std::string& text) {
  const int file = open(in_folder(name).c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (file < 0 || write(file, text.data(), text.size()) < 0) std::abort();
  close(file);
}

inline bool there_is(const std::string& name) { return access(in_folder(name).c_str(), F_OK) == 0; }

/// Until one of the files is there, for twenty seconds at most.
inline void await(const std::string& one, const std::string& other) {
  for (int i = 0; i < 10000 && !there_is(one) && !there_is(other); ++i) usleep(2000);
}

/// How often the test was run in all, this time included.
inline int times(const std::string& test) {
  append("count." + test, "x");
  struct stat status {};
  return stat(in_folder("count." + test).c_str(), &status) == 0 ? static_cast<int>(status.st_size) : 0;
}

/// "start <test> pid=…" and "end <test>", with the time given between them.
inline void log(const std::string& test, unsigned milliseconds) {
  append("log", "start " + test + " pid=" + std::to_string(getpid()) + "\n");
  usleep(milliseconds * 1000);
  append("log", "end " + test + "\n");
}

/// Passes when it runs for the time `first` or later.
inline bool passes_from(const std::string& test, int first) { return times(test) >= first; }

/// And writes down when it ran, in seconds of the monotonic clock.
inline bool never_passes(const std::string& test) {
  times(test);
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  append("times", std::to_string(static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec)) + "\n");
  return false;
}

inline bool crashes_once(const std::string& test) {
  if (times(test) == 1) std::abort();
  return true;
}

inline bool hangs_once(const std::string& test) {
  while (times(test) == 1) pause();
  return true;
}

/// Every other test leaves something behind in its process, and those between them want to find nothing there: whatever
/// runs three neighbours in one process lets one fail.
inline bool one_of_a_sequence(int number) {
  static bool something_is_left = false;
  if (number % 2 == 0) something_is_left = true;
  return number % 2 == 0 || !something_is_left;
}

/// Runs until the other one has failed beside it in two processes.
inline bool disturbs() {
  append("disturbs", "");
  await("disturbed_twice", "disturbed_twice");
  append("disturbs_no_more", "");
  return there_is("disturbed_twice");
}

/// Passes when nothing disturbs it. In which process it failed first is in a file.
inline bool is_disturbed(const std::string& test) {
  await("disturbs", "disturbs_no_more");
  const bool alone = there_is("disturbs_no_more");
  const std::string me = "pid." + std::to_string(getpid());
  if (!alone && there_is("disturbed") && !there_is(me)) append("disturbed_twice", "");
  if (!alone) append("disturbed", "");
  if (!alone) append(me, "");
  log(test, alone ? 50 : 0);
  return alone;
}

/// Fails twice, and takes its time, so that two that did not keep their lock would meet.
inline bool locked(const std::string& test) {
  const bool passes = passes_from(test, 3);
  log(test, 40);
  return passes;
}

/// One of sixty. RETRIES_CROWD=red makes all of them fail.
inline bool crowd(const std::string& test) {
  log(test, 10);
  return std::getenv("RETRIES_CROWD") == nullptr;
}

}  // namespace retries
