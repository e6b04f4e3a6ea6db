// Tests that tell, as properties, what their shard calls its own. Each waits, for ten seconds at most, until the tests
// of all four suites have started, so that four shards have one each. With DATA_FAILS the last one fails.

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "(unset)" : value;
}

bool can_write(const std::string& folder) {
  std::ofstream file(folder + "/written");
  file << "by a test";
  return static_cast<bool>(file.flush());
}

// The socket stays open until the process ends, so that a port that two shards share is bound twice.
bool can_listen(const std::string& port) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<unsigned short>(std::atoi(port.c_str())));
  return bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 && listen(listener, 1) == 0;
}

void meet_the_others(const std::string& name) {
  const std::string folder = variable("DATA_MEETING");
  if (folder == "(unset)") return;
  std::ofstream(folder + "/" + name) << "here";
  for (int i = 0; i < 5000; ++i) {
    bool all = true;
    for (const char* other : {"A", "B", "C", "D"}) all = all && access((folder + "/" + other).c_str(), F_OK) == 0;
    if (all) return;
    usleep(2000);
  }
}

void tell(const std::string& name) {
  for (const char* each :
       {"CLEAVE_RUN_ID", "CLEAVE_SHARD_INDEX", "CLEAVE_SHARD_COUNT", "CLEAVE_PREFIX", "CLEAVE_TMPDIR", "CLEAVE_ATTEMPT",
        "TMPDIR", "TEST_TMPDIR", "DATABASE", "PORT", "OTHER_PORT", "CLEAVE_JOBS"}) {
    testing::Test::RecordProperty(each, variable(each));
  }
  testing::Test::RecordProperty("writes", can_write(variable("TMPDIR")) ? "yes" : "no");
  if (variable("PORT") != "(unset)")
    testing::Test::RecordProperty("listens", can_listen(variable("PORT")) ? "yes" : "no");
  meet_the_others(name);
}

TEST(DataA, Tells) { tell("A"); }
TEST(DataB, Tells) { tell("B"); }
TEST(DataC, Tells) { tell("C"); }
TEST(DataD, Tells) {
  tell("D");
  EXPECT_EQ(variable("DATA_FAILS"), "(unset)");
}

}  // namespace
