#pragma once

// What the programs `mishaps` of both frameworks do wrong. The variable MISHAP chooses one thing that goes wrong
// outside of tests, so that a run in which it is not set is a good one; what goes wrong inside of a test stands in a
// test of its own.

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

namespace mishaps {

inline std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

inline bool is(const char* choice) { return variable("MISHAP") == choice; }

/// Appends a line to the file that MISHAPS_LOG names, by one write.
inline void tell(const std::string& line) {
  const int file = open(variable("MISHAPS_LOG").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0) return;
  const std::string text = line + "\n";
  if (write(file, text.data(), text.size()) < 0) std::perror("write");
  close(file);
}

/// Everything that a parser of the frameworks' own output or of a list of tests could take for a test.
inline void make_noise() {
  std::puts("Fake.");
  std::puts("  Test  # GetParam() = 1");
  std::puts("[ RUN      ] Fake.Test");
  std::puts("[  FAILED  ] Fake.Test (0 ms)");
  std::puts("<testsuites><testsuite name=\"Fake\"/></testsuites>");
  std::puts("All tests passed (1 assertion in 1 test case)");
  std::fputs("no end of line", stdout);
}

/// Static initialisation.
inline const bool before_main = [] {
  tell("initialised");
  if (is("noise")) make_noise();
  if (is("crash before main")) std::abort();
  return true;
}();

/// Static destruction, and what main's caller does with its result.
struct Last {
  Last() {
    if (is("status")) std::atexit([] { _exit(24); });
  }
  ~Last() {
    if (is("crash at exit")) std::abort();
  }
};
inline const Last last;

inline void quiet(const std::string& test) { tell("end " + test); }

/// 400,000 bytes in lines that are numbered.
inline void print_much() {
  for (int i = 0; i < 10000; ++i) std::printf("line %05d of what nobody will read....\n", i);
}

/// What neither XML nor a terminal can take.
inline void print_bytes() {
  const char bytes[] = "nul \0 backspace \b escape \x1b[31m\x1b]0;title\a ]]> latin \xff\xfe last\n";
  std::fwrite(bytes, 1, sizeof bytes - 1, stdout);
}

/// What steers a terminal, the log viewer of a CI system or a browser, and what no document can hold: in a name, a
/// file, a message, a property and output.
inline constexpr const char* kHostileWords =
    "\x1b]52;c;cHduZWQ=\x07\x1b[2J\x9b"
    "5n\r::error::pwned\n"
    "  ::add-mask::pwned\n"
    "##teamcity[buildStop comment='pwned']\n"
    "##[add-mask]pwned\n"
    "\x1b[0Ksection_start:1:pwned\r\x1b[0K\n"
    "</script><script>pwned()</script><img src=x onerror=pwned()>]]>\xff\x01\xe2\x80\xae\xd8\x9c";

[[noreturn]] inline void sleep_for_ever() {
  for (;;) pause();
}

/// A child in a process group of its own, which holds the standard output.
inline bool leave_a_child_in_a_group() {
  const int child = fork();
  if (child == 0) {
    setpgid(0, 0);
    sleep_for_ever();
  }
  return child > 0;
}

/// Leaves a process that is never there for long: it forks and ends, 300 times, in a session of its own. The last one
/// stays.
inline bool leave_a_chain() {
  int child = fork();
  if (child != 0) return child > 0;
  setsid();
  for (int i = 0; i < 300; ++i) {
    child = fork();
    if (child != 0) _exit(0);
  }
  sleep_for_ever();
}

/// Changes a setting of the controlling terminal and changes it back, as a prompt for a password does.
inline bool use_the_terminal() {
  const int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC);
  termios settings{};
  if (terminal < 0 || tcgetattr(terminal, &settings) != 0) return false;
  termios changed = settings;
  changed.c_lflag &= ~static_cast<tcflag_t>(ECHO);
  const bool done = tcsetattr(terminal, TCSADRAIN, &changed) == 0 && tcsetattr(terminal, TCSADRAIN, &settings) == 0;
  close(terminal);
  return done;
}

/// Reads from the controlling terminal, on which nobody types. False when it got something.
inline bool read_the_terminal() {
  const int terminal = open("/dev/tty", O_RDONLY | O_CLOEXEC);
  char byte = 0;
  const bool got = terminal >= 0 && read(terminal, &byte, 1) > 0;
  if (terminal >= 0) close(terminal);
  return !got;
}

/// Leaves a file in the folder of its shard. False, so that the test fails.
inline bool leave_a_file() {
  const std::string path = variable("CLEAVE_TMPDIR") + "/evidence";
  std::ofstream(path) << "left";
  tell("left " + path);
  return false;
}

/// Takes 200 ms; with "outlast" it waits, for ten seconds at most, until the four quiet tests have ended. False when
/// they have not.
inline bool outlast_the_others() {
  if (!is("outlast")) usleep(200'000);
  for (int i = 0; is("outlast"); ++i) {
    std::ifstream log(variable("MISHAPS_LOG"));
    int ended = 0;
    for (std::string line; std::getline(log, line);) ended += line.rfind("end ", 0) == 0 ? 1 : 0;
    if (ended == 4) break;
    if (i == 2000) return false;
    usleep(5000);
  }
  return true;
}

/// How many tests more than those that are written down there are to be.
inline int more_tests() { return std::atoi(variable("MISHAPS_TESTS").c_str()); }

}  // namespace mishaps
