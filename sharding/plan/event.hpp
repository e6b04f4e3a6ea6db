#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <variant>

#include "cleave/detail/adapter_api.hpp"
#include "plan/codec.hpp"
#include "plan/result.hpp"
#include "plan/test_case.hpp"

namespace cleave::plan {

/// How a worker leaves whose descriptors a test closed: it has no way left to say anything.
inline constexpr int kLeftWithoutWords = 97;

/// Version of the events below. Both ends are the same program, so that it only ever differs when a binary was replaced
/// while it ran.
inline constexpr std::uint32_t kEventVersion = 2;

using Nanoseconds = std::chrono::nanoseconds;

/// What a worker tells its supervisor, in the order in which it happens. Times are monotonic; offsets count the bytes
/// of the worker's captured output so far.
namespace event {

/// Lister only: one for each registered test, in registration order.
struct Listed {
  TestCase test;
};
/// Lister only: the last event; the list holds all but the tests.
struct ListDone {
  TestList facts;
};
/// The worker waits for its next batch. Sent before every batch.
struct Asks {};
/// Before each test.
struct Started {
  std::uint32_t index = 0;
  Nanoseconds when{};
  std::uint64_t offset = 0;
};
/// Any number of times, of the test that runs or of the phase in force.
struct Said {
  detail::MessageKind kind = detail::MessageKind::failure;
  std::string file;
  std::int32_t line = 0;
  std::string text;
};
/// Any number of times.
struct Recorded {
  std::string suite;
  std::string name;
  std::string key;
  std::string value;
};
/// After each test that came to its end.
struct Ended {
  std::uint32_t index = 0;
  detail::Verdict verdict = detail::Verdict::passed;
  Nanoseconds when{};
  Nanoseconds duration{};  ///< As the framework measured it; negative when it did not.
  std::uint64_t offset = 0;
};
/// After an Ended that is red, at most once: the worker waits to be told whether that test runs again at once.
struct AsksAgain {
  std::uint32_t index = 0;
};
/// When something other than a test begins.
struct Entered {
  detail::Phase phase = detail::Phase::start;
  std::string suite;
  Nanoseconds when{};
  std::uint64_t offset = 0;
};
/// Once: no further test will start in this process.
struct Finished {};
/// Once, and last: this process is not what the supervisor believes.
struct Refused {
  std::string why;
};

}  // namespace event

using Event = std::variant<event::Listed, event::ListDone, event::Asks, event::Started, event::Said, event::Recorded,
                           event::Ended, event::Entered, event::Finished, event::Refused, event::AsksAgain>;
/// The type byte of a frame is the place in the variant.
inline constexpr auto kLargestEventType = static_cast<std::uint8_t>(std::variant_size_v<Event> - 1);

/// Appends the event as one frame.
void encode(const Event& event, std::string& out);
/// An Error of kind `corrupt` for an unknown type, a short payload, or a value out of its range.
Result<Event> decode(const Frame& frame);

/// The list as one string of bytes, and back.
void encode_list(const TestList& list, Writer& out);
TestList decode_list(Reader& in);

}  // namespace cleave::plan
