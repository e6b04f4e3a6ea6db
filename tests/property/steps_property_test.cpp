// Random trees of groups: whatever fails or is cancelled, nothing runs twice, nothing is lost, and all of it ends.

#include <gtest/gtest.h>
#include <cleave/steps.hpp>

#include <atomic>
#include <memory>
#include <stdexcept>
#include <vector>

#include "property.hpp"

namespace cleave {
namespace {

/// A step: a leaf, which may fail, or one that starts a group of others.
struct Node {
  std::vector<std::unique_ptr<Node>> children;
  std::size_t at_most = 1;
  bool collect_all = false;
  bool fails = false;
  std::atomic<int> begun{0};
};

std::unique_ptr<Node> tree(test::Choices& choices, std::uint32_t depth) {
  auto node = std::make_unique<Node>();
  node->at_most = choices.number(1, 8);
  node->collect_all = choices.chance(50);
  if (depth > 0) {
    for (std::uint32_t i = choices.number(0, 4); i > 0; --i) node->children.push_back(tree(choices, depth - 1));
  }
  node->fails = node->children.empty() && choices.chance(10);
  return node;
}

void run(Node& node) {
  ++node.begun;
  if (node.fails) throw std::runtime_error("planted");
  Steps options = Steps().at_most(node.at_most);
  if (node.collect_all) options.strategy(Strategy::collect_all);
  parallel(options, node.children, [](const std::unique_ptr<Node>& child) { run(*child); });
}

bool has_failure(const Node& node) {
  if (node.fails) return true;
  for (const auto& child : node.children) {
    if (has_failure(*child)) return true;
  }
  return false;
}

void expect_sound(const Node& node, bool all_must_run) {
  EXPECT_LE(node.begun, 1);
  if (all_must_run) {
    EXPECT_EQ(node.begun, 1);
  }
  for (const auto& child : node.children) {
    if (child->begun > 0) {
      EXPECT_EQ(node.begun, 1) << "a step ran inside of one that did not";
    }
    expect_sound(*child, all_must_run);
  }
}

// R26, R27, R28
TEST(StepsProperties, EachStepOfATreeRunsAtMostOnceAndAFailureComesOut) {
  for (const std::uint64_t seed : test::seeds({}, 300)) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    test::Choices choices(seed);
    const auto root = tree(choices, choices.number(1, 4));
    bool threw = false;
    try {
      run(*root);
    } catch (const std::exception&) {
      threw = true;
    }
    EXPECT_EQ(threw, has_failure(*root));
    expect_sound(*root, !threw);
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace cleave
