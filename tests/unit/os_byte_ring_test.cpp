// The stream between a worker and its supervisor: nothing is lost, doubled or waited for in vain.

#include "os/byte_ring.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <string>

#include "property.hpp"

namespace cleave::test {
namespace {

using os::ByteRing;

std::string bytes_of(Choices& choices, std::size_t size) {
  std::string bytes(size, '\0');
  for (char& each : bytes) each = static_cast<char>(choices.number(0, 255));
  return bytes;
}

/// Writes as a worker does.
void write(ByteRing& ring, int bell, std::string_view bytes) {
  for (bytes.remove_prefix(ring.write_some(bytes)); !bytes.empty(); bytes.remove_prefix(ring.write_some(bytes))) {
    if (::write(bell, "r", 1) != 1) ::_exit(2);
    ring.wait_for_room();
  }
  if (ring.must_ring() && ::write(bell, "e", 1) != 1) ::_exit(3);
}

/// Reads as a supervisor does, until `size` bytes are there, or nobody rang for ten seconds.
std::string read(ByteRing& ring, int bell, std::size_t size, Choices& choices) {
  std::string all;
  while (all.size() < size) {
    if (!ring.read(all)) return "impossible";
    if (choices.chance(30)) ::usleep(choices.number(0, 500));
    if (all.size() >= size || !ring.fall_asleep()) continue;
    pollfd waits{bell, POLLIN, 0};
    if (::poll(&waits, 1, 10000) != 1) return "nobody rang after " + std::to_string(all.size()) + " bytes";
    char rung[64];
    if (::read(bell, rung, sizeof rung) <= 0) return "the writer is gone";
  }
  return all;
}

// R21
TEST(ByteRing, EveryByteArrivesOnceAndInOrderWhoeverIsFaster) {
  for (const std::uint64_t seed : seeds({}, 150)) {
    SCOPED_TRACE(seed);
    Choices choices(seed);
    auto ring = ByteRing::create();
    auto bell = os::Pipe::create();
    ASSERT_TRUE(ring && bell);
    std::vector<std::string> pieces;
    std::string all;
    for (std::uint32_t i = choices.number(1, 60); i > 0; --i) {
      pieces.push_back(bytes_of(choices, choices.chance(3) ? choices.number(0, 600'000) : choices.number(0, 300)));
      all += pieces.back();
    }
    const pid_t child = ::fork();
    if (child == 0) {
      Choices own(seed + 1);
      for (const std::string& piece : pieces) {
        write(*ring, bell->write_end.get(), piece);
        if (own.chance(20)) ::usleep(own.number(0, 300));
      }
      ::_exit(0);
    }
    const std::string got = read(*ring, bell->read_end.get(), all.size(), choices);
    EXPECT_TRUE(got == all) << got.size() << " bytes of " << all.size() << ": " << got.substr(0, 60);
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    if (HasFailure()) return;
  }
}

TEST(ByteRing, WhatAKilledWriterWroteIsThere) {
  auto ring = ByteRing::create();
  ASSERT_TRUE(ring);
  const pid_t child = ::fork();
  if (child == 0) {
    ring->write_some("last words");
    ::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status));
  std::string all;
  EXPECT_TRUE(ring->read(all));
  EXPECT_EQ(all, "last words");
}

TEST(ByteRing, TheBellIsRungOnceAndOnlyForAReaderThatSleeps) {
  auto ring = ByteRing::create();
  ASSERT_TRUE(ring);
  ring->write_some("a");
  EXPECT_FALSE(ring->must_ring());
  EXPECT_FALSE(ring->fall_asleep()) << "there is something to read";
  std::string all;
  EXPECT_TRUE(ring->read(all));
  EXPECT_TRUE(ring->fall_asleep());
  ring->write_some("b");
  EXPECT_TRUE(ring->must_ring());
  ring->write_some("c");
  EXPECT_FALSE(ring->must_ring());
}

// A test may write to memory that is not its own: also so that as much seems to be taken as was written.
TEST(ByteRing, AnImpossibleStateIsRefused) {
  for (const std::size_t bytes : {8U, 4096U}) {
    auto ring = ByteRing::create();
    ASSERT_TRUE(ring);
    void* const memory = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, ring->descriptor(), 0);
    ASSERT_NE(memory, MAP_FAILED);
    std::memset(memory, 0x5a, bytes);
    std::string all;
    EXPECT_FALSE(ring->read(all));
    EXPECT_EQ(all, "");
    ::munmap(memory, 4096);
  }
}

}  // namespace
}  // namespace cleave::test
