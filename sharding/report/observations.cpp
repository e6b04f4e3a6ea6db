#include "report/observations.hpp"

#include <algorithm>

#include "plan/codec.hpp"

namespace cleave::report {
namespace {

constexpr std::uint32_t kTakenVersion = 1;

bool was_started(const Attempt& attempt) {
  return attempt.outcome != plan::Outcome::not_run && attempt.outcome != plan::Outcome::disabled;
}

/// Looks at what was taken before, and notes what is taken now for the next time.
class Sieve {
 public:
  explicit Sieve(Taken& taken) : before_(taken), taken_(taken) {}
  bool is_new(const std::string& shard, UnixTime when) {
    const auto place = before_.find(shard);
    if (place != before_.end() && when <= place->second) return false;
    UnixTime& newest = taken_.try_emplace(shard, when).first->second;
    newest = std::max(newest, when);
    return true;
  }

 private:
  const Taken before_;
  Taken& taken_;
};

}  // namespace

plan::Observations observations_of(const RunReport& report, Taken& taken) {
  Sieve sieve(taken);
  plan::Observations seen;
  seen.tests.reserve(report.rows.size());
  for (const TestRow& row : report.rows) {
    plan::TestObservation test;
    test.index = row.index;
    for (const Attempt& attempt : row.attempts) {
      if (!was_started(attempt) || !sieve.is_new(attempt.shard, attempt.start)) continue;
      test.attempts.push_back({attempt.outcome, attempt.duration});
    }
    if (test.attempts.empty()) continue;
    test.red = !plan::is_green(row.outcome) && row.outcome != plan::Outcome::not_run;
    test.flaky = row.flaky;
    seen.tests.push_back(std::move(test));
  }
  std::vector<const SuiteCost*> costs;
  for (const SuiteCost& cost : report.costs) {
    if (sieve.is_new(cost.shard, cost.when)) costs.push_back(&cost);
  }
  std::stable_sort(costs.begin(), costs.end(), [](const auto* a, const auto* b) { return a->when < b->when; });
  for (const SuiteCost* cost : costs) seen.costs.push_back({cost->suite, cost->duration});
  return seen;
}

std::string encode_taken(const Taken& taken) {
  plan::Writer out;
  out.number(kTakenVersion);
  out.number(static_cast<std::uint32_t>(taken.size()));
  for (const auto& [shard, when] : taken) {
    out.text(shard);
    out.number(when.count());
  }
  return std::move(out.bytes());
}

Taken decode_taken(std::string_view bytes) {
  plan::Reader in(bytes);
  if (in.number<std::uint32_t>() != kTakenVersion) return {};
  Taken taken;
  const auto count = in.number<std::uint32_t>();
  for (std::uint32_t i = 0; i < count && in.ok(); ++i) {
    std::string shard = in.text();
    taken.insert_or_assign(std::move(shard), UnixTime(in.number<std::int64_t>()));
  }
  return in.ok() && in.at_end() ? taken : Taken{};
}

}  // namespace cleave::report
