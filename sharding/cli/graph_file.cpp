#include "cli/graph_file.hpp"

#include <algorithm>
#include <initializer_list>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "cli/json_place.hpp"
#include "plan/nearest.hpp"

namespace cleave::cli {
namespace {

using Json = nlohmann::json;

constexpr std::uint32_t kMostWeight = 1024;

/// Ends the reading of one file; never leaves this one.
struct BadFile {
  Error error;
};

/// A value with its JSON pointer.
struct Node {
  const Json& value;
  std::string pointer;
};

class Reader {
 public:
  Reader(std::string_view text, const std::string& file) : text_(text), file_(file) {}

  plan::TaskGraph read() {
    const Json document = parse();
    const Node root{document, ""};
    check_members(root, {"$schema", "phases", "tasks"});
    std::vector<plan::PhaseSpec> phases;
    if (const auto declared = member(root, "phases")) phases = phases_of(*declared);
    auto graph = plan::make_task_graph(tasks_of(required(root, "tasks")), std::move(phases));
    if (!graph) fail_at_origin(graph.error().what);
    return std::move(*graph);
  }

 private:
  std::string place(const std::string& pointer) const {
    return file_ + ":" + std::to_string(line_of_value(text_, pointer)) + ": " + pointer;
  }
  [[noreturn]] void fail(const std::string& pointer, const std::string& what) const {
    throw BadFile{{Errc::usage, place(pointer) + (pointer.empty() ? "" : ": ") + what, 0}};
  }
  /// `told` begins with the pointer of a task, or of something in it.
  [[noreturn]] void fail_at_origin(const std::string& told) const {
    const std::size_t end = told.starts_with('/') ? told.find(": ") : std::string::npos;
    if (end == std::string::npos) fail("", told);
    fail(told.substr(0, end), told.substr(end + 2));
  }
  /// A value that is not what it should be, shown.
  [[noreturn]] void wrong(const Node& node, const std::string& legal) const {
    constexpr std::size_t kMostShown = 60;
    std::string shown = node.value.is_structured() ? node.value.type_name() : node.value.dump();
    if (shown.size() > kMostShown) shown = std::string("a long ") + node.value.type_name();
    fail(node.pointer, shown + " is not " + legal);
  }

  /// A member that is written twice would quietly lose its first value.
  Json parse() const {
    std::vector<std::set<std::string>> keys;
    const auto watch = [&](int, Json::parse_event_t event, Json& value) {
      if (event == Json::parse_event_t::object_start) keys.emplace_back();
      if (event == Json::parse_event_t::object_end) keys.pop_back();
      if (event == Json::parse_event_t::key && !keys.back().insert(value.get<std::string>()).second)
        throw BadFile{{Errc::usage, file_ + ": member " + value.dump() + " is there twice in one object", 0}};
      return true;
    };
    try {
      return Json::parse(text_, watch);
    } catch (const Json::parse_error& error) {
      std::string what = error.what();  // "[json.exception…] parse error at line 1, column 2: syntax error while …"
      if (const auto begin = what.find(": "); begin != std::string::npos) what.erase(0, begin + 2);
      const std::size_t byte = error.byte == 0 ? 0 : error.byte - 1;
      throw BadFile{{Errc::usage,
                     file_ + ":" + std::to_string(line_of(text_, byte)) + ":" + std::to_string(column_of(text_, byte)) +
                         ": " + what,
                     0}};
    } catch (const Json::out_of_range&) {
      throw BadFile{{Errc::usage, file_ + ": a number in it is larger than 1.8e308", 0}};
    }
  }

  void check_members(const Node& node, std::initializer_list<std::string_view> known) const {
    if (!node.value.is_object()) wrong(node, "an object");
    for (const auto& [key, value] : node.value.items()) {
      if (std::ranges::find(known, key) != known.end()) continue;
      const std::string near = plan::nearest(key, std::vector<std::string_view>(known));
      std::string legal;
      for (const std::string_view name : known) legal += (legal.empty() ? "'" : "', '") + std::string(name);
      fail(node.pointer,
           "'" + key + "' is unknown; " + (near.empty() ? "legal are " + legal + "'" : "did you mean '" + near + "'?"));
    }
  }
  std::optional<Node> member(const Node& node, const std::string& name) const {
    const auto place = node.value.find(name);
    if (place == node.value.end()) return std::nullopt;
    return Node{*place, node.pointer + "/" + name};
  }
  Node required(const Node& node, const std::string& name) const {
    if (const auto found = member(node, name)) return *found;
    fail(node.pointer, "'" + name + "' is missing");
  }
  std::vector<Node> elements(const Node& node) const {
    if (!node.value.is_array()) wrong(node, "an array");
    std::vector<Node> all;
    for (std::size_t i = 0; i < node.value.size(); ++i)
      all.push_back({node.value[i], node.pointer + "/" + std::to_string(i)});
    return all;
  }
  std::string text_of(const Node& node, const std::string& legal) const {
    if (!node.value.is_string() || node.value.get_ref<const std::string&>().empty()) wrong(node, legal);
    return node.value.get<std::string>();
  }
  std::chrono::nanoseconds duration_of(const Node& node) const {
    const auto duration = plan::parse_duration(text_of(node, "a duration such as \"200ms\""));
    if (!duration) fail(node.pointer, duration.error().what);
    return *duration;
  }

  std::vector<plan::PhaseSpec> phases_of(const Node& list) const {
    std::vector<plan::PhaseSpec> phases;
    for (const Node& node : elements(list)) {
      check_members(node, {"name", "timeout"});
      plan::PhaseSpec phase;
      phase.name = text_of(required(node, "name"), "a name");
      if (const auto timeout = member(node, "timeout")) phase.timeout = duration_of(*timeout);
      if (std::ranges::find(phases, phase.name, &plan::PhaseSpec::name) != phases.end())
        fail(node.pointer + "/name", "phase '" + phase.name + "' is declared twice");
      phases.push_back(std::move(phase));
    }
    return phases;
  }

  std::vector<plan::Task> tasks_of(const Node& list) const {
    std::vector<plan::Task> tasks;
    std::map<std::string, std::string> names;
    for (const Node& node : elements(list)) {
      tasks.push_back(task_of(node));
      tasks.back().origin = node.pointer;
      const auto [place, is_new] = names.emplace(tasks.back().name, node.pointer);
      if (!is_new) fail(node.pointer + "/name", "'" + place->first + "' is the name of " + place->second + " too");
    }
    return tasks;
  }

  plan::Task task_of(const Node& node) const {
    check_members(node, {"name", "suite", "duration", "phase", "after", "serial", "locks", "weight"});
    plan::Task task;
    task.name = text_of(required(node, "name"), "a name");
    if (const auto suite = member(node, "suite")) task.suite = text_of(*suite, "a name");
    if (const auto duration = member(node, "duration")) task.duration = duration_of(*duration);
    if (const auto phase = member(node, "phase")) task.phase = text_of(*phase, "the name of a phase");
    if (const auto after = member(node, "after")) {
      for (const Node& name : elements(*after)) task.after.push_back(text_of(name, "the name of a task or suite"));
    }
    if (const auto serial = member(node, "serial")) {
      if (!serial->value.is_boolean()) wrong(*serial, "true or false");
      task.serial = serial->value.get<bool>();
    }
    if (const auto locks = member(node, "locks")) task.locks = locks_of(*locks);
    if (const auto weight = member(node, "weight")) task.weight = weight_of(*weight);
    return task;
  }

  std::vector<plan::LockUse> locks_of(const Node& list) const {
    plan::Constraints constraints;
    for (const Node& node : elements(list)) {
      const std::string lock = text_of(node, "a lock such as \"db\" or \"db:read\"");
      if (auto applied = plan::apply_tag("lock:" + lock, constraints); !applied)
        fail(node.pointer, applied.error().what);
    }
    return constraints.locks;
  }

  std::uint32_t weight_of(const Node& node) const {
    if (!node.value.is_number_integer() || node.value < 1 || node.value > kMostWeight)
      wrong(node, "a number from 1 to " + std::to_string(kMostWeight));
    return node.value.get<std::uint32_t>();
  }

  std::string_view text_;
  const std::string& file_;
};

}  // namespace

Result<plan::TaskGraph> read_graph(std::string_view text, const std::string& file) {
  try {
    return Reader(text, file).read();
  } catch (const BadFile& bad) {
    return bad.error;
  }
}

}  // namespace cleave::cli
