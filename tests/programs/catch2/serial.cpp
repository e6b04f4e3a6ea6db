/// Tests that must not meet. Each appends a line when it starts and one when it stops to the file that CLEAVE_TEST_LOG
/// names: "start|stop <name> <pid> <variable=value>…". A line is one write to a descriptor opened for appending, so
/// lines of several processes never mix, and their order in the file is the order in which they happened.

#include "catch_any.hpp"

#include <fcntl.h>
#include <unistd.h>
#include <cstdlib>
#include <cstring>
#include <string>

namespace {
void log(const char* what, const char* name) {
  const char* const path = std::getenv("CLEAVE_TEST_LOG");
  if (path == nullptr) {
    return;
  }
  std::string line = std::string(what) + ' ' + name + ' ' + std::to_string(::getpid());
  for (char** variable = environ; *variable != nullptr; ++variable) {
    if (std::strncmp(*variable, "CLEAVE_", 7) == 0) {
      line += std::string(" ") + *variable;
    }
  }
  line += '\n';
  const int file = ::open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  REQUIRE(file >= 0);
  const ssize_t written = ::write(file, line.data(), line.size());
  ::close(file);
  REQUIRE(written == static_cast<ssize_t>(line.size()));
}

void body(const char* name) {
  log("start", name);
  ::usleep(20000);
  log("stop", name);
}
}  // namespace

#define CLEAVE_TEST(name, tags) \
  TEST_CASE(name, tags) { body(name); }

CLEAVE_TEST("free_0", "")
CLEAVE_TEST("free_1", "")
CLEAVE_TEST("free_2", "")
CLEAVE_TEST("free_3", "")
CLEAVE_TEST("free_4", "")
CLEAVE_TEST("free_5", "")
CLEAVE_TEST("free_6", "")
CLEAVE_TEST("free_7", "")
CLEAVE_TEST("serial_0", "[serial]")
CLEAVE_TEST("serial_1", "[Serial]")
CLEAVE_TEST("SERIAL_by_name", "")
CLEAVE_TEST("db_writer_0", "[lock:db]")
CLEAVE_TEST("db_writer_1", "[lock:db]")
CLEAVE_TEST("db_writer_2", "[lock:db][slow]")
CLEAVE_TEST("db_reader_0", "[lock:db:read]")
CLEAVE_TEST("db_reader_1", "[lock:db:read]")
CLEAVE_TEST("db_reader_2", "[lock:db:read]")
CLEAVE_TEST("both_0", "[lock:db][lock:queue]")
CLEAVE_TEST("both_1", "[lock:queue][lock:db]")
CLEAVE_TEST("queue_0", "[lock:queue]")
CLEAVE_TEST("queue_1", "[lock:queue]")
