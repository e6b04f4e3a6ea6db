#include "ctest_tree.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace cleave::test {
namespace {

namespace fs = std::filesystem;

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
}

LogLine parse(const std::string& text) {
  std::istringstream words(text);
  LogLine line;
  words >> line.what >> line.test;
  for (std::string word; words >> word;) {
    const auto equals = word.find('=');
    if (equals != std::string::npos) line.values[word.substr(0, equals)] = word.substr(equals + 1);
  }
  return line;
}

}  // namespace

CTestTree::CTestTree(const std::vector<std::string>& folders) : included_(folders) {
  for (std::string& included : included_) included = CLEAVE_CTEST_TREES "/" + included;
  write_test_file("");
  set("CLEAVE_DIR", reports());
  set("CLEAVE_TEST_LOG", path("log"));
}

void CTestTree::write_test_file(const std::string& first_line) const {
  std::string text = first_line;
  for (const std::string& included : included_) text += "subdirs(\"" + included + "\")\n";
  write("CTestTestfile.cmake", text);
}

void CTestTree::insert_plain_test() {
  write_test_file("add_test(plain-inserted \"" CLEAVE_CTEST_TREES "/ctest_plain\" plain-inserted)\n");
}

std::string CTestTree::copy_of(const std::string& folder, const std::string& name, const Replacements& replacements) {
  const std::string built = CLEAVE_CTEST_TREES "/" + folder;
  const std::string copy = path(folder);
  fs::create_directories(copy + "/cleave");
  const std::string settings = copy + "/cleave/" + name + ".settings";
  write(settings, read_file(built + "/cleave/" + name + ".settings"));
  std::string text = read_file(built + "/CTestTestfile.cmake");
  for (const auto& [from, to] : replacements) replace_all(text, from, to);
  replace_all(text, built + "/cleave/" + name + ".settings", settings);
  write(copy + "/CTestTestfile.cmake", text);
  std::replace(included_.begin(), included_.end(), built, copy);
  write_test_file("");
  return settings;
}

void CTestTree::add_setting(const std::string& folder, const std::string& name, const std::string& line) {
  const std::string settings = copy_of(folder, name, {});
  write(settings, read_file(settings) + line + "\n");
}

void CTestTree::put_into_any(const std::string& program, const Arguments& arguments) {
  std::string quoted;
  for (const std::string& argument : arguments) quoted += " [====[" + argument + "]====]";
  copy_of("any", "any",
          {{"\"" CLEAVE_CTEST_TREES "/ctest_gtest\"", "\"" + program + "\""}, {" \"--arguments-of-the-test\"", quoted}});
}

Running CTestTree::start_ctest(Arguments arguments) const {
  arguments.insert(arguments.begin(), {CLEAVE_CTEST_COMMAND, "--test-dir", folder(), "--no-tests=error"});
  return start(arguments);
}

std::map<std::string, CTestTree::Json> CTestTree::entries() const {
  std::map<std::string, Json> found;
  const Finished shown = ctest({"--show-only=json-v1"});
  const auto begin = shown.out.find('{');
  if (begin == std::string::npos) return found;
  const Json all = Json::parse(shown.out.substr(begin), nullptr, false);
  if (all.is_discarded()) return found;
  for (const Json& entry : all["tests"]) {
    Json properties = Json::object();
    for (const Json& property : entry["properties"])
      properties[property["name"].get<std::string>()] = property["value"];
    found[entry["name"]] = Json{{"command", entry["command"]}, {"properties", properties}};
  }
  return found;
}

CTestTree::Arguments CTestTree::command_of(const std::string& entry) const {
  const auto all = entries();
  const auto found = all.find(entry);
  if (found == all.end()) ADD_FAILURE() << "no entry " << entry;
  return found == all.end() ? Arguments{"/bin/false"} : found->second["command"].get<Arguments>();
}

std::vector<LogLine> CTestTree::log() const {
  std::vector<LogLine> lines;
  std::istringstream text(read_file(path("log")));
  for (std::string line; std::getline(text, line);) lines.push_back(parse(line));
  return lines;
}

void CTestTree::clear_log() const { fs::remove(path("log")); }

int CTestTree::wait_for_start(const std::string& test) const {
  int pid = 0;
  const bool started = soon([&] {
    for (const LogLine& line : log()) {
      // Its last value is there: the line was read whole.
      const auto at = line.values.find("database");
      if (line.what == "start" && line.test == test && at != line.values.end()) pid = std::stoi(line.values.at("pid"));
    }
    return pid != 0;
  });
  EXPECT_TRUE(started) << test << " never started";
  return pid;
}

std::string CTestTree::file_of_latest(const std::string& name, const std::string& file) const {
  return read_file(home_of(name) + "/latest/" + file);
}

std::vector<CTestTree::Json> CTestTree::all_reports(const std::string& name) const {
  std::vector<Json> reports;
  std::error_code none;
  for (const auto& run : fs::directory_iterator(home_of(name) + "/runs", none)) {
    Json report = Json::parse(read_file(run.path() / "report.json"), nullptr, false);
    if (!report.is_discarded()) reports.push_back(std::move(report));
  }
  return reports;
}

std::map<std::string, int> starts(const std::vector<LogLine>& log) {
  std::map<std::string, int> count;
  for (const LogLine& line : log) {
    if (line.what == "start") ++count[line.test];
  }
  return count;
}

std::map<std::string, int> each(const std::vector<std::string>& names, int times) {
  std::map<std::string, int> count;
  for (const std::string& name : names) count[name] = times;
  return count;
}

std::vector<std::string> overlaps(const std::vector<LogLine>& log,
                                  const std::function<bool(const std::string&, const std::string&)>& conflict) {
  std::vector<std::string> found;
  std::vector<std::string> open;
  for (const LogLine& line : log) {
    if (line.what == "end") {
      const auto at = std::find(open.begin(), open.end(), line.test);
      if (at != open.end()) open.erase(at);
      continue;
    }
    for (const std::string& other : open) {
      if (conflict(line.test, other)) found.push_back(line.test + " with " + other);
    }
    open.push_back(line.test);
  }
  return found;
}

std::map<std::string, std::string> outcomes(const nlohmann::json& report) {
  std::map<std::string, std::string> found;
  if (!report.contains("tests")) return found;
  for (const auto& test : report["tests"]) found[test["full_name"]] = test["outcome"];
  return found;
}

std::string reason_of(const nlohmann::json& report, const std::string& full_name) {
  const auto test = test_named(report, full_name);
  if (test.is_null() || test["attempts"].empty()) return {};
  return test["attempts"].back()["reason"].get<std::string>();
}

int entries_with(const std::string& output, std::string_view verdict, std::string_view part) {
  int count = 0;
  std::istringstream lines(output);
  for (std::string line; std::getline(lines, line);) {
    if (line.find(" Test ") == std::string::npos || line.find("sec") == std::string::npos) continue;
    if (line.find(verdict) != std::string::npos && line.find(part) != std::string::npos) ++count;
  }
  return count;
}

}  // namespace cleave::test
