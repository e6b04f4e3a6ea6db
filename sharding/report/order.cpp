#include "report/order.hpp"

#include <algorithm>
#include <map>

#include "plan/json_reader.hpp"
#include "plan/whole_number.hpp"
#include "report/json_writer.hpp"

namespace cleave::report {
namespace {

constexpr int kVersion = 1;

struct Started {
  UnixTime start{};
  std::uint32_t index = 0;
};
using Worker = std::pair<std::string, std::uint32_t>;  // Shard and number.

std::map<Worker, std::vector<Started>> tests_by_worker(const RunReport& report) {
  std::map<Worker, std::vector<Started>> workers;
  for (const TestRow& row : report.rows) {
    for (const Attempt& attempt : row.attempts) {
      if (attempt.worker == 0 || attempt.attempt != 1 || attempt.repetition != 0) continue;
      workers[{attempt.shard, attempt.worker}].push_back({attempt.start, row.index});
    }
  }
  for (auto& [worker, tests] : workers) {
    std::stable_sort(tests.begin(), tests.end(), [&](const Started& a, const Started& b) {
      const auto& list = report.list.tests;
      return std::pair(a.start, list[a.index].position) < std::pair(b.start, list[b.index].position);
    });
  }
  return workers;
}

Error wrong(std::string_view file, const plan::JsonValue& at, const std::string& what) {
  const std::string pointer = at.pointer();
  return {
      Errc::usage,
      std::string(file) + ":" + std::to_string(at.place().line) + ": " + (pointer.empty() ? "" : pointer + ": ") + what,
      0};
}

}  // namespace

std::string order_json(const RunReport& report) {
  std::string whole;
  order_json(report, [&](std::string_view piece) { whole += piece; });
  return whole;
}

void order_json(const RunReport& report, const Pieces& pieces) {
  const auto by_worker = tests_by_worker(report);
  std::vector<std::pair<Worker, const std::vector<Started>*>> workers;
  for (const auto& [worker, tests] : by_worker) workers.emplace_back(worker, &tests);
  std::stable_sort(workers.begin(), workers.end(),
                   [](const auto& a, const auto& b) { return a.second->front().start < b.second->front().start; });
  JsonWriter json(4, pieces);
  json.begin_object();
  json.member("order", std::int64_t{kVersion});
  json.key("shuffled");
  json.boolean(report.list.shuffled);
  json.member("seed", std::int64_t{report.list.seed});
  json.key("workers");
  json.begin_array();
  for (const auto& [worker, tests] : workers) {
    json.begin_object();
    json.member("shard", worker.first);
    json.key("tests");
    json.begin_array();
    for (const Started& each : *tests) {
      json.begin_object();
      json.member("suite", report.list.tests[each.index].suite);
      json.member("name", report.list.tests[each.index].name);
      json.end_object();
    }
    json.end_array();
    json.end_object();
  }
  json.end_array();
  json.end_object();
  std::move(json).take();
}

Result<Order> read_order(std::string_view text, std::string_view file) {
  auto document = plan::read_json(text, file, kOrderBytes);
  if (!document) return Error{Errc::usage, document.error().what, 0};
  const plan::JsonValue root = document->root();
  const auto version = root.find("order");
  const auto workers = root.find("workers");
  if (!version || version->number() != kVersion || !workers || workers->kind() != plan::JsonKind::array) {
    return wrong(file, root, "is no order of a run: order.json of a run directory is one");
  }
  Order order;
  if (const auto shuffled = root.find("shuffled")) order.shuffled = shuffled->boolean();
  if (const auto seed = root.find("seed")) {
    const auto number = plan::whole_number<std::uint32_t>(seed->text(), 0, UINT32_MAX);
    if (!number) return wrong(file, *seed, "a seed is a whole number from 0 to 4294967295");
    order.seed = *number;
  }
  for (const plan::JsonValue& worker : workers->children()) {
    const auto tests = worker.find("tests");
    if (!tests || tests->kind() != plan::JsonKind::array)
      return wrong(file, worker, "a worker has \"tests\", an array");
    auto& names = order.workers.emplace_back();
    for (const plan::JsonValue& test : tests->children()) {
      const auto suite = test.find("suite");
      const auto name = test.find("name");
      if (!suite || !name) return wrong(file, test, "a test has a \"suite\" and a \"name\"");
      names.emplace_back(suite->text(), name->text());
    }
  }
  return order;
}

}  // namespace cleave::report
