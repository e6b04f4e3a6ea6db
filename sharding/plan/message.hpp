#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace cleave::plan {

/// What a message is; the same values as detail::MessageKind.
enum class MessageKind : std::uint8_t { failure = 0, fatal_failure = 1, skip = 2, note = 3 };

/// One thing a test said, with the place in the source where it said it.
struct Message {
  MessageKind kind = MessageKind::failure;
  std::string file;
  std::int32_t line = 0;
  std::string text;
};

using Properties = std::vector<std::pair<std::string, std::string>>;

}  // namespace cleave::plan
