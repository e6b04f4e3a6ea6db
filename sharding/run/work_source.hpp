#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "os/file.hpp"
#include "os/memory.hpp"
#include "plan/lane.hpp"
#include "run/queue.hpp"
#include "run/run_context.hpp"
#include "run/shard_fixtures.hpp"

namespace cleave::run {

/// Where one lane gets its items: from the shared queue, or from a fixed list. Takes the locks that an item holds on
/// the way, and holds them until they are no longer needed.
class ShardSource : public plan::WorkSource {
 public:
  struct Setup {
    const RunContext* context = nullptr;
    Queue* queue = nullptr;
    ShardFixtures* fixtures = nullptr;
    std::uint32_t part = 0;
    std::uint32_t lane = 0;
    bool keeps_room = false;          ///< A test's weight stays taken until its worker asks for more, or ends.
    bool fixed = false;               ///< Exactly `only`, instead of claims from the queue.
    std::vector<std::uint32_t> only;  ///< Ascending.
    /// Told of every item that comes to its outcome without running, and why.
    std::function<void(std::uint32_t item, std::string why)> on_not_run;
  };
  explicit ShardSource(Setup setup);

  plan::Claim claim(std::int64_t after, std::uint32_t want, plan::Isolation isolation,
                    plan::Nanoseconds budget) override;
  bool is_exclusive(std::uint32_t item) override;
  bool claim_again(std::uint32_t item, bool alone) override;
  bool others_work() override { return setup_.queue->others_work(setup_.lane); }
  bool spend_retry() override { return setup_.queue->spend_retry(); }
  std::uint32_t free_items() override;
  std::string stopped() override { return setup_.queue->stopped(); }

  /// What the item in hand held is no longer needed.
  void release();
  /// The lane's worker ended.
  void worker_ended();

 private:
  void drop_those_without_fixture(plan::Claim& claimed);
  plan::ClaimRequest request();
  plan::Claim claim_from_queue(plan::ClaimRequest request);
  plan::Claim claim_fixed(std::int64_t after);
  const std::vector<plan::LockUse>& locks_of(std::uint32_t item) const;
  bool take_locks(std::uint32_t item);

  Setup setup_;
  std::vector<std::uint32_t> left_;
  std::uint32_t group_ = 0;
  std::vector<os::FileLock> locks_;
  std::optional<os::MemoryGauge> memory_;  ///< Where a test says what it needs.
};

}  // namespace cleave::run
