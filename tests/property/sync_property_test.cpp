// Any sequence of calls, at any times, with any deaths: rates are kept and used up, and the table shows who is there.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <set>
#include <thread>

#include "../support/property.hpp"
#include "cleave/detail/sync_table.hpp"
#include "sync/gcra.hpp"

namespace cleave::detail {
namespace {

using std::chrono::nanoseconds;
using test::Choices;

/// The time at which each of the callers, who come at `times`, is allowed.
std::vector<std::int64_t> allowed_times(const Gcra& gcra, const std::vector<std::int64_t>& times) {
  std::vector<std::int64_t> allowed;
  std::int64_t arrival = 0;
  for (const std::int64_t now : times) {
    const GcraStep step = gcra_step(gcra, arrival, now);
    arrival = step.arrival;
    allowed.push_back(step.allowed_at);
  }
  return allowed;
}

struct Schedule {
  double rate = 1;
  unsigned burst = 1;
  Gcra gcra;
  std::vector<std::int64_t> times;
};

Schedule random_schedule(Choices& choices) {
  Schedule schedule;
  schedule.rate = choices.chance(50) ? choices.number(1, 1000) : choices.number(1, 1'000'000) / 1000.0;
  schedule.burst = choices.chance(40) ? 1 : choices.number(1, 20);
  schedule.gcra = gcra_of(schedule.rate, schedule.burst);
  std::int64_t now = choices.number(0, 1'000'000'000);
  const std::uint32_t count = choices.number(1, 150);
  // Crowds, trickles and long pauses.
  const std::uint32_t most = choices.one_of(std::vector<std::uint32_t>{0, 1, 50, 200, 1000});
  for (std::uint32_t i = 0; i < count; ++i) {
    schedule.times.push_back(now);
    now += schedule.gcra.interval / 100 * choices.number(0, most);
  }
  return schedule;
}

// R09.
TEST(GcraProperty, InNoStretchOfTimeIsMoreAllowedThanTheBurstAndTheRate) {
  for (const std::uint64_t seed : test::seeds({}, 300)) {
    SCOPED_TRACE("CLEAVE_PROPERTY_SEED=" + std::to_string(seed));
    Choices choices(seed);
    const Schedule schedule = random_schedule(choices);
    const auto allowed = allowed_times(schedule.gcra, schedule.times);
    for (std::size_t from = 0; from < allowed.size(); ++from) {
      for (std::size_t to = from; to < allowed.size(); ++to) {
        const auto seconds = static_cast<double>(allowed[to] - allowed[from]) / 1e9;
        ASSERT_LE(static_cast<double>(to - from + 1), schedule.burst + schedule.rate * seconds + 1e-6);
      }
    }
  }
}

TEST(GcraProperty, NobodyIsAllowedBeforeComingOrLaterThanABucketWouldAllow) {
  for (const std::uint64_t seed : test::seeds({}, 300)) {
    SCOPED_TRACE("CLEAVE_PROPERTY_SEED=" + std::to_string(seed));
    Choices choices(seed);
    const Schedule schedule = random_schedule(choices);
    const auto allowed = allowed_times(schedule.gcra, schedule.times);
    // Another way to the same: a bucket that fills with one token an interval and holds `burst` of them.
    std::int64_t at = schedule.times.front();
    std::int64_t level = schedule.gcra.interval * schedule.burst;  // In nanoseconds of filling.
    for (std::size_t i = 0; i < allowed.size(); ++i) {
      const std::int64_t come = std::max(schedule.times[i], at);
      level = std::min(level + (come - at), schedule.gcra.interval * schedule.burst);
      at = come + std::max(std::int64_t{0}, schedule.gcra.interval - level);
      level = std::max(std::int64_t{0}, level - schedule.gcra.interval);
      ASSERT_EQ(allowed[i], at) << i;
    }
  }
}

TEST(GcraProperty, NoNumbersOverflow) {
  for (const std::uint64_t seed : test::seeds({}, 300)) {
    SCOPED_TRACE("CLEAVE_PROPERTY_SEED=" + std::to_string(seed));
    Choices choices(seed);
    const double rate = std::pow(10.0, static_cast<double>(choices.number(0, 600)) - 300.0);
    const unsigned burst = choices.chance(50) ? choices.number(1, 1000) : ~0U - choices.number(0, 10);
    const Gcra gcra = gcra_of(rate, burst);
    ASSERT_GE(gcra.interval, 1);
    ASSERT_GE(gcra.tolerance, 0);
    std::int64_t arrival = 0;
    const std::int64_t now = std::int64_t{choices.number(0, ~0U)} << choices.number(0, 24);
    for (unsigned i = 0; i < 20; ++i) {
      const GcraStep step = gcra_step(gcra, arrival, now);
      ASSERT_GE(step.allowed_at, now);
      if (i >= burst) {
        ASSERT_GT(step.allowed_at, now);
      }
      ASSERT_GE(step.arrival, arrival);
      ASSERT_LE(step.arrival, kGcraNever);
      arrival = step.arrival;
    }
  }
}

SyncOwner random_owner(Choices& choices) { return {static_cast<int>(choices.number(1, 12)), choices.number(1, 3)}; }

// Processes come, hold, die and come again under the same number; the table is what a list of the living would be.
TEST(SyncTableProperty, ShowsEveryLivingHoldAndNoDeadOne) {
  struct Entry {
    SyncOwner owner;
    std::string who;
    std::int64_t since = 0;
  };
  for (const std::uint64_t seed : test::seeds({}, 150)) {
    SCOPED_TRACE("CLEAVE_PROPERTY_SEED=" + std::to_string(seed));
    Choices choices(seed);
    const auto table = std::make_unique<SyncTable>();
    std::map<int, Entry> model;
    std::set<std::uint64_t> dead;
    const SyncAlive alive = [&](const SyncOwner& owner) { return dead.count(owner.packed()) == 0; };
    const std::uint32_t deaths = choices.number(0, 20);
    nanoseconds now{1'000'000'000};
    for (int step = 0; step < 200; ++step) {
      now += std::chrono::milliseconds(choices.number(0, 40));
      const SyncOwner owner = random_owner(choices);
      if (choices.chance(deaths / 4)) {
        dead.insert(owner.packed());
        std::erase_if(model, [&](const auto& each) { return each.second.owner.packed() == owner.packed(); });
      } else if (choices.chance(40) && !model.empty()) {
        const auto place = std::next(model.begin(), choices.number(0, static_cast<std::uint32_t>(model.size()) - 1));
        free_sync_entry(*table, place->first, place->second.owner);
        model.erase(place);
      } else if (alive(owner)) {
        const int index = claim_sync_entry(*table, owner, now, alive);
        if (index < 0) continue;  // Full, which the next expectation does not hide: see below.
        ASSERT_EQ(model.count(index), 0U) << "an entry of a living process was taken";
        const Entry entry{owner, "test " + std::to_string(step), step};
        write_sync_entry(*table, index, owner, SyncState::exclusive, SyncLabel::mutex, nanoseconds(step), entry.who);
        model[index] = entry;
      }
      const auto seen = read_sync_table(*table, alive);
      ASSERT_EQ(seen.size(), model.size());
      for (const SyncSeen& each : seen) {
        const auto place =
            std::find_if(model.begin(), model.end(), [&](const auto& entry) { return entry.second.who == each.who; });
        ASSERT_NE(place, model.end()) << each.who;
        ASSERT_EQ(place->second.owner.packed(), each.owner.packed());
        ASSERT_EQ(place->second.since, each.since.count());
      }
    }
    // Whatever was before: with time to look for the dead, all that is not held can be had.
    now += std::chrono::seconds(1);
    const SyncOwner last{4'194'303, 5};
    std::size_t had = 0;
    while (had <= kSyncEntries && claim_sync_entry(*table, last, now, alive) >= 0) {
      ++had;
      now += std::chrono::seconds(1);
    }
    ASSERT_EQ(had, kSyncEntries - model.size());
  }
}

TEST(SyncTableProperty, OwnersComeBackFromTheirPackedForm) {
  for (const std::uint64_t seed : test::seeds({}, 200)) {
    SCOPED_TRACE("CLEAVE_PROPERTY_SEED=" + std::to_string(seed));
    Choices choices(seed);
    const SyncOwner owner{static_cast<int>(choices.number(1, (1U << 22U) - 1)),
                          std::uint64_t{choices.number(0, ~0U)} << choices.number(0, 10)};
    const SyncOwner back = SyncOwner::unpacked(owner.packed());
    ASSERT_EQ(back.pid, owner.pid);
    ASSERT_EQ(back.start_ticks, owner.start_ticks);
    ASSERT_NE(owner.packed(), 0U);
  }
}

// Readers never see one half of an entry and another half of its successor.
TEST(SyncTableProperty, IsReadWholeWhileOthersWrite) {
  const auto table = std::make_unique<SyncTable>();
  const SyncAlive alive = [](const SyncOwner&) { return true; };
  std::atomic<bool> stop{false};
  std::vector<std::thread> writers;
  for (int writer = 1; writer <= 2; ++writer) {
    writers.emplace_back([&, writer] {
      const SyncOwner owner{writer * 64, 1};  // Both begin to look at the same entry.
      for (int i = 0; !stop; ++i) {
        const int index = claim_sync_entry(*table, owner, nanoseconds(0), alive);
        const std::string who(static_cast<std::size_t>(1 + i % 150), static_cast<char>('a' + i % 26));
        write_sync_entry(*table, index, owner, SyncState::exclusive, SyncLabel::mutex, nanoseconds(i), who);
        free_sync_entry(*table, index, owner);
      }
    });
  }
  int seen = 0;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (seen < 20'000 && std::chrono::steady_clock::now() < end) {
    for (const SyncSeen& each : read_sync_table(*table, alive)) {
      const auto i = static_cast<std::size_t>(each.since.count());
      EXPECT_EQ(each.who, std::string(1 + i % 150, static_cast<char>('a' + i % 26)));
      ++seen;
    }
  }
  stop = true;
  for (std::thread& writer : writers) writer.join();
  EXPECT_GT(seen, 0);
}

}  // namespace
}  // namespace cleave::detail
