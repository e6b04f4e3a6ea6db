#include "cli/status_board.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "cli/columns.hpp"
#include "plan/codec.hpp"
#include "report/text.hpp"

namespace cleave::cli {
namespace {

constexpr std::uint32_t kVersion = 1;

/// The newest execution of a shard.
struct Execution {
  report::ExecutionBegin begin;
  bool ended = false;
};

/// "shard-10" behind "shard-9".
bool before(const std::string& a, const std::string& b) {
  return a.size() != b.size() && a.starts_with("shard-") && b.starts_with("shard-") ? a.size() < b.size() : a < b;
}

}  // namespace

StatusBoard status_of(const report::MergeInput& told) {
  const plan::Plan& plan = *told.plan;
  const plan::TestList& list = told.frame.list;
  const auto name = [&](std::uint32_t item) {
    return plan::full_name(list.tests[plan.items[item].index], list.framework);
  };
  StatusBoard board;
  board.total = static_cast<std::uint32_t>(plan.items.size());
  std::vector<bool> done(plan.items.size(), false);
  std::vector<bool> red(plan.items.size(), false);
  std::map<std::string, Execution> executions;
  for (const report::Journal& journal : told.journals) {
    Execution* current = nullptr;
    report::for_each_record(journal, [&](const report::Record& record) {
      if (const auto* begin = std::get_if<report::ExecutionBegin>(&record)) {
        current = &executions[begin->shard];
        *current = Execution{*begin, false};
      } else if (const auto* one = std::get_if<report::AttemptRecord>(&record); one && one->item < done.size()) {
        done[one->item] = !one->attempt.tried_again;
        red[one->item] = !plan::is_green(one->attempt.outcome);
      } else if (const auto* stop = std::get_if<report::StopRecord>(&record)) {
        if (board.stopped.empty()) board.stopped = stop->why;
      } else if (std::holds_alternative<report::ExecutionEnd>(record) && current != nullptr) {
        current->ended = true;
      }
    });
  }
  std::set<std::uint32_t> red_tests;
  for (std::size_t item = 0; item < done.size(); ++item) {
    if (!done[item]) continue;
    ++board.done;
    if (red[item]) red_tests.insert(plan.items[item].index);
  }
  for (const std::uint32_t index : red_tests) board.red.push_back(plan::full_name(list.tests[index], list.framework));
  for (const auto& [shard, execution] : executions) {
    StatusBoard::Lane lane;
    lane.shard = shard;
    const auto queue = told.queues.find(execution.begin.queue);
    const std::uint32_t number = execution.begin.lane;
    if (execution.ended) {
      lane.state = StatusBoard::Lane::State::ended;
    } else if (queue != told.queues.end()) {
      const auto running = queue->second.now.find(number);
      if (running != queue->second.now.end() && running->second.item < done.size() && !done[running->second.item]) {
        lane.state = StatusBoard::Lane::State::runs;
        lane.test = name(running->second.item);
        lane.since = running->second.since;
      }
    }
    board.lanes.push_back(std::move(lane));
  }
  std::ranges::sort(board.lanes, [](const auto& a, const auto& b) { return before(a.shard, b.shard); });
  return board;
}

std::string status_text(const StatusBoard& board, const std::string& headline, report::UnixTime now) {
  std::string text = headline + "\n" + std::to_string(board.done) + " of " + std::to_string(board.total) +
                     (board.total == 1 ? " test done" : " tests done");
  if (!board.red.empty()) text += ", " + std::to_string(board.red.size()) + " red";
  text += "\n";
  if (!board.stopped.empty()) text += "nothing more starts: " + report::one_line(board.stopped) + "\n";
  std::size_t width = 0;
  for (const StatusBoard::Lane& lane : board.lanes) width = std::max(width, lane.shard.size());
  for (const StatusBoard::Lane& lane : board.lanes) {
    text += "  " + left(lane.shard, width) + "  ";
    switch (lane.state) {
      case StatusBoard::Lane::State::runs:
        text += label(lane.test) + "  (for " +
                report::duration_text(std::max(now - lane.since, report::Nanoseconds::zero())) + ")";
        break;
      case StatusBoard::Lane::State::rests: text += "between two tests"; break;
      case StatusBoard::Lane::State::ended: text += "has ended"; break;
    }
    text += "\n";
  }
  for (const std::string& test : board.red) text += "  red: " + label(test) + "\n";
  return text;
}

std::string encode_board(const StatusBoard& board) {
  plan::Writer out;
  out.number(kVersion);
  out.number(board.total);
  out.number(board.done);
  out.text(board.stopped);
  out.number(static_cast<std::uint32_t>(board.red.size()));
  for (const std::string& test : board.red) out.text(test);
  out.number(static_cast<std::uint32_t>(board.lanes.size()));
  for (const StatusBoard::Lane& lane : board.lanes) {
    out.text(lane.shard);
    out.number(static_cast<std::uint8_t>(lane.state));
    out.text(lane.test);
    out.number(lane.since.count());
  }
  return std::string(out.bytes());
}

std::optional<StatusBoard> decode_board(std::string_view bytes) {
  plan::Reader in(bytes);
  if (in.number<std::uint32_t>() != kVersion) return std::nullopt;
  StatusBoard board;
  board.total = in.number<std::uint32_t>();
  board.done = in.number<std::uint32_t>();
  board.stopped = in.text();
  const auto red = in.number<std::uint32_t>();
  for (std::uint32_t i = 0; i < red && in.ok(); ++i) board.red.push_back(in.text());
  const auto lanes = in.number<std::uint32_t>();
  for (std::uint32_t i = 0; i < lanes && in.ok(); ++i) {
    StatusBoard::Lane lane;
    lane.shard = in.text();
    const auto state = in.number<std::uint8_t>();
    if (state > static_cast<std::uint8_t>(StatusBoard::Lane::State::ended)) return std::nullopt;
    lane.state = static_cast<StatusBoard::Lane::State>(state);
    lane.test = in.text();
    lane.since = report::UnixTime(in.number<std::int64_t>());
    board.lanes.push_back(std::move(lane));
  }
  if (!in.ok() || !in.at_end()) return std::nullopt;
  return board;
}

}  // namespace cleave::cli
