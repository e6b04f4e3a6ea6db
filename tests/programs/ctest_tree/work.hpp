#pragma once

#include <chrono>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>

#include <fcntl.h>
#include <unistd.h>

namespace work {

inline std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "-" : value;
}

/// Appends one line to the file that CLEAVE_TEST_LOG names, by a single write: lines of many processes never mix, and
/// their order in the file is the order in time. No name here has a blank in it.
inline void log_line(std::string_view what, std::string_view test) {
  std::string line(what);
  line += " ";
  line += test;
  line += " pid=" + std::to_string(getpid()) + " shard=" + variable("CLEAVE_SHARD_INDEX") + "/" +
          variable("CLEAVE_SHARD_COUNT") + " run=" + variable("CLEAVE_RUN_ID") +
          " prefix=" + variable("CLEAVE_PREFIX") + " attempt=" + variable("CLEAVE_ATTEMPT") +
          " port=" + variable("TEST_PORT") + " database=" + variable("TEST_DATABASE") + " cpus=" + variable("CLEAVE_CPUS") + "\n";
  const int file = open(variable("CLEAVE_TEST_LOG").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (file < 0) return;
  if (write(file, line.data(), line.size()) < 0) std::abort();
  close(file);
}

/// Whether the test is one of those, parted by commas, that the variable names.
inline bool is_named(const char* name, std::string_view test) {
  const std::string all = "," + variable(name) + ",";
  return all.find("," + std::string(test) + ",") != std::string::npos;
}

[[noreturn]] inline void hang() {
  while (true) pause();
}

/// What every test here does: it logs its start, obeys the orders that the environment holds for it, takes its time,
/// and logs its end. False when it is to fail. CLEAVE_TEST_FAIL, CLEAVE_TEST_CRASH and CLEAVE_TEST_HANG name tests that
/// fail, crash and never end; for those in CLEAVE_TEST_FAIL_ONCE and CLEAVE_TEST_HANG_ONCE that holds for the first
/// attempt only; those in CLEAVE_TEST_SLOW take a second; those in CLEAVE_TEST_LEAK leave a process behind that has a
/// session of its own.
inline bool run(std::string_view test, std::chrono::milliseconds time = std::chrono::milliseconds(20)) {
  log_line("start", test);
  const bool first = variable("CLEAVE_ATTEMPT") == "1";
  if (is_named("CLEAVE_TEST_CRASH", test)) std::abort();
  if (is_named("CLEAVE_TEST_LEAK", test) && fork() == 0) {
    setsid();
    hang();
  }
  if (is_named("CLEAVE_TEST_HANG", test) || (first && is_named("CLEAVE_TEST_HANG_ONCE", test))) hang();
  if (is_named("CLEAVE_TEST_SLOW", test)) time = std::chrono::seconds(1);
  usleep(static_cast<useconds_t>(std::chrono::microseconds(time).count()));
  log_line("end", test);
  return !is_named("CLEAVE_TEST_FAIL", test) && !(first && is_named("CLEAVE_TEST_FAIL_ONCE", test));
}

/// With CLEAVE_TEST_THREAD there is a thread before main: then no worker may be a mere fork of its supervisor.
inline const bool threaded = [] {
  if (std::getenv("CLEAVE_TEST_THREAD") != nullptr) std::thread(hang).detach();
  return true;
}();

}  // namespace work
