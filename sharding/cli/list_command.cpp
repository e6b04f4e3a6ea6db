#include "cli/list_command.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/columns.hpp"
#include "cli/plain_program.hpp"
#include "cli/program_list.hpp"
#include "os/file.hpp"
#include "plan/test_case.hpp"
#include "report/text.hpp"

namespace cleave::cli {
namespace {

using Json = nlohmann::json;

/// The tests of a program as an object of the list: {"program", "framework", "sharded", "tests": [...]}.
Result<Json> listed(const std::string& path) {
  const auto kind = kind_of_file(path);
  if (!kind) return kind.error();
  Json program{{"program", path}, {"sharded", kind->sharded}, {"tests", Json::array()}};
  if (kind->sharded) {
    const auto text = program_list_text(path);
    if (!text && text.error().kind == Errc::nothing_to_run) {
      program["framework"] = kind->catch2 ? "catch2" : "gtest";
      return program;
    }
    if (!text) return text.error();
    try {
      const Json list = Json::parse(*text);
      program["framework"] = list.at("framework");
      program["tests"] = list.at("tests");
    } catch (const Json::exception& error) {
      return Error{Errc::broken, "list the tests of " + path + ": " + error.what(), 0};
    }
    return program;
  }
  const auto plain = list_plain_program(path, *kind, {});
  if (!plain) return plain.error();
  program["framework"] = plain->list.framework;
  for (const plan::TestCase& test : plain->list.tests) {
    Json one{{"name", report::utf8(plan::full_name(test, plain->list.framework))},
             {"suite", report::utf8(test.suite)},
             {"test", report::utf8(test.name)},
             {"file", report::utf8(test.file)},
             {"line", test.line},
             {"tags", Json::array()}};
    for (const std::string& tag : test.tags) one["tags"].push_back(report::utf8(tag));
    const auto index = static_cast<std::size_t>(&test - plain->list.tests.data());
    if (plain->constraints[index].serial && std::ranges::find(test.tags, "serial") == test.tags.end())
      one["tags"].push_back("serial");
    if (!test.selected) one["disabled"] = true;
    program["tests"].push_back(std::move(one));
  }
  return program;
}

std::string text_of(const Json& programs) {
  std::string text;
  for (const Json& program : programs) {
    const std::string name = os::file_name_of(program["program"].get<std::string>());
    for (const Json& test : program["tests"]) {
      text += label(name) + "  " + label(test["name"].get<std::string>());
      std::string tags;
      for (const Json& tag : test["tags"]) tags += (tags.empty() ? "" : ", ") + label(tag.get<std::string>());
      if (test.contains("disabled")) tags += tags.empty() ? "disabled" : ", disabled";
      text += (tags.empty() ? "" : "  [" + tags + "]") + "\n";
    }
  }
  return text;
}

}  // namespace

Result<Done> run_list(const CommandWords& words) {
  Json programs = Json::array();
  bool any = false;
  for (const std::string& path : words.words) {
    auto program = listed(path);
    if (!program) return program.error();
    any = any || !(*program)["tests"].empty();
    programs.push_back(std::move(*program));
  }
  if (!any) {
    const std::string who = words.words.size() == 1 ? words.words[0] + " has" : "the programs have";
    return Error{Errc::nothing_to_run, who + " no tests", 0};
  }
  if (words.value("--format") != "json") return Done{text_of(programs)};
  return Done{Json{{"programs", std::move(programs)}}.dump(1) + "\n"};
}

}  // namespace cleave::cli
