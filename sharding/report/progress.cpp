#include "report/progress.hpp"

#include <algorithm>
#include <string_view>

namespace cleave::report {
namespace {

/// A mean of fewer tests says nothing about those to come.
constexpr std::uint32_t kEnoughForAMean = 5;

}  // namespace

Progress::Progress(const plan::Plan& plan, std::uint32_t lanes)
    : plan_(plan),
      lanes_(std::max(1U, lanes)),
      ended_(plan.items.size()),
      has_failed_(plan.items.size()),
      alone_(plan.items.size()) {
  for (const plan::Part& part : plan.parts) {
    if (part.name == "parallel" || part.begin == part.end) continue;
    const std::uint32_t first = plan.groups[part.begin].begin;
    std::fill_n(alone_.begin() + first, plan.items_of(part), true);
  }
  for (std::uint32_t item = 0; item < total(); ++item) {
    (alone_[item] ? left_alone_ : left_beside_) += expected(item);
    if (expected(item).count() == 0) ++(alone_[item] ? unknown_alone_ : unknown_beside_);
  }
}

Nanoseconds Progress::expected(std::uint32_t item) const {
  return item < plan_.expected.size() ? plan_.expected[item] : Nanoseconds{};
}

void Progress::on_attempt(const AttemptRecord& record, bool borne) {
  const std::uint32_t item = record.item;
  if (item >= total() || ended_[item]) return;
  const bool green = plan::is_green(record.attempt.outcome);
  took_ += record.attempt.duration;
  if (record.attempt.tried_again) {
    has_failed_[item] = has_failed_[item] || !green;
    return;
  }
  ended_[item] = true;
  ++done_;
  (alone_[item] ? left_alone_ : left_beside_) -= expected(item);
  if (expected(item).count() == 0) --(alone_[item] ? unknown_alone_ : unknown_beside_);
  const plan::Outcome outcome = record.attempt.outcome;
  if (outcome == plan::Outcome::not_run) {
    ++not_run_;
  } else if (!green) {
    ++(borne ? borne_ : failed_);
  } else {
    ++(outcome == plan::Outcome::passed ? passed_ : skipped_);
    if (has_failed_[item]) ++flaky_;
  }
}

std::string Progress::counts() const {
  std::string text = std::to_string(done_) + (done_ == 1 ? " test" : " tests");
  std::string_view before = ": ";
  const auto add = [&](std::uint32_t count, std::string_view what) {
    if (count == 0) return;
    text.append(before).append(std::to_string(count)).append(" ").append(what);
    before = ", ";
  };
  add(passed_, "passed");
  if (flaky_ > 0) text += " (" + std::to_string(flaky_) + " flaky)";
  add(skipped_, "skipped");
  add(failed_, "failed");
  add(borne_, "failed in quarantine");
  add(not_run_, "not run");
  return text;
}

std::optional<Nanoseconds> Progress::remaining(std::span<const LaneState> lanes, Nanoseconds now) const {
  if (done_ == total()) return Nanoseconds{};
  Nanoseconds each{};
  if (unknown_beside_ + unknown_alone_ > 0) {
    if (done_ < kEnoughForAMean) return std::nullopt;
    each = took_ / done_;
  }
  Nanoseconds beside = left_beside_ + each * unknown_beside_;
  Nanoseconds alone = left_alone_ + each * unknown_alone_;
  Nanoseconds longest{};
  for (const LaneState& lane : lanes) {
    if (lane.item < 0 || lane.item >= static_cast<std::int64_t>(total())) continue;
    const auto item = static_cast<std::uint32_t>(lane.item);
    if (ended_[item]) continue;
    const Nanoseconds whole = expected(item).count() == 0 ? each : expected(item);
    const Nanoseconds ran = std::clamp(now - lane.since, Nanoseconds{}, whole);
    (alone_[item] ? alone : beside) -= ran;
    if (!alone_[item]) longest = std::max(longest, whole - ran);
  }
  return std::max(longest, beside / lanes_) + alone;
}

}  // namespace cleave::report
