#include "target.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "os/file.hpp"
#include "os/machine.hpp"
#include "report/console.hpp"
#include "report/gtest_output.hpp"
#include "report/html.hpp"
#include "report/json.hpp"
#include "report/junit.hpp"
#include "report/tap.hpp"
#include "report/text.hpp"
#include "report/trace.hpp"
#include "xml_tree.hpp"

namespace cleave::fuzz {
namespace {

/// In memory where that can be: files are written a thousand times a second.
std::string beginning() {
  const std::string memory = "/dev/shm";
  return (::access(memory.c_str(), W_OK | X_OK) == 0 ? memory : os::scratch_directory()) + "/cleave-fuzz-";
}

struct Folder {
  std::string path = os::make_private_folder(beginning()).value();
  Folder() = default;
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { os::remove_tree(path); }
};

std::size_t count_of(std::string_view text, std::string_view what) {
  std::size_t count = 0;
  for (auto at = text.find(what); at != std::string_view::npos; at = text.find(what, at + 1)) ++count;
  return count;
}

bool is_harmless_on_a_terminal(std::string_view text) {
  // What is harmless already is not changed by being made so.
  return report::printable(text) == text;
}

}  // namespace

void must(bool holds, const char* promise) {
  if (!holds) throw std::logic_error(promise);
}

const std::string& scratch() {
  static const Folder folder;
  return folder.path;
}

std::string write_scratch(const std::string& name, std::string_view bytes) {
  const std::string path = scratch() + "/" + name;
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  must(file >= 0 && ::write(file, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()),
       "the scratch folder can be written");
  ::close(file);
  return path;
}

std::pair<std::string_view, std::string_view> halves(std::string_view bytes) {
  constexpr std::string_view kBetween = "\n----\n";
  const auto at = bytes.find(kBetween);
  if (at == std::string_view::npos) return {bytes, {}};
  return {bytes.substr(0, at), bytes.substr(at + kBetween.size())};
}

void check_reports(const report::RunReport& report) {
  using Json = nlohmann::json;
  const int code = report::exit_code_of(report);
  must(test::parse_xml(report::junit_xml(report)).has_value(), "junit.xml is XML");
  must(test::parse_xml(report::junit_xml(report, report::JunitDialect::strict)).has_value(), "strict JUnit is XML");
  must(test::parse_xml(report::gtest_xml(report)).has_value(), "GoogleTest's XML is XML");
  must(Json::accept(report::gtest_json(report)), "GoogleTest's JSON is JSON");
  must(Json::accept(report::trace_json(report)), "trace.json is JSON");
  const Json json = Json::parse(report::json_report(report), nullptr, false);
  must(!json.is_discarded(), "report.json is JSON");
  must(json.at("exit_code") == code, "report.json tells the exit code");

  const std::string tap = report::tap(report);
  must(report::utf8(tap) == tap, "TAP is UTF-8");
  must(code == 0 || code == 4 || tap.find("not ok ") != std::string::npos, "TAP of a red run has a failed point");

  static const std::size_t scripts = count_of(report::html_report({}), "<script");
  const std::string page = report::html_report(report);
  must(count_of(page, "<script") == scripts, "no script in the page but ours");
  must(count_of(page, "<img") == 0 && count_of(page, "<iframe") == 0, "no element of a test's in the page");

  std::string text = report::summary(report, false);
  must((code == 0) == (text.find("\ngreen") != std::string::npos), "the summary says green when the run is");
  for (const report::TestRow& row : report.rows) {
    for (const report::Attempt& attempt : row.attempts)
      text += report::failure_block(report, report.list.tests[row.index], attempt, false);
  }
  for (const report::Problem& problem : report.problems) text += report::problem_block(problem, false);
  must(is_harmless_on_a_terminal(text), "what is printed does not steer the terminal");
}

}  // namespace cleave::fuzz
