// Random trees of groups in which steps fail, wait, are tried again, and are cancelled from outside: what comes out is
// what a model of one line for each rule says, nothing runs twice, nothing is lost, nothing is left running, all ends.

#include <gtest/gtest.h>
#include <cleave/steps.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "property.hpp"

namespace cleave {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::Choices;

enum class Kind : std::uint8_t { leaf, parallel, outcomes, race };

/// A step: a leaf, or one that starts a group of others and returns the sum of their results, or the winner's.
struct Node {
  Kind kind = Kind::leaf;
  int result = 0;
  std::vector<std::unique_ptr<Node>> children;
  // Of a group.
  std::size_t at_most = 1;
  bool collect_all = false;
  bool cpu_bound = false;
  std::uint32_t attempts = 1;  ///< What its retry policy allows its steps.
  std::vector<Priority> priorities;
  std::atomic<int> running{0};
  std::atomic<int> most_running{0};
  std::atomic<int> calls{0};
  // Of a leaf.
  std::uint32_t failures = 0;  ///< How many attempts of each call fail.
  int waits_ms = 0;            ///< A minute when it only ends by being cancelled.
  // Of both.
  std::atomic<int> begun{0};
  std::atomic<int> ended{0};
};

struct Failed : std::runtime_error {
  Failed() : std::runtime_error("planted") {}
};

std::unique_ptr<Node> tree(Choices& choices, std::uint32_t depth, bool with_sleepers) {
  auto node = std::make_unique<Node>();
  if (depth == 0 || choices.chance(15)) {
    node->result = static_cast<int>(choices.number(0, 1000));
    if (choices.chance(12)) node->failures = choices.number(1, 3);
    if (choices.chance(25)) node->waits_ms = static_cast<int>(choices.number(0, 3));
    if (with_sleepers && choices.chance(15)) node->waits_ms = 60'000;
    return node;
  }
  node->kind =
      choices.one_of(std::vector<Kind>{Kind::parallel, Kind::parallel, Kind::parallel, Kind::outcomes, Kind::race});
  node->at_most = choices.chance(30) ? 1024 : choices.number(1, 6);
  node->collect_all = choices.chance(50);
  node->cpu_bound = choices.chance(15);
  node->attempts = choices.chance(40) ? choices.number(2, 3) : 1;
  for (std::uint32_t i = choices.number(node->kind == Kind::race ? 1 : 0, 5); i > 0; --i) {
    node->children.push_back(tree(choices, depth - 1, with_sleepers));
    node->priorities.push_back(choices.one_of(std::vector<Priority>{Priority::high, Priority::normal, Priority::low}));
  }
  return node;
}

/// Whether a call of it throws when nothing is cancelled from outside, `allowed` being the attempts that it has.
bool fails(const Node& node, std::uint32_t allowed) {
  if (node.kind == Kind::leaf) return node.failures >= allowed;
  if (node.kind == Kind::outcomes) return false;
  const auto child_fails = [&](const auto& child) { return fails(*child, node.attempts); };
  if (node.kind == Kind::race) return std::all_of(node.children.begin(), node.children.end(), child_fails);
  return std::any_of(node.children.begin(), node.children.end(), child_fails);
}

class Case {
 public:
  Case(Node& root, const CancelToken& stop) : root_(root), stop_(stop) {}

  int run(Metrics& metrics) { return group(root_, Steps().stop(stop_).metrics(metrics)); }
  std::uint64_t attempts() const { return attempts_; }
  int running() const { return running_; }

 private:
  /// Counts what runs at once, in the group and altogether.
  struct Running {
    Running(Case& all, Node* group) : all_(all), group_(group) {
      ++all_.running_;
      const int now = ++group_->running;
      for (int seen = group_->most_running; now > seen && !group_->most_running.compare_exchange_weak(seen, now);) {
      }
    }
    ~Running() {
      --all_.running_;
      --group_->running;
    }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;
    Case& all_;
    Node* group_;
  };

  int step(Node& node, Node& group_node, Step& step) {
    const Running running(*this, &group_node);
    ++attempts_;
    ++node.begun;
    if (node.kind != Kind::leaf) {
      const int result = group(node, Steps());
      ++node.ended;
      return result;
    }
    if (node.waits_ms > 0) step.sleep_for(milliseconds(node.waits_ms));
    if (step.attempt() <= node.failures) throw Failed();
    ++node.ended;
    return node.result;
  }

  int group(Node& node, Steps options) {
    ++node.calls;
    options.at_most(node.at_most).strategy(node.collect_all ? Strategy::collect_all : Strategy::fail_fast);
    if (node.cpu_bound) options.cpu_bound();
    options.retry(RetryPolicy().attempts(node.attempts).first_delay(milliseconds(1)));
    const auto work = cleave::step([&](const std::unique_ptr<Node>& child, Step& step) {
                        return this->step(*child, node, step);
                      }).priority_of([&](const std::unique_ptr<Node>& child) {
      const auto same = [&](const auto& other) { return other.get() == child.get(); };
      const auto place = std::find_if(node.children.begin(), node.children.end(), same) - node.children.begin();
      return node.priorities[static_cast<std::size_t>(place)];
    });
    if (node.kind == Kind::race) return race(options, node.children, work);
    std::vector<int> results;
    if (node.kind == Kind::outcomes) {
      for (auto& outcome : parallel_outcomes(options, node.children, work)) {
        check_outcome(outcome);
        results.push_back(outcome.ok() ? outcome.value() : 0);
      }
    } else {
      results = parallel(options, node.children, work);
      check_order(node, results);
    }
    int sum = 0;
    for (const int result : results) sum += result;
    return sum;
  }

  static void check_outcome(Outcome<int>& outcome) {
    if (outcome.ok()) return;
    EXPECT_EQ(outcome.end() == StepEnd::not_started, outcome.attempts() == 0 && outcome.error() == nullptr);
    EXPECT_ANY_THROW(outcome.value());
  }
  static void check_order(const Node& node, const std::vector<int>& results) {
    ASSERT_EQ(results.size(), node.children.size());
    for (std::size_t i = 0; i < results.size(); ++i) {
      const Node& child = *node.children[i];
      EXPECT_TRUE(child.kind != Kind::leaf || results[i] == child.result) << i;
    }
  }

  Node& root_;
  CancelToken stop_;
  std::atomic<std::uint64_t> attempts_{0};
  std::atomic<int> running_{0};
};

/// Ends the process with a word when a case takes more than a minute: it would never end.
class Watchdog {
 public:
  explicit Watchdog(std::uint64_t seed)
      : thread_([this, seed] {
          std::unique_lock<std::mutex> lock(mutex_);
          if (changed_.wait_for(lock, seconds(60), [this] { return over_; })) return;
          std::fprintf(stderr, "seed %llu does not end\n", static_cast<unsigned long long>(seed));
          std::abort();
        }) {}
  ~Watchdog() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      over_ = true;
    }
    changed_.notify_one();
    thread_.join();
  }
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool over_ = false;
  std::thread thread_;
};

void expect_sound(const Node& node) {
  // A group that is tried again while it runs has its limit once for each call.
  EXPECT_LE(static_cast<std::size_t>(node.most_running), node.at_most * static_cast<std::size_t>(node.calls));
  for (const auto& child : node.children) {
    // Each call of the group begins each of its steps once, and again for each attempt that fails.
    EXPECT_LE(child->begun, node.calls * static_cast<int>(node.attempts));
    EXPECT_EQ(child->calls, child->kind == Kind::leaf ? 0 : child->begun.load());
    expect_sound(*child);
  }
}

/// When nothing failed for good and nothing was cancelled, each step ran exactly as often as its failures make it.
void expect_complete(const Node& node) {
  if (node.kind != Kind::parallel) return;
  for (const auto& child : node.children) {
    if (child->kind == Kind::leaf) {
      EXPECT_EQ(child->begun, node.calls * static_cast<int>(child->failures + 1));
      EXPECT_EQ(child->ended, node.calls);
    }
  }
}

void expect_metrics(const Metrics& metrics, std::uint64_t attempts) {
  std::uint64_t counted = 0;
  const auto groups = metrics.groups();
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const StepCounts& counts = groups[i].counts;
    counted += groups[i].attempts;
    EXPECT_EQ(counts.succeeded + counts.failed + counts.cancelled + counts.not_started, counts.steps);
    EXPECT_TRUE(i == 0 ? groups[i].parent == GroupMetrics::kNoParent : groups[i].parent < i);
    EXPECT_LE(groups[i].longest, groups[i].busy);
  }
  EXPECT_EQ(counted, attempts);
  EXPECT_NE(metrics.text(), "");
}

void expect_told(const StepError& error) {
  const StepCounts& counts = error.counts();
  EXPECT_EQ(counts.succeeded + counts.failed + counts.cancelled + counts.not_started, counts.steps);
  EXPECT_EQ(error.failures().size(), counts.failed);
  std::set<std::size_t> indices;
  for (const StepFailure& failure : error.failures()) {
    EXPECT_TRUE(indices.insert(failure.index).second);
    EXPECT_GE(failure.attempts, 1U);
    EXPECT_NE(std::string(error.what()).find(failure.path + ": "), std::string::npos);
  }
}

std::unique_ptr<Node> root_of(Choices& choices, bool with_sleepers) {
  const std::uint32_t depth = choices.number(1, 4);
  auto root = tree(choices, depth, with_sleepers);
  while (root->kind == Kind::leaf) root = tree(choices, depth, with_sleepers);
  return root;
}

// R26, R27, R28, R29, R31, R35
TEST(StepsProperty, TreeOfGroupsEndsAsItsFailuresSay) {
  for (const std::uint64_t seed : test::seeds({}, 300)) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const Watchdog watchdog(seed);
    Choices choices(seed);
    const auto root = root_of(choices, false);
    Case all(*root, CancelToken());
    Metrics metrics;
    bool threw = false;
    try {
      all.run(metrics);
    } catch (const StepError& error) {
      threw = true;
      EXPECT_EQ(error.reason(), StepError::Reason::failed);
      expect_told(error);
    }
    EXPECT_EQ(all.running(), 0);
    EXPECT_EQ(threw, fails(*root, 1));
    expect_sound(*root);
    if (!threw) expect_complete(*root);
    expect_metrics(metrics, all.attempts());
    if (HasFailure()) return;
  }
}

// R28: a cancellation reaches every group, however deep, and every step that sleeps in one.
TEST(StepsProperty, TreeOfGroupsThatIsStoppedEndsAtOnce) {
  for (const std::uint64_t seed : test::seeds({}, 200)) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const Watchdog watchdog(seed);
    Choices choices(seed);
    const auto root = root_of(choices, true);
    CancelSource source;
    Case all(*root, source.token());
    Metrics metrics;
    const milliseconds when(choices.number(0, 4));
    std::thread stopper([&] {
      std::this_thread::sleep_for(when);
      source.cancel();
    });
    const auto began = std::chrono::steady_clock::now();
    try {
      all.run(metrics);
    } catch (const StepError& error) {
      expect_told(error);
    }
    // No step sleeps its minute to the end.
    EXPECT_LT(std::chrono::steady_clock::now() - began, seconds(30));
    EXPECT_EQ(all.running(), 0);
    stopper.join();
    expect_sound(*root);
    expect_metrics(metrics, all.attempts());
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace cleave
