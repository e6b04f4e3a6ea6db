#include "cli/plain_list.hpp"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "cli/json_line.hpp"
#include "plan/config.hpp"
#include "plan/glob.hpp"
#include "plan/tags.hpp"
#include "report/text.hpp"
#include "report/xml_scan.hpp"

namespace cleave::cli {
namespace {

using Json = nlohmann::json;

Error corrupt(std::string what) { return Error{Errc::corrupt, std::move(what), 0}; }

bool is_disabled(std::string_view name) {
  return name.starts_with("DISABLED_") || name.find("/DISABLED_") != std::string_view::npos;
}

plan::TestCase read_gtest_case(const Json& test, const std::string& suite) {
  plan::TestCase one;
  one.suite = suite;
  one.name = test.at("name").get<std::string>();
  one.file = test.value("file", "");
  one.line = line_of(test);
  one.type_param = test.value("type_param", "");
  one.value_param = test.value("value_param", "");
  return one;
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

/// "[a][b:c]" as its tags.
std::vector<std::string> split_tags(std::string_view text) {
  std::vector<std::string> tags;
  while (text.starts_with('[')) {
    const auto end = text.find("][");
    const bool more = end != std::string_view::npos;
    tags.emplace_back(text.substr(1, (more ? end : text.rfind(']')) - 1));
    text.remove_prefix(more ? end + 1 : text.size());
  }
  return tags;
}

/// Where a line "name\t@file:12" has its "\t@"; npos when it is a line within a name.
std::size_t place_of_file(std::string_view line) {
  const auto at = line.rfind("\t@");
  if (at == std::string_view::npos) return at;
  const auto colon = line.rfind(':');
  if (colon == std::string_view::npos || colon < at || colon + 1 == line.size()) return std::string_view::npos;
  const bool number = line.find_first_not_of("0123456789", colon + 1) == std::string_view::npos;
  return number ? at : std::string_view::npos;
}

std::int32_t number_of(std::string_view text) {
  std::int32_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

/// The value of a hexadecimal digit as Catch2 writes it, or -1.
int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/// Undoes what Catch2's XML does to bytes that it cannot hold: control characters, and what is no UTF-8.
std::string unspelled(std::string_view text) {
  std::string bytes;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool long_enough = text.substr(at).starts_with("\\x") && at + 3 < text.size();
    const int high = long_enough ? digit(text[at + 2]) : -1;
    const int low = long_enough ? digit(text[at + 3]) : -1;
    const int byte = high * 16 + low;
    if (high >= 0 && low >= 0 && (byte < 0x20 || byte >= 0x7F)) {
      bytes += static_cast<char>(byte);
      at += 3;
    } else {
      bytes += text[at];
    }
  }
  return bytes;
}

/// The text of the first element of that name, decoded.
std::string inner_text(std::string_view xml, std::string_view name) {
  const auto found = report::find_elements(xml, name);
  if (found.empty()) return {};
  // attribute_of() is who decodes references.
  std::string tag = " x=\"";
  for (const char c : found[0].inner) tag += c == '"' ? std::string("&quot;") : std::string(1, c);
  return report::attribute_of(tag + "\"", "x");
}

}  // namespace

std::string name_of(Framework framework) { return framework == Framework::gtest ? "gtest" : "catch2"; }

Result<std::string> read_catch2_version(std::string_view text) {
  constexpr std::string_view kKey = "version:";
  const auto framework = text.find("framework:");
  const auto at = text.find(kKey);
  const bool is_catch =
      framework != std::string_view::npos &&
      text.substr(framework, text.find('\n', framework) - framework).find("Catch") != std::string_view::npos;
  if (!is_catch || at == std::string_view::npos) return corrupt("it does not say that it is a Catch2 program");
  std::string_view version = text.substr(at + kKey.size());
  version.remove_prefix(std::min(version.find_first_not_of(' '), version.size()));
  version = version.substr(0, version.find_first_of(" \r\n"));
  if (!version.starts_with("2.") && !version.starts_with("3."))
    return corrupt("Catch2 " + std::string(version) + " is neither version 2 nor 3");
  return std::string(version);
}

Result<plan::TestList> read_gtest_list(std::string_view json, bool also_run_disabled) {
  plan::TestList list;
  list.framework = "gtest";
  list.groups_matter = true;
  try {
    // Values of parameters may be any bytes, which JSON cannot hold.
    const Json root = Json::parse(report::utf8(json));
    for (const Json& suite : root.at("testsuites")) {
      const std::string suite_name = suite.at("name").get<std::string>();
      for (const Json& test : suite.at("testsuite")) {
        plan::TestCase one = read_gtest_case(test, suite_name);
        one.disabled = !also_run_disabled && (is_disabled(one.suite) || is_disabled(one.name));
        one.selected = !one.disabled;
        one.position = static_cast<std::uint32_t>(list.tests.size());
        list.tests.push_back(std::move(one));
      }
    }
  } catch (const Json::exception& error) {
    return corrupt(error.what());
  }
  return list;
}

Result<plan::TestList> read_catch2_v2_list(std::string_view text) {
  plan::TestList list;
  list.framework = "catch2";
  std::string name;
  bool within = false;
  while (!text.empty()) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos) return corrupt("its last line does not end");
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    const auto at = place_of_file(line);
    if (within) name += '\n';
    name += line.substr(0, at);
    within = at == std::string_view::npos;
    if (within) continue;
    plan::TestCase one;
    // A name that begins with '#' stands in quotes.
    if (name.starts_with("\"#") && name.ends_with('"')) name = name.substr(1, name.size() - 2);
    one.name = std::exchange(name, {});
    const std::string_view place = line.substr(at + 2);
    one.file = place.substr(0, place.rfind(':'));
    one.line = number_of(place.substr(place.rfind(':') + 1));
    one.selected = true;
    one.position = static_cast<std::uint32_t>(list.tests.size());
    list.tests.push_back(std::move(one));
  }
  if (within) return corrupt("behind its last test stands '" + name + "'");
  return list;
}

Result<plan::TestList> read_catch2_v3_list(std::string_view xml) {
  const auto root = report::find_elements(xml, "MatchingTests");
  if (root.size() != 1) return corrupt("it has no <MatchingTests>");
  plan::TestList list;
  list.framework = "catch2";
  for (const report::XmlElement& test : report::find_elements(root[0].inner, "TestCase")) {
    plan::TestCase one;
    one.name = unspelled(inner_text(test.inner, "Name"));
    one.suite = inner_text(test.inner, "ClassName");
    one.file = inner_text(test.inner, "File");
    one.line = number_of(inner_text(test.inner, "Line"));
    one.tags = split_tags(inner_text(test.inner, "Tags"));
    one.selected = true;
    list.tests.push_back(std::move(one));
  }
  // The list is in the order of this process's seed; that of the source is the same in every process.
  std::ranges::stable_sort(list.tests, [](const plan::TestCase& a, const plan::TestCase& b) {
    return std::pair(std::string_view(a.file), a.line) < std::pair(std::string_view(b.file), b.line);
  });
  for (std::size_t i = 0; i < list.tests.size(); ++i) list.tests[i].position = static_cast<std::uint32_t>(i);
  return list;
}

std::vector<std::string> read_catch2_v2_tags(std::string_view text) {
  std::vector<std::string> tags;
  std::string open;  // A long one goes on in the next line.
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    line = line.substr(std::min(line.size(), line.find_first_not_of(' ')));
    if (open.empty()) {
      // "  3  [lock:db][Lock:db]"
      const auto number = line.find_first_not_of("0123456789");
      const auto bracket = line.find('[');
      if (number == 0 || bracket == std::string_view::npos || line.find_first_not_of(' ', number) != bracket) continue;
      line.remove_prefix(bracket);
    }
    open += line;
    if (!open.ends_with(']')) continue;
    const std::vector<std::string> more = split_tags(open);
    tags.insert(tags.end(), more.begin(), more.end());
    open.clear();
  }
  return tags;
}

bool counts_without_cleave(std::string_view tag) {
  const std::string family = lower(tag.substr(0, tag.find(':')));
  if (tag.find(':') == std::string_view::npos) return family == "serial";
  return family == "lock" || family == "weight" || family == "memory" || family == "priority";
}

namespace {

/// What is wrong with a tag that counts_without_cleave(); nothing where all is well.
Result<void> check_tag(const std::string& tag) {
  const auto colon = std::min(tag.find(':'), tag.size());
  plan::Constraints unused;
  return plan::apply_tag(lower(tag.substr(0, colon)) + tag.substr(colon), unused);
}

}  // namespace

std::vector<std::string> odd_tags(const plan::TestList& list) {
  std::set<std::string> told;
  for (const plan::TestCase& test : list.tests) {
    for (const std::string& tag : test.tags) {
      if (!counts_without_cleave(tag)) continue;
      if (const auto good = check_tag(tag); !good) told.insert(good.error().what);
    }
  }
  return {told.begin(), told.end()};
}

Result<PlainRules> read_plain_rules(std::string_view text, const std::string& path) {
  plan::Settings settings;
  if (auto read = plan::apply_config(text, path, settings); !read) return read.error();
  PlainRules rules;
  for (plan::TagPattern& rule : settings.tags) {
    if (counts_without_cleave(rule.tag)) {
      rules.tags.push_back(std::move(rule));
    } else {
      rules.ignored.push_back(rule.origin + ": tag '" + rule.tag + "' counts only in programs with Cleave");
    }
  }
  const bool more = !settings.phases.empty() || settings.retries >= 0 || settings.fail_fast != plan::FailureLimit{} ||
                    settings.has_flaky || settings.stagger.count() >= 0 || !settings.quarantine.empty() ||
                    !settings.inputs.empty() || !settings.environment.empty() || settings.test_timeout.count() >= 0 ||
                    settings.has_isolation;
  if (more) rules.ignored.push_back(path + ": of this file cleave run reads the rules alone");
  return rules;
}

Result<std::vector<plan::Constraints>> plain_constraints(const plan::TestList& list, const PlainRules& rules) {
  plan::TestList named = list;
  std::vector<std::string> names;
  for (plan::TestCase& test : named.tests) {
    std::erase_if(test.tags, [](const std::string& tag) { return !counts_without_cleave(tag) || !check_tag(tag); });
    names.push_back(plan::full_name(test, list.framework));
  }
  plan::Settings settings;
  for (const plan::TagPattern& rule : rules.tags) {
    if (std::ranges::any_of(names, [&](const std::string& name) { return plan::glob_match(rule.pattern, name); }))
      settings.tags.push_back(rule);
  }
  return plan::constraints_of(named, {}, settings);
}

}  // namespace cleave::cli
