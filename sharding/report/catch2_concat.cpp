#include "report/catch2_output.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "report/catch2_names.hpp"
#include "report/text.hpp"
#include "report/xml_scan.hpp"

namespace cleave::report {
namespace {

using plan::Outcome;

/// A test whose worker cannot have written of it. Catch2 does write of some signals before it dies: `parts` that show
/// the test red make the row of our own unnecessary, which the callers that can look check.
bool is_lost(Outcome outcome) {
  return outcome == Outcome::crashed || outcome == Outcome::timed_out || outcome == Outcome::not_run;
}

void attribute(std::string& out, std::string_view name, std::string_view value) {
  out.append(" ").append(name).append("=\"").append(xml_attribute(value)).append("\"");
}

bool ends_with_tag(std::string_view part, std::string_view tag) {
  const std::size_t end = part.find_last_not_of(" \n\r\t");
  return end != std::string_view::npos && part.substr(0, end + 1).ends_with(tag);
}

/// Adds up the attributes of a totals element over the parts, in the order in which they first appear.
class Sums {
 public:
  void add(std::string_view start_tag) {
    for (const std::string_view name : {"successes", "failures", "expectedFailures", "skips"}) {
      if (attribute_of(start_tag, name).empty()) continue;
      values_[std::string(name)] += count_of(start_tag, name);
    }
  }
  void count_failure() { ++values_["failures"]; }
  void take_back(std::string_view name, unsigned long long count) {
    unsigned long long& value = values_[std::string(name)];
    value -= std::min(value, count);
  }
  std::string element(std::string_view name) const {
    std::string out = "<" + std::string(name);
    for (const std::string_view key : {"successes", "failures", "expectedFailures", "skips"}) {
      if (const auto found = values_.find(std::string(key)); found != values_.end()) {
        attribute(out, key, std::to_string(found->second));
      }
    }
    return out + "/>";
  }

 private:
  std::map<std::string, unsigned long long> values_{{"successes", 0}, {"failures", 0}, {"expectedFailures", 0}};
};

std::string own_xml_case(const std::string& name, std::string_view file, std::int32_t line, const std::string& text) {
  std::string out = "<TestCase";
  attribute(out, "name", name);
  attribute(out, "filename", file);
  attribute(out, "line", std::to_string(line));
  out += ">\n      <FatalErrorCondition";
  attribute(out, "filename", file);
  attribute(out, "line", std::to_string(line));
  out.append(">\n").append(xml_text(text)).append("\n      </FatalErrorCondition>\n");
  return out + "      <OverallResult success=\"false\"/>\n    </TestCase>";
}

/// The names of the tests that were tried again, as Catch2 spells them: only what the last part says of them counts.
std::set<std::string, std::less<>> retried_names(const RunReport& report) {
  std::set<std::string, std::less<>> names;
  for (const RowView& view : reported_rows(report)) {
    if (view.row->attempts.size() > 1) names.insert(catch2_spelling(view.test->name));
  }
  return names;
}

/// One TestCase of the "xml" reporter.
struct XmlCase {
  std::size_t part = 0;
  std::string name;
  XmlElement element;
  bool red = false;
};

/// How many assertions of a TestCase failed. An exception inside of an expression is one failure with it.
unsigned long long failed_assertions(const XmlElement& element) {
  unsigned long long count = 0;
  for (const XmlElement& expression : find_elements(element.inner, "Expression")) {
    if (attribute_of(expression.start, "success") == "false") ++count;
    if (!find_elements(expression.inner, "Exception").empty()) --count;
  }
  for (const std::string_view name : {"Exception", "Failure", "FatalErrorCondition"})
    count += find_elements(element.inner, name).size();
  return count;
}

std::string merged_xml(const RunReport& report, const std::vector<std::string>& parts) {
  std::string head;
  std::string group;
  std::string closing;
  std::vector<XmlCase> found;
  Sums assertions;
  Sums tests;
  for (const std::string& part : parts) {
    const bool version_3 = ends_with_tag(part, "</Catch2TestRun>");
    if (!version_3 && !ends_with_tag(part, "</Catch>")) continue;
    const std::vector<XmlElement> root = find_elements(part, version_3 ? "Catch2TestRun" : "Catch");
    if (root.empty()) continue;
    if (head.empty()) {
      head = root.front().start;
      closing = version_3 ? "</Catch2TestRun>" : "</Catch>";
      const std::vector<XmlElement> groups = find_elements(part, "Group");
      if (!groups.empty()) group = groups.front().start;
    }
    const auto number = static_cast<std::size_t>(&part - parts.data());
    for (const XmlElement& element : find_elements(part, "TestCase")) {
      const bool red = element.inner.find("<OverallResult success=\"false\"") != std::string_view::npos;
      found.push_back({number, attribute_of(element.start, "name"), element, red});
    }
    // The last of each kind is the root's own; v2 repeats it in the group.
    const std::vector<XmlElement> all = find_elements(part, "OverallResults");
    const std::vector<XmlElement> all_cases = find_elements(part, "OverallResultsCases");
    if (!all.empty()) assertions.add(all.back().start);
    if (!all_cases.empty()) tests.add(all_cases.back().start);
  }
  if (head.empty()) {
    head = "<Catch2TestRun";
    attribute(head, "name", catch2_run_name(report));
    head += ">";
    closing = "</Catch2TestRun>";
  }
  std::map<std::string, std::size_t, std::less<>> last_part;
  for (const XmlCase& test : found) last_part[test.name] = test.part;
  const std::set<std::string, std::less<>> retried = retried_names(report);
  std::set<std::string, std::less<>> shown_red;
  std::string cases;
  for (const XmlCase& test : found) {
    if (retried.count(test.name) != 0 && last_part[test.name] != test.part) {
      if (test.red) assertions.take_back("failures", failed_assertions(test.element));
      tests.take_back(test.red ? "failures" : "successes", 1);
      continue;
    }
    if (test.red) shown_red.insert(test.name);
    cases.append("    ").append(test.element.whole).append("\n");
  }
  const auto add_red = [&](const std::string& own) {
    cases.append("    ").append(own).append("\n");
    assertions.count_failure();
    tests.count_failure();
  };
  for (const RowView& view : reported_rows(report)) {
    const std::string name = catch2_spelling(view.test->name);
    if (plan::is_green(view.outcome) || shown_red.count(name) != 0) continue;
    add_red(own_xml_case(name, view.test->file, view.test->line, attempt_text(final_attempt(*view.row))));
  }
  for (const Problem& problem : red_problems(report))
    add_red(own_xml_case(problem.title, "", 0, problem_text(problem)));

  const std::string totals =
      "  " + assertions.element("OverallResults") + "\n  " + tests.element("OverallResultsCases") + "\n";
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + head + "\n";
  if (!group.empty()) out += "  " + group + "\n";
  out += cases;
  if (!group.empty()) out += totals + "  </Group>\n";
  return out + totals + closing + "\n";
}

/// One testCase of the "sonarqube" reporter.
struct SonarCase {
  std::size_t part = 0;
  std::string file;
  XmlElement element;
  std::vector<std::size_t> owners;  ///< Indices into the reported rows.
};

std::string merged_sonarqube(const RunReport& report, const std::vector<std::string>& parts) {
  std::vector<std::string> order;
  std::map<std::string, std::string> by_file;
  std::map<std::string, bool> shown_red;
  const auto add = [&](const std::string& file, std::string_view element) {
    const auto [found, added] = by_file.try_emplace(file);
    if (added) order.push_back(file);
    found->second.append("    ").append(element).append("\n");
  };
  const std::vector<RowView> rows = reported_rows(report);
  const Catch2Names names(rows);
  std::vector<SonarCase> found;
  std::vector<std::size_t> last_part(rows.size(), 0);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (!ends_with_tag(parts[i], "</testExecutions>")) continue;
    for (const XmlElement& file : find_elements(parts[i], "file")) {
      for (const XmlElement& element : find_elements(file.inner, "testCase")) {
        found.push_back(
            {i, attribute_of(file.start, "path"), element, names.owners("", attribute_of(element.start, "name"))});
        for (const std::size_t owner : found.back().owners) last_part[owner] = i;
      }
    }
  }
  for (const SonarCase& test : found) {
    const auto superseded = [&](std::size_t owner) {
      return rows[owner].row->attempts.size() > 1 && last_part[owner] != test.part;
    };
    if (test.owners.size() == 1 && superseded(test.owners.front())) continue;
    add(test.file, test.element.whole);
    const bool red = test.element.inner.find("<failure") != std::string_view::npos ||
                     test.element.inner.find("<error") != std::string_view::npos;
    for (const std::size_t owner : test.owners) shown_red[rows[owner].test->name] |= red;
  }
  const auto own = [&](const std::string& file, const std::string& name, std::string_view headline,
                       const std::string& text) {
    std::string out = "<testCase";
    attribute(out, "name", name);
    attribute(out, "duration", "0");
    out += ">\n      <error";
    attribute(out, "message", headline);
    out.append(">\n").append(xml_text(text)).append("\n      </error>\n    </testCase>");
    add(file, out);
  };
  for (const RowView& view : rows) {
    if (plan::is_green(view.outcome) || shown_red[view.test->name]) continue;
    const Attempt& attempt = final_attempt(*view.row);
    own(view.test->file, catch2_spelling(view.test->name), attempt_headline(attempt), attempt_text(attempt));
  }
  for (const Problem& problem : red_problems(report)) own("", problem.title, problem.title, problem_text(problem));

  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testExecutions version=\"1\">\n";
  for (const std::string& file : order) {
    out += "  <file";
    attribute(out, "path", file);
    out.append(">\n").append(by_file[file]).append("  </file>\n");
  }
  return out + "</testExecutions>\n";
}

std::string one_line(std::string_view text) {
  std::string line = printable(text);
  for (char& c : line) {
    if (c == '\n' || c == '\t') c = ' ';
  }
  return line;
}

/// "name: crashed: killed by SIGSEGV" of what no part can tell.
std::vector<std::string> lost_lines(const RunReport& report) {
  std::vector<std::string> lines;
  for (const RowView& view : reported_rows(report)) {
    if (!is_lost(view.outcome)) continue;
    const Attempt& attempt = final_attempt(*view.row);
    std::string line = view.test->name + ": " + std::string(plan::name_of(view.outcome));
    if (!attempt.reason.empty()) line += ": " + attempt.reason;
    lines.push_back(one_line(line));
  }
  for (const Problem& problem : red_problems(report)) lines.push_back(one_line(problem.title));
  return lines;
}

bool is_plan_line(std::string_view line) {
  if (line.rfind("1..", 0) != 0 || line.size() == 3) return false;
  return line.find_first_not_of("0123456789", 3) == std::string_view::npos;
}

std::string merged_tap(const RunReport& report, const std::vector<std::string>& parts) {
  std::string out;
  std::size_t number = 0;
  for (const std::string& part : parts) {
    for (std::string_view rest = part; !rest.empty();) {
      const std::size_t end = rest.find('\n');
      std::string_view line = rest.substr(0, end);
      rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
      if (line.empty() || is_plan_line(line)) continue;
      for (const std::string_view word : {"ok ", "not ok "}) {
        if (line.rfind(word, 0) != 0) continue;
        const std::size_t behind = line.find_first_not_of("0123456789", word.size());
        if (behind == word.size()) break;
        out.append(word).append(std::to_string(++number));
        line.remove_prefix(std::min(behind, line.size()));
        break;
      }
      out.append(line).append("\n");
    }
  }
  for (const std::string& lost : lost_lines(report)) {
    out.append("not ok ").append(std::to_string(++number)).append(" - ").append(lost).append("\n");
  }
  return out.append("1..").append(std::to_string(number)).append("\n");
}

std::string joined_text(const RunReport& report, const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) {
    out += part;
    if (!out.empty() && out.back() != '\n') out += '\n';
  }
  for (const std::string& lost : lost_lines(report)) out.append(lost).append("\n");
  return out;
}

}  // namespace

std::string catch2_concat(const RunReport& report, std::string_view reporter, const std::vector<std::string>& parts) {
  if (reporter == "junit") return catch2_junit(report, parts);
  if (reporter == "xml") return merged_xml(report, parts);
  if (reporter == "sonarqube") return merged_sonarqube(report, parts);
  if (reporter == "tap") return merged_tap(report, parts);
  return joined_text(report, parts);
}

}  // namespace cleave::report
