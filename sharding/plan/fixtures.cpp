#include "plan/fixtures.hpp"

#include <algorithm>

#include "plan/nearest.hpp"
#include "plan/settings.hpp"

namespace cleave::plan {
namespace {

constexpr std::uint32_t kNone = UINT32_MAX;

Error usage(const FixtureSpec& fixture, const std::string& what) {
  return Error{Errc::usage, fixture.place + ": fixture '" + fixture.name + "' " + what, 0};
}

std::uint32_t find(std::span<const FixtureSpec> fixtures, std::string_view name) {
  for (std::uint32_t i = 0; i < fixtures.size(); ++i) {
    if (fixtures[i].name == name) return i;
  }
  return kNone;
}

/// Visits what is needed before what needs it. Finds the first cycle, as the names along it.
class DepthFirst {
 public:
  explicit DepthFirst(std::span<const FixtureSpec> fixtures)
      : fixtures_(fixtures), state_(fixtures.size(), State::unseen) {}

  void visit(std::uint32_t at) {
    if (state_[at] == State::done) return;
    path_.push_back(at);
    if (state_[at] == State::open) {
      if (cycle_.empty()) {
        cycle_.assign(std::find(path_.begin(), path_.end(), at), path_.end());
      }
    } else {
      state_[at] = State::open;
      for (const std::string& need : fixtures_[at].needs) {
        if (const std::uint32_t next = find(fixtures_, need); next != kNone) visit(next);
      }
      state_[at] = State::done;
      order_.push_back(at);
    }
    path_.pop_back();
  }
  const std::vector<std::uint32_t>& order() const noexcept { return order_; }
  const std::vector<std::uint32_t>& cycle() const noexcept { return cycle_; }

 private:
  enum class State : std::uint8_t { unseen, open, done };
  std::span<const FixtureSpec> fixtures_;
  std::vector<State> state_;
  std::vector<std::uint32_t> path_;
  std::vector<std::uint32_t> order_;
  std::vector<std::uint32_t> cycle_;
};

Result<void> check_name(std::span<const FixtureSpec> fixtures, std::uint32_t at) {
  const FixtureSpec& fixture = fixtures[at];
  if (fixture.name == kNeedsNone) return usage(fixture, "has a name that is taken: 'needs:none' means no fixture");
  if (auto legal = check_lock_name(fixture.name); !legal)
    return usage(fixture, "has no legal name: " + legal.error().what);
  if (const std::uint32_t first = find(fixtures, fixture.name); first < at) {
    return usage(fixture, "is declared twice: first at " + fixtures[first].place);
  }
  return {};
}

Result<void> check_needs(std::span<const FixtureSpec> fixtures, const FixtureSpec& fixture) {
  for (const std::string& need : fixture.needs) {
    const std::uint32_t other = find(fixtures, need);
    if (other == kNone) {
      std::vector<std::string_view> names;
      for (const FixtureSpec& each : fixtures) names.push_back(each.name);
      const std::string near = nearest(need, names);
      return usage(fixture, "needs '" + need + "', which this binary does not declare" +
                                (near.empty() ? "" : "; did you mean '" + near + "'?"));
    }
    if (!fixture.per_shard && fixtures[other].per_shard) {
      return usage(fixture, "is set up once per run and cannot need '" + need + "', of which each shard has its own");
    }
  }
  return {};
}

}  // namespace

Result<void> check_fixtures(std::span<const FixtureSpec> fixtures) {
  for (std::uint32_t i = 0; i < fixtures.size(); ++i) {
    if (auto good = check_name(fixtures, i); !good) return good;
  }
  DepthFirst search(fixtures);
  for (std::uint32_t i = 0; i < fixtures.size(); ++i) {
    if (auto good = check_needs(fixtures, fixtures[i]); !good) return good;
    search.visit(i);
  }
  if (search.cycle().empty()) return {};
  std::string around;
  for (const std::uint32_t at : search.cycle()) around += (around.empty() ? "'" : " → '") + fixtures[at].name + "'";
  return usage(fixtures[search.cycle().front()], "needs itself: " + around);
}

std::vector<std::uint32_t> set_up_order(std::span<const FixtureSpec> fixtures, std::span<const std::string> wanted) {
  DepthFirst search(fixtures);
  for (std::uint32_t i = 0; i < fixtures.size(); ++i) {
    if (std::find(wanted.begin(), wanted.end(), fixtures[i].name) != wanted.end()) search.visit(i);
  }
  return search.order();
}

std::vector<std::uint32_t> fixtures_of(std::span<const FixtureSpec> fixtures, const Constraints& constraints) {
  if (constraints.says_needs) return set_up_order(fixtures, constraints.needs);
  std::vector<std::string> wanted;
  for (const FixtureSpec& fixture : fixtures) {
    if (!fixture.per_shard) wanted.push_back(fixture.name);
  }
  return set_up_order(fixtures, wanted);
}

}  // namespace cleave::plan
