#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "cli/plain_list.hpp"
#include "cli/plain_story.hpp"
#include "cli/status_board.hpp"
#include "os/process.hpp"
#include "plan/costs.hpp"
#include "report/model.hpp"

namespace cleave::cli {

/// Units of one program that run in one process.
struct Batch {
  std::vector<std::size_t> units;
  std::uint32_t attempt = 1;  ///< More than 1: one unit is tried again.
  bool serial = false;        ///< Nothing else may run meanwhile.
  plan::Constraints needs{};  ///< Of a unit that needs something besides a job slot, and then has a batch to itself.
};

/// How the process of a batch ended, and what it told.
struct BatchEnd {
  Story story;
  os::ExitStatus status;
  std::string killed;  ///< Why we ended it, for example "killed after 2000 ms, the limit for one test"; or empty.
  bool timed_out = false;
  std::string shard;
  report::UnixTime start{};
  report::Nanoseconds wall{};
  report::Output output;  ///< Of the whole process.
};

/// What a user is told at once: indices of tests whose newest attempt is red, and how many problems are new.
struct News {
  std::vector<std::uint32_t> red;
  std::size_t problems = 0;
};

/// The run of one program without Cleave: which tests go into which process, and what follows from each end. Pure. A
/// test starts once for each attempt, unless Catch2's filters make it run along with another.
class PlainRun {
 public:
  /// @param frame without rows; the list tells which tests are selected.
  PlainRun(report::RunReport frame, Framework framework, std::vector<Unit> units, plan::Costs costs,
           std::uint32_t retries, bool one_at_a_time);

  bool has_work(bool serial) const noexcept {
    return !retries_of(serial).empty() || !(serial ? serial_ : parallel_).empty();
  }
  /// Takes locks, weight and memory for a unit, or takes nothing.
  using Take = std::function<bool(const plan::Constraints&)>;
  /// The next batch, of a size that keeps so many lanes busy to the end. Nothing when all that waits needs what `take`
  /// cannot have now. @pre has_work(serial)
  std::optional<Batch> next(bool serial, std::uint32_t lanes, const Take& take);
  /// Of what would start first. @pre has_work(serial)
  std::int32_t priority(bool serial) const;
  std::vector<std::string> selecting(const Batch& batch) const;
  /// Takes in what came of a batch.
  News took(const Batch& batch, BatchEnd end);
  /// The batch could not be started.
  News could_not_start(const Batch& batch, const std::string& why);
  /// Nothing more starts; what has not run is told to have been left out for this reason.
  void stop(const std::string& why);

  /// How far it is, without what runs now.
  StatusBoard board() const;
  /// How many tests are red as things stand.
  std::uint32_t red() const;
  const report::RunReport& report() const noexcept { return report_; }
  /// The report with the verdict of each test.
  report::RunReport& finish(report::Nanoseconds wall, const std::string& interrupted_by);

 private:
  const std::deque<Batch>& retries_of(bool serial) const noexcept { return serial ? serial_retries_ : retries_; }
  std::chrono::nanoseconds cost_of(std::size_t unit) const;
  bool is_bound(std::size_t unit) const noexcept;
  Batch alone(std::size_t unit, std::uint32_t attempt) const;
  Batch collect(std::deque<std::size_t>& waiting, std::size_t from, bool serial, std::uint32_t lanes);
  void sort_by_cost();
  void sort_by_priority();
  void try_groups_again(const Batch& batch);
  using TestsBySpelling = std::unordered_map<std::string, std::vector<std::uint32_t>>;
  std::optional<std::uint32_t> find(const TestsBySpelling& tests, const ToldTest& told,
                                    const std::vector<bool>& taken) const;
  void add(const Batch& batch, const BatchEnd& end, std::uint32_t test, report::Attempt attempt, News& news);
  void died(const Batch& batch, const BatchEnd& end, const std::vector<bool>& told, News& news);
  void ended(const Batch& batch, const BatchEnd& end, const std::vector<bool>& told, News& news);
  void leave(std::uint32_t test, const std::string& why, const std::string& shard);
  std::string own_title(const std::string& shard, const std::string& what) const;
  void trouble(const BatchEnd& end, const std::string& title, bool broken, News& news);

  report::RunReport report_;
  Framework framework_;
  std::vector<Unit> units_;
  plan::Costs costs_;
  std::uint32_t retries_allowed_ = 0;
  bool one_at_a_time_ = false;
  std::deque<std::size_t> parallel_;
  std::deque<std::size_t> serial_;
  std::deque<Batch> retries_;
  std::deque<Batch> serial_retries_;
  std::vector<std::optional<std::size_t>> alone_in_;  ///< By test: the unit in which it is alone.
  std::vector<std::string> spellings_;                ///< By test: how the framework's reporter tells its name.
  std::uint32_t deaths_in_a_row_ = 0;                 ///< Of processes in which no test came to its end.
  std::string stopped_;
};

}  // namespace cleave::cli
