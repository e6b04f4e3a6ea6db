#include "plan/identity.hpp"

#include <algorithm>
#include <cctype>

#include "plan/quoted.hpp"
#include "plan/test_case.hpp"

namespace cleave::plan {
namespace {

Error usage(std::string what) { return Error{Errc::usage, std::move(what), 0}; }

std::string prefix_base(std::string_view run_id, std::string_view target) {
  std::uint64_t hash = identity_of(run_id, target, "", 0);
  std::string prefix = "c";
  for (int digit = 0; digit < 10; ++digit) {
    prefix += "0123456789abcdefghijklmnopqrstuvwxyz"[hash % 36];
    hash /= 36;
  }
  return prefix;
}

Result<std::string> value_of(std::string_view key, const ShardIdentity& shard, const PortOf& port) {
  if (key == "prefix") return shard.prefix;
  if (key == "shard") return std::to_string(shard.index);
  if (key == "shards") return std::to_string(shard.count);
  if (key == "run") return shard.run_id;
  if (key == "tmpdir") return shard.temp_dir;
  if (key == "port" || key.starts_with("port:")) {
    const std::string_view name = key == "port" ? std::string_view() : key.substr(5);
    if (key != "port" && name.empty()) return usage("placeholder '{port:}' has no name");
    auto number = port(name);
    if (!number) return number.error();
    return std::to_string(*number);
  }
  return usage("placeholder '{" + std::string(key) +
               "}' is unknown; known are {prefix} {shard} {shards} {run} {tmpdir} {port} {port:NAME}");
}

}  // namespace

std::string data_prefix(std::string_view run_id, std::string_view target, std::uint32_t shard) {
  return prefix_base(run_id, target) + "_s" + std::to_string(shard) + "_";
}

std::string run_prefix(std::string_view run_id, std::string_view target) {
  return prefix_base(run_id, target) + "_run_";
}

Result<std::string> expand_template(std::string_view text, const ShardIdentity& shard, const PortOf& port) {
  std::string result;
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    if ((c == '{' || c == '}') && i + 1 < text.size() && text[i + 1] == c) {
      result += c;
      i += 2;
    } else if (c == '{') {
      const auto close = text.find('}', i);
      if (close == std::string_view::npos) return usage("template " + quoted(text) + ": '{' is never closed");
      auto value = value_of(text.substr(i + 1, close - i - 1), shard, port);
      if (!value) return value.error();
      result += *value;
      i = close + 1;
    } else {
      result += c;
      ++i;
    }
  }
  return result;
}

Result<void> check_environment(std::string_view assignment) {
  const auto equals = assignment.find('=');
  const std::string_view name = assignment.substr(0, equals);
  const auto legal = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; };
  if (equals == std::string_view::npos || name.empty() || std::isdigit(static_cast<unsigned char>(name[0])) != 0 ||
      !std::all_of(name.begin(), name.end(), legal)) {
    return usage("ENVIRONMENT " + quoted(assignment) + " is not VAR=template with a variable's name before '='");
  }
  const PortOf any_port = [](std::string_view) -> Result<std::uint16_t> { return std::uint16_t{1}; };
  auto expanded = expand_template(assignment.substr(equals + 1), ShardIdentity{}, any_port);
  if (!expanded) return usage("ENVIRONMENT " + quoted(assignment) + ": " + expanded.error().what);
  return {};
}

}  // namespace cleave::plan
