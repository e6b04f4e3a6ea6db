#pragma once

#include <string>
#include <utility>
#include <vector>

#include "report/model.hpp"

namespace cleave::test {

/// An attempt with the outcome given and unremarkable values elsewhere.
inline report::Attempt attempt(plan::Outcome outcome, std::string reason = {}) {
  report::Attempt made;
  made.outcome = outcome;
  made.shard = "shard-1";
  made.start = std::chrono::seconds(1'700'000'000);
  made.duration = std::chrono::milliseconds(12);
  made.reason = std::move(reason);
  return made;
}

/// A failed attempt that says `text` at "store_test.cpp:42".
inline report::Attempt failed_attempt(std::string text) {
  report::Attempt made = attempt(plan::Outcome::failed);
  made.messages.push_back({report::MessageKind::failure, "store_test.cpp", 42, std::move(text)});
  return made;
}

/// Output of which nothing was dropped.
inline report::Output output(std::string text) {
  report::Output made;
  made.total = text.size();
  made.head = std::move(text);
  return made;
}

/// Builds a RunReport test by test; the list and the rows stay in step.
class ReportBuilder {
 public:
  explicit ReportBuilder(std::string framework = "gtest") {
    report_.run_id = "run-1";
    report_.target = "store_tests";
    report_.binary = "/build/store_tests";
    report_.host = "host-a";
    report_.start = std::chrono::seconds(1'700'000'000);
    report_.wall = std::chrono::milliseconds(3210);
    report_.shard_count = 2;
    report_.list.framework = std::move(framework);
    report_.list.framework_version = "1.12";
  }

  /// A selected test with these attempts; its outcome is that of the last one.
  report::TestRow& test(std::string suite, std::string name, std::vector<report::Attempt> attempts) {
    plan::TestCase& listed = add(std::move(suite), std::move(name));
    listed.selected = true;
    report::TestRow& row = report_.rows.back();
    if (!attempts.empty()) row.outcome = attempts.back().outcome;
    row.attempts = std::move(attempts);
    return row;
  }
  report::TestRow& test(std::string suite, std::string name, plan::Outcome outcome) {
    return test(std::move(suite), std::move(name), {attempt(outcome)});
  }
  /// A test that the arguments do not select.
  void unselected(std::string suite, std::string name) { add(std::move(suite), std::move(name)); }
  /// A DISABLED_ test that the arguments match.
  void disabled(std::string suite, std::string name) { add(std::move(suite), std::move(name)).disabled = true; }
  report::Problem& problem(std::string title) {
    report_.problems.emplace_back();
    report_.problems.back().title = std::move(title);
    return report_.problems.back();
  }

  /// The entry of the list that belongs to the test added last.
  plan::TestCase& listed() { return report_.list.tests.back(); }
  report::RunReport& report() { return report_; }

 private:
  plan::TestCase& add(std::string suite, std::string name) {
    const auto index = static_cast<std::uint32_t>(report_.list.tests.size());
    plan::TestCase listed;
    listed.suite = std::move(suite);
    listed.name = std::move(name);
    listed.file = "store_test.cpp";
    listed.line = static_cast<std::int32_t>(10 + index);
    listed.position = index;
    report_.list.tests.push_back(std::move(listed));
    report_.rows.emplace_back();
    report_.rows.back().index = index;
    return report_.list.tests.back();
  }

  report::RunReport report_;
};

}  // namespace cleave::test
