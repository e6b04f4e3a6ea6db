#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "plan/codec.hpp"

namespace cleave::run {

/// What a keeper tells a fixture host, and what that answers: frames (plan/codec.hpp) whose type byte is `Kind`. Both
/// are forks of one program, so that there is no version.
struct HostCommand {
  enum class Kind : std::uint8_t {
    set_up = 1,     ///< `name` is a fixture.
    tear_down = 2,  ///< All that is up, newest first; then the host ends.
    clean = 3,      ///< All prefix hooks for the prefix `name`; `swept` as in PrefixHook. Then the host ends.
  };
  Kind kind = Kind::set_up;
  std::string name;
  bool swept = false;
};

struct HostReply {
  enum class Kind : std::uint8_t {
    ready = 1,    ///< It has come to where the program's tests would start.
    up = 2,       ///< `name` is up; `text` is its payload.
    failed = 3,   ///< `name` could not be set up; `text` says why.
    down = 4,     ///< `name` was torn down; `text` says what went wrong, if anything.
    cleaned = 5,  ///< The prefix `name` is clean; `text` says what went wrong, if anything.
    leaving = 6,  ///< Nothing follows.
  };
  Kind kind = Kind::ready;
  std::string name;
  std::string text;
};

inline std::string encode(const HostCommand& command) {
  plan::Writer body;
  body.text(command.name);
  body.flag(command.swept);
  std::string bytes;
  plan::append_frame(bytes, static_cast<std::uint8_t>(command.kind), body.bytes());
  return bytes;
}

inline std::optional<HostCommand> decode_command(const plan::Frame& frame) {
  plan::Reader in(frame.payload);
  HostCommand command;
  command.kind = static_cast<HostCommand::Kind>(frame.type);
  command.name = in.text();
  command.swept = in.flag();
  if (!in.ok() || frame.type < 1 || frame.type > 3) return std::nullopt;
  return command;
}

inline std::string encode(const HostReply& reply) {
  plan::Writer body;
  body.text(reply.name);
  body.text(reply.text);
  std::string bytes;
  plan::append_frame(bytes, static_cast<std::uint8_t>(reply.kind), body.bytes());
  return bytes;
}

inline std::optional<HostReply> decode_reply(const plan::Frame& frame) {
  plan::Reader in(frame.payload);
  HostReply reply;
  reply.kind = static_cast<HostReply::Kind>(frame.type);
  reply.name = in.text();
  reply.text = in.text();
  if (!in.ok() || frame.type < 1 || frame.type > 6) return std::nullopt;
  return reply;
}

}  // namespace cleave::run
