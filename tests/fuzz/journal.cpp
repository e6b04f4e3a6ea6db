#include <array>

#include "plan/planner.hpp"
#include "report/merge.hpp"
#include "report/record.hpp"
#include "target.hpp"

namespace cleave::fuzz {
namespace {

/// A run of six tests, the last of them serial.
report::RunReport small_frame() {
  report::RunReport frame;
  frame.run_id = "run-1";
  frame.target = "store_tests";
  frame.binary = "/build/store_tests";
  frame.list.framework = "gtest";
  frame.list.groups_matter = true;
  for (std::uint32_t i = 0; i < 6; ++i) {
    plan::TestCase test;
    test.suite = i < 4 ? "Store" : "Index";
    test.name = "Test" + std::to_string(i);
    test.file = "store_test.cpp";
    test.position = i;
    test.selected = true;
    frame.list.tests.push_back(std::move(test));
  }
  return frame;
}

plan::Plan plan_of(const plan::TestList& list) {
  plan::PlanInput input;
  input.constraints.resize(list.tests.size());
  input.constraints.back().serial = true;
  input.lanes = 2;
  return plan::make_plan(list, input);
}

}  // namespace

/// A journal, read, written, and merged into a report.
void journal(std::string_view bytes) {
  const auto records = report::decode_journal(bytes);
  if (!records) return;
  std::string again;
  for (const report::Record& record : *records) report::encode(record, again);
  const auto twice = report::decode_journal(again);
  must(twice && twice->size() == records->size(), "what a journal tells can be written and read again");
  std::string thrice;
  for (const report::Record& record : *twice) report::encode(record, thrice);
  must(again == thrice, "a record that is written and read stays the same");

  static const report::RunReport frame = small_frame();
  static const plan::Plan plan = plan_of(frame.list);
  report::MergeInput input;
  input.frame = frame;
  input.plan = &plan;
  input.journals.push_back({"shard-1.journal", *records, "", ""});
  input.all_parts_required = true;
  const report::RunReport merged = report::merge(std::move(input));
  must(merged.rows.size() == frame.list.tests.size(), "a report has a row for each test");
  for (const report::TestRow& row : merged.rows)
    must(!row.attempts.empty(), "every test that was to run has an attempt");
  check_reports(merged);
}

}  // namespace cleave::fuzz
