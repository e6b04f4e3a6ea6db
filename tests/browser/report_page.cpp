// Writes the page of a made-up run: report_page green|red|hostile|huge FILE. The browser tests open it.
#include <cstdio>
#include <fstream>
#include <random>
#include <string>

#include "../support/report_builder.hpp"
#include "report/html.hpp"

namespace {

using cleave::plan::Outcome;
using cleave::report::Attempt;
using cleave::report::Nanoseconds;
using cleave::report::RunReport;
using cleave::test::ReportBuilder;

constexpr std::uint32_t kShards = 8;

/// Gives every attempt a place on a lane: on the one that is free first, in the order of the tests.
class Lanes {
 public:
  explicit Lanes(RunReport& report) : report_(report) {}

  void place(Attempt& attempt, Nanoseconds took) {
    std::size_t lane = 0;
    for (std::size_t i = 1; i < kShards; ++i) {
      if (free_[i] < free_[lane]) lane = i;
    }
    start_worker(lane);
    attempt.shard = "shard-" + std::to_string(lane);
    attempt.worker = 1;
    attempt.start = report_.start + free_[lane];
    attempt.duration = took;
    free_[lane] += took + std::chrono::microseconds(40);
    report_.wall = std::max(report_.wall, free_[lane]);
  }
  void place_serial(Attempt& attempt, Nanoseconds took) {
    attempt.shard = "serial";
    attempt.worker = 1;
    attempt.start = report_.start + report_.wall;
    attempt.duration = took;
    report_.wall += took;
  }

 private:
  void start_worker(std::size_t lane) {
    if (free_[lane] != Nanoseconds{}) return;
    const Nanoseconds took = std::chrono::milliseconds(6 + lane);
    free_[lane] = took;
    report_.costs.push_back({"", "shard-" + std::to_string(lane), report_.start + took, took});
  }

  RunReport& report_;
  Nanoseconds free_[kShards] = {};
};

Nanoseconds some_time(std::mt19937& random, double scale) {
  const double unit = static_cast<double>(random() % 10000 + 1) / 10001.0;
  return Nanoseconds(static_cast<std::int64_t>(scale * 1e6 * (0.3 + 1.0 / (1.02 - unit) / 8)));
}

const char* const kSuites[] = {"OrderStore", "Ledger/Postings", "SearchIndex",
                               "HttpParser", "Schema",          "RateLimiterTest"};
const char* const kVerbs[] = {"Reads",   "Writes",  "Rejects",  "Merges",  "RoundTrips",
                              "Expires", "Rotates", "Compacts", "Streams", "Recovers"};
const char* const kNouns[] = {"EmptyInput", "DuplicateKeys",     "LateRows",   "BrokenHeaders",
                              "HugeValues", "ConcurrentWriters", "Timestamps", "UnicodeNames"};

void add_tests(ReportBuilder& builder, Lanes& lanes, std::uint32_t count, double scale) {
  std::mt19937 random(7);
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::string name =
        std::string(kVerbs[i / 6 % 10]) + kNouns[i / 60 % 8] + (i < 480 ? "" : std::to_string(i / 480));
    auto& row = builder.test(kSuites[i % 6], name, Outcome::passed);
    lanes.place(row.attempts[0], some_time(random, scale));
    if (i % 7 == 0) builder.listed().tags = {"lock:db"};
    if (i % 97 == 5) row.outcome = row.attempts[0].outcome = Outcome::skipped;
    builder.listed().file = "tests/" + std::string(kSuites[i % 6]).substr(0, 6) + "_test.cpp";
  }
}

void add_failures(ReportBuilder& builder, Lanes& lanes) {
  using std::chrono::milliseconds;
  Attempt failed =
      cleave::test::failed_attempt("Expected equality of these values:\n  order.total()\n    Which is: 41.97\n  42.00");
  failed.messages.push_back({cleave::report::MessageKind::failure, "tests/order_test.cpp", 91,
                             "Value of: order.is_settled()\n  Actual: false\nExpected: true"});
  failed.output = {"connecting to store at 127.0.0.1:41873\nrow 1 of 5000 written\nrow 2 of 5000 written\n",
                   "row 4999 of 5000 written\n\x1b[31mrounding 41.974999 to 41.97\x1b[0m\n", 81234};
  failed.properties = {{"rows", "5000"}, {"backend", "postgres 15"}};
  failed.files = "/build/cleave/store_tests/runs/1/tmp/s3";
  lanes.place(failed, milliseconds(92));
  builder.test("OrderStore", "SettlesWhenPaidInFull", {failed});

  Attempt crashed = cleave::test::attempt(Outcome::crashed, "killed by SIGSEGV at address 0x18");
  crashed.stacks =
      "thread 1 of 3 \"store_tests\", where it crashed\n  #0  Index::find(Key const&) const  src/index.cpp:118\n"
      "  #1  SearchIndex_FindsLateRows_Test::TestBody()  tests/search_test.cpp:64\nthread 2 of 3 \"flusher\"\n"
      "  #0  futex_wait\n  #1  Flusher::run()  src/flusher.cpp:40\n";
  crashed.output = cleave::test::output("loading segment 17\n");
  lanes.place(crashed, milliseconds(34));
  builder.test("SearchIndex", "FindsLateRows", {crashed, crashed}).attempts[1].attempt = 2;

  Attempt late = cleave::test::attempt(Outcome::timed_out, "no end after 250 ms: killed");
  lanes.place(late, milliseconds(250));
  builder.test("RateLimiterTest", "WaitsForTokens", {late});
  builder.test("Schema", "MigratesDown", std::vector<Attempt>{});

  Attempt first = cleave::test::failed_attempt("expected 200 but got 503 from the health check");
  lanes.place(first, milliseconds(41));
  Attempt second = cleave::test::attempt(Outcome::passed);
  second.attempt = 2;
  second.rung = cleave::plan::Rung::fresh_process;
  lanes.place(second, milliseconds(22));
  auto& flaky = builder.test("HttpParser", "KeepsConnectionAlive", {first, second});
  flaky.flaky = true;
  flaky.cause = "earlier tests left something behind: it passed in a fresh process";
  builder.disabled("Ledger", "DISABLED_ClosesTheYear");
}

RunReport run_of(const std::string& kind) {
  ReportBuilder builder;
  RunReport& report = builder.report();
  report.wall = {};
  report.shard_count = kShards;
  report.binary = "/build/tests/store_tests";
  report.run_id = "20261121-042432-f0e21e11";
  Lanes lanes(report);
  if (kind == "green") {
    add_tests(builder, lanes, 480, 9);
    cleave::report::Efficiency& efficiency = report.efficiency.emplace();
    efficiency.lanes = kShards;
    efficiency.took = report.wall;
    efficiency.predicted = std::chrono::milliseconds(1100);
    efficiency.bound = std::chrono::milliseconds(1000);
    efficiency.cause = cleave::report::Efficiency::Cause::lock;
    efficiency.bound_by = "db";
    efficiency.advice = "let fewer hold lock:db";
  }
  if (kind == "huge") add_tests(builder, lanes, 100'000, 0.5);
  if (kind == "red") {
    add_tests(builder, lanes, 300, 9);
    add_failures(builder, lanes);
    add_tests(builder, lanes, 120, 9);
    builder.problem("shard-2: exit status 23 after all tests passed").detail =
        "==4711==ERROR: LeakSanitizer: detected memory leaks\nDirect leak of 64 byte(s) in 1 object(s)";
    builder.problem("leaked process 4712 (sleep) was ended").warning = true;
    report.notes = {"12 serial tests were not selected"};
    report.costs.push_back({"OrderStore", "shard-3", report.start + report.wall / 2, std::chrono::milliseconds(180)});
    Attempt serial = cleave::test::attempt(Outcome::passed);
    lanes.place_serial(serial, std::chrono::milliseconds(140));
    builder.test("Schema", "SERIAL_Rebuilds", {serial});
    builder.listed().tags = {"serial"};
  }
  if (kind == "hostile") {
    const std::string evil =
        "</script><script>window.broken=1</script><img src=x onerror='window.broken=2'><!-- {{details}} \xE2\x80\xA8 "
        "\xE2\x80\xAE \x1b]0;t\x07 \xFF ' \" \\ ${window.broken=3}";
    Attempt failed = cleave::test::failed_attempt(evil);
    failed.messages[0].file = evil;
    failed.output = {evil, evil, 9999};
    failed.reason = failed.stacks = failed.files = evil;
    failed.properties = {{evil, evil}, {"__proto__", "1"}};
    lanes.place(failed, std::chrono::milliseconds(1));
    builder.test(evil, evil, {failed});
    builder.listed().file = evil;
    builder.listed().tags = {evil, "__proto__"};
    builder.test(evil, evil, Outcome::passed);
    builder.test("", "", Outcome::passed);
    builder.test("__proto__", "constructor", Outcome::passed);
    builder.problem(evil).detail = evil;
    report.target = report.host = report.interrupted_by = evil;
    report.notes = {evil};
  }
  return report;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("usage: report_page green|red|hostile|huge FILE\n", stderr);
    return 2;
  }
  std::ofstream(argv[2], std::ios::binary) << cleave::report::html_report(run_of(argv[1]));
  return 0;
}
