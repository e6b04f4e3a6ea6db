#include "cli/graph_tree.hpp"

#include <algorithm>
#include <deque>
#include <iterator>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "cli/columns.hpp"

namespace cleave::cli {
namespace {

constexpr std::size_t kMostNames = 60;   ///< In one list.
constexpr std::size_t kMostLevels = 12;  ///< Of branches within branches; what is deeper begins at the left again.

/// Nodes that wait for the same and that the same waits for.
struct Bundle {
  std::vector<std::uint32_t> nodes;
  std::vector<std::string> outside;  ///< What they wait for beyond the tasks shown.
  std::vector<std::size_t> before;   ///< Bundles.
  std::vector<std::size_t> behind;
  bool told = false;
};

class Tree {
 public:
  Tree(const plan::TaskGraph& graph, const std::vector<std::uint32_t>& tasks) : graph_(graph) {
    shown_.insert(tasks.begin(), tasks.end());
    for (const std::uint32_t task : tasks) {
      for (const std::uint32_t first : graph.before[task]) {
        if (is_all_of(first)) shown_.insert(first);
      }
    }
    bundle();
  }

  std::string text() && {
    for (std::size_t i = 0; i < bundles_.size(); ++i) {
      if (bundles_[i].before.empty()) later_.push_back(i);
    }
    while (!later_.empty()) {
      const std::size_t next = later_.front();
      later_.pop_front();
      if (!bundles_[next].told) tell(next, "  ", "  ", 0);
    }
    return std::move(text_);
  }

 private:
  bool is_all_of(std::uint32_t node) const {
    return !graph_.is_task(node) && graph_.junctions[node - graph_.tasks.size()].kind == plan::Junction::Kind::all_of;
  }

  /// A checkpoint orders the two anyway.
  bool is_ordered_by_phase(std::uint32_t first, std::uint32_t later) const {
    const auto phase = graph_.phase_of[later];
    return phase != plan::kNoPhase && graph_.phase_of[first] != plan::kNoPhase && graph_.phase_of[first] < phase;
  }

  void bundle() {
    std::map<std::uint32_t, std::vector<std::uint32_t>> before;
    std::map<std::uint32_t, std::vector<std::uint32_t>> behind;
    std::map<std::uint32_t, std::vector<std::string>> outside;
    for (const std::uint32_t node : shown_) {
      for (const std::uint32_t first : graph_.before[node]) {
        if (shown_.count(first) != 0) {
          before[node].push_back(first);
          behind[first].push_back(node);
        } else if (graph_.is_task(node) && graph_.is_task(first) && !is_ordered_by_phase(first, node)) {
          outside[node].push_back(label(graph_.tasks[first].name));
        }
      }
    }
    using Twins =
        std::tuple<std::vector<std::uint32_t>, std::vector<std::uint32_t>, std::vector<std::string>, std::uint32_t>;
    std::map<Twins, std::size_t> known;  // Gates are told apart by their number.
    std::map<std::uint32_t, std::size_t> bundle_of;
    for (const std::uint32_t node : shown_) {
      const Twins twins(before[node], behind[node], outside[node], graph_.is_task(node) ? 0 : node);
      const auto place = known.emplace(twins, bundles_.size()).first;
      if (place->second == bundles_.size()) bundles_.push_back({{}, outside[node], {}, {}, false});
      bundles_[place->second].nodes.push_back(node);
      bundle_of[node] = place->second;
    }
    for (Bundle& each : bundles_) {
      each.before = bundles_of(before[each.nodes.front()], bundle_of);
      each.behind = bundles_of(behind[each.nodes.front()], bundle_of);
    }
  }

  static std::vector<std::size_t> bundles_of(const std::vector<std::uint32_t>& nodes,
                                             const std::map<std::uint32_t, std::size_t>& bundle_of) {
    std::set<std::size_t> bundles;
    for (const std::uint32_t node : nodes) bundles.insert(bundle_of.at(node));
    return {bundles.begin(), bundles.end()};
  }

  std::string junction_name(std::uint32_t node) const {
    return "all of " + label(graph_.junctions[node - graph_.tasks.size()].name);
  }

  /// "2,", "3,", "4", and in brackets what they wait for elsewhere.
  std::vector<std::string> words_of(const Bundle& bundle) const {
    if (!graph_.is_task(bundle.nodes.front())) return {junction_name(bundle.nodes.front())};
    std::vector<std::string> words = name_list(graph_, bundle.nodes);
    for (std::size_t i = 0; i < bundle.outside.size(); ++i) {
      words.push_back((i == 0 ? "(after " : "") + bundle.outside[i] + (i + 1 == bundle.outside.size() ? ")" : ","));
    }
    return words;
  }

  /// All that it waits for stands above, and it does not.
  bool is_next(std::size_t number) const {
    const Bundle& bundle = bundles_[number];
    return !bundle.told && std::ranges::all_of(bundle.before, [&](std::size_t first) { return bundles_[first].told; });
  }

  /// The name of one of them, for where the bundle itself does not stand.
  std::string mention_of(const Bundle& bundle) const {
    if (!graph_.is_task(bundle.nodes.front())) return junction_name(bundle.nodes.front()) + " …";
    return label(graph_.tasks[bundle.nodes.front()].name) + (bundle.nodes.size() > 1 ? ", …" : " …");
  }

  /// A line for as long as the way does not branch, then a branch for each that follows.
  void tell(std::size_t number, const std::string& first, const std::string& rest, std::size_t level) {
    std::vector<std::string> words = words_of(bundles_[number]);
    bundles_[number].told = true;
    std::vector<std::size_t> branches = bundles_[number].behind;
    while (branches.size() == 1) {
      const std::size_t next = branches.front();
      const bool elsewhere = !is_next(next);
      words.emplace_back("→");
      branches.clear();
      if (elsewhere) {
        words.push_back(mention_of(bundles_[next]));
      } else {
        std::ranges::move(words_of(bundles_[next]), std::back_inserter(words));
        bundles_[next].told = true;
        branches = bundles_[next].behind;
      }
    }
    text_ += wrapped(words, first, rest + (branches.empty() ? "   " : "│  "));
    for (std::size_t i = 0; i < branches.size(); ++i) {
      const bool last = i + 1 == branches.size();
      const std::string start = rest + (last ? "└─ " : "├─ ");
      const std::string below = rest + (last ? "   " : "│  ");
      const bool next = is_next(branches[i]);
      if (next && level < kMostLevels) {
        tell(branches[i], start, below, level + 1);
      } else {
        if (next) later_.push_back(branches[i]);
        text_ += start + mention_of(bundles_[branches[i]]) + "\n";
      }
    }
  }

  const plan::TaskGraph& graph_;
  std::set<std::uint32_t> shown_;  ///< Nodes.
  std::vector<Bundle> bundles_;
  std::deque<std::size_t> later_;
  std::string text_;
};

}  // namespace

std::string graph_tree(const plan::TaskGraph& graph, const std::vector<std::uint32_t>& tasks) {
  return Tree(graph, tasks).text();
}

std::vector<std::string> name_list(const plan::TaskGraph& graph, const std::vector<std::uint32_t>& tasks) {
  std::vector<std::string> words;
  for (std::size_t i = 0; i < tasks.size() && i < kMostNames; ++i) {
    const bool last = i + 1 == tasks.size();
    words.push_back(label(graph.tasks[tasks[i]].name) + (last ? "" : ","));
  }
  if (tasks.size() > kMostNames) words.push_back("… (" + std::to_string(tasks.size() - kMostNames) + " more)");
  return words;
}

}  // namespace cleave::cli
