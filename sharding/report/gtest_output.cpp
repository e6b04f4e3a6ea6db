#include "report/gtest_output.hpp"

#include <algorithm>

#include "report/gtest_tree.hpp"
#include "report/json_writer.hpp"
#include "report/text.hpp"

namespace cleave::report {
namespace {

using Names = std::set<std::string, std::less<>>;

/// GoogleTest writes no zone; ours is always UTC.
std::string xml_moment(UnixTime time) {
  std::string moment = iso8601(time);
  moment.pop_back();
  return moment;
}

std::string json_moment(UnixTime time) {
  std::string moment = iso8601(time);
  moment.resize(moment.size() - sizeof ".000Z" + 1);
  return moment + 'Z';
}

/// The nearest legal name of an XML attribute; keys of properties are free text.
std::string attribute_name(std::string_view key) {
  std::string name;
  for (const char c : key) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    const bool inner = (c >= '0' && c <= '9') || c == '-' || c == '.';
    if (inner && name.empty()) name += '_';
    name += letter || inner ? c : '_';
  }
  // Names that begin with "xml" are reserved by the standard.
  return name.empty() || name.rfind("xml", 0) == 0 ? "_" + name : name;
}

void attribute(std::string& out, std::string_view name, std::string_view value) {
  out.append(" ").append(name).append("=\"").append(xml_attribute(value)).append("\"");
}

void counts(std::string& out, const GtestSuite& suite, bool with_skipped) {
  attribute(out, "tests", std::to_string(suite.tests));
  attribute(out, "failures", std::to_string(suite.failures));
  attribute(out, "disabled", std::to_string(suite.disabled));
  if (with_skipped) attribute(out, "skipped", std::to_string(suite.skipped));
  attribute(out, "errors", "0");
  attribute(out, "time", gtest_seconds(suite.duration));
  attribute(out, "timestamp", xml_moment(suite.start));
}

void property_attributes(std::string& out, const Properties& properties) {
  Names taken{"name", "tests", "failures", "disabled", "skipped", "errors", "time", "timestamp", "random_seed"};
  for (const auto& [key, value] : properties) attribute(out, free_key(attribute_name(key), taken), value);
}

void write_part(std::string& out, const GtestPart& part) {
  const std::string_view name = part.failure ? "failure" : "skipped";
  out.append("      <").append(name);
  attribute(out, "message", part.text);
  if (part.failure) attribute(out, "type", "");
  out.append(">").append(xml_text(part.text)).append("</").append(name).append(">\n");
}

void write_case(std::string& out, const GtestCase& row) {
  out += "    <testcase";
  attribute(out, "name", row.listed ? row.listed->name : "");
  if (row.listed) {
    if (!row.listed->value_param.empty()) attribute(out, "value_param", row.listed->value_param);
    if (!row.listed->type_param.empty()) attribute(out, "type_param", row.listed->type_param);
    attribute(out, "file", row.listed->file);
    attribute(out, "line", std::to_string(row.listed->line));
  }
  attribute(out, "status", row.ran ? "run" : "notrun");
  attribute(out, "result", !row.ran ? "suppressed" : row.skipped ? "skipped" : "completed");
  attribute(out, "time", gtest_seconds(row.duration));
  attribute(out, "timestamp", xml_moment(row.start));
  attribute(out, "classname", row.suite);
  if (row.parts.empty() && row.properties.empty()) {
    out += " />\n";
    return;
  }
  out += ">\n";
  for (const GtestPart& part : row.parts) write_part(out, part);
  if (!row.properties.empty()) {
    out += "      <properties>\n";
    for (const auto& [key, value] : row.properties) {
      out += "        <property";
      attribute(out, "name", key);
      attribute(out, "value", value);
      out += "/>\n";
    }
    out += "      </properties>\n";
  }
  out += "    </testcase>\n";
}

void members(JsonWriter& json, const Properties& properties, Names taken) {
  for (const auto& [key, value] : properties) json.member(free_key(key, taken), value);
}

void counts(JsonWriter& json, const GtestSuite& suite) {
  json.member("tests", static_cast<std::int64_t>(suite.tests));
  json.member("failures", static_cast<std::int64_t>(suite.failures));
  json.member("disabled", static_cast<std::int64_t>(suite.disabled));
  json.member("errors", std::int64_t{0});
}

void moments(JsonWriter& json, UnixTime start, Nanoseconds duration) {
  json.member("timestamp", json_moment(start));
  json.member("time", gtest_seconds(duration) + 's');
}

void write_case(JsonWriter& json, const GtestCase& row) {
  json.begin_object();
  json.member("name", row.listed ? row.listed->name : "");
  if (row.listed) {
    if (!row.listed->value_param.empty()) json.member("value_param", row.listed->value_param);
    if (!row.listed->type_param.empty()) json.member("type_param", row.listed->type_param);
    json.member("file", row.listed->file);
    json.member("line", std::int64_t{row.listed->line});
  }
  json.member("status", row.ran ? "RUN" : "NOTRUN");
  json.member("result", !row.ran ? "SUPPRESSED" : row.skipped ? "SKIPPED" : "COMPLETED");
  moments(json, row.start, row.duration);
  json.member("classname", row.suite);
  members(json, row.properties,
          {"name", "value_param", "type_param", "file", "line", "status", "result", "timestamp", "time", "classname",
           "failures"});
  if (row.failed()) {
    json.key("failures");
    json.begin_array();
    for (const GtestPart& part : row.parts) {
      if (!part.failure) continue;
      json.begin_object();
      json.member("failure", part.text);
      json.member("type", "");
      json.end_object();
    }
    json.end_array();
  }
  json.end_object();
}

}  // namespace

std::string gtest_xml(const RunReport& report) {
  const GtestTree tree = gtest_tree(report);
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites";
  counts(out, tree.all, false);
  if (report.list.shuffled) attribute(out, "random_seed", std::to_string(report.list.seed));
  property_attributes(out, tree.all.properties);
  attribute(out, "name", tree.all.name);
  out += ">\n";
  for (const GtestSuite& suite : tree.suites) {
    out += "  <testsuite";
    attribute(out, "name", suite.name);
    counts(out, suite, true);
    property_attributes(out, suite.properties);
    out += ">\n";
    for (const GtestCase& row : suite.cases) write_case(out, row);
    out += "  </testsuite>\n";
  }
  return out + "</testsuites>\n";
}

std::string gtest_json(const RunReport& report) {
  const Names taken{"name", "tests",     "failures",    "disabled",  "skipped",   "errors",
                    "time", "timestamp", "random_seed", "testsuite", "testsuites"};
  const GtestTree tree = gtest_tree(report);
  JsonWriter json(16);
  json.begin_object();
  counts(json, tree.all);
  if (report.list.shuffled) json.member("random_seed", std::int64_t{report.list.seed});
  moments(json, tree.all.start, tree.all.duration);
  members(json, tree.all.properties, taken);
  json.member("name", tree.all.name);
  json.key("testsuites");
  json.begin_array();
  for (const GtestSuite& suite : tree.suites) {
    json.begin_object();
    json.member("name", suite.name);
    counts(json, suite);
    moments(json, suite.start, suite.duration);
    members(json, suite.properties, taken);
    json.key("testsuite");
    json.begin_array();
    for (const GtestCase& row : suite.cases) write_case(json, row);
    json.end_array();
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return std::move(json).take();
}

}  // namespace cleave::report
