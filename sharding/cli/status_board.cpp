#include "cli/status_board.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "cli/columns.hpp"
#include "report/text.hpp"

namespace cleave::cli {
namespace {

/// The newest execution of a shard.
struct Execution {
  report::ExecutionBegin begin;
  report::UnixTime heard{};  ///< When it last told anything.
  bool ended = false;
};

/// "shard-10" behind "shard-9".
bool before(const std::string& a, const std::string& b) {
  return a.size() != b.size() && a.starts_with("shard-") && b.starts_with("shard-") ? a.size() < b.size() : a < b;
}

}  // namespace

StatusBoard status_of(const report::MergeInput& told, report::UnixTime now) {
  const plan::Plan& plan = *told.plan;
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
        *current = Execution{*begin, begin->when, false};
      } else if (const auto* one = std::get_if<report::AttemptRecord>(&record); one && one->item < done.size()) {
        done[one->item] = !one->attempt.tried_again;
        red[one->item] = !plan::is_green(one->attempt.outcome);
        if (current != nullptr) current->heard = std::max(current->heard, one->attempt.start + one->attempt.duration);
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
  board.red.assign(red_tests.begin(), red_tests.end());
  for (const auto& [shard, execution] : executions) {
    StatusBoard::Lane lane;
    lane.shard = shard;
    const auto queue = told.queues.find(execution.begin.queue);
    const std::uint32_t number = execution.begin.lane;
    if (execution.ended) {
      lane.state = StatusBoard::Lane::State::ended;
    } else if (queue != told.queues.end() && number < queue->second.running.size()) {
      const std::uint32_t item = queue->second.running[number];
      if (item > 0 && item <= done.size() && !done[item - 1]) {
        lane.state = StatusBoard::Lane::State::runs;
        lane.test = plan.items[item - 1].index;
        lane.at_most = std::max(now - execution.heard, report::Nanoseconds::zero());
      }
    }
    board.lanes.push_back(std::move(lane));
  }
  std::ranges::sort(board.lanes, [](const auto& a, const auto& b) { return before(a.shard, b.shard); });
  return board;
}

std::string status_text(const StatusBoard& board, const plan::TestList& list, const std::string& headline) {
  const auto name = [&](std::uint32_t index) { return label(plan::full_name(list.tests[index], list.framework)); };
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
        text += name(lane.test) + "  (at most " + report::duration_text(lane.at_most) + ")";
        break;
      case StatusBoard::Lane::State::rests: text += "between two tests"; break;
      case StatusBoard::Lane::State::ended: text += "has ended"; break;
    }
    text += "\n";
  }
  for (const std::uint32_t index : board.red) text += "  red: " + name(index) + "\n";
  return text;
}

}  // namespace cleave::cli
