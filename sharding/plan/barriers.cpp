#include "plan/barriers.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>

#include "plan/nearest.hpp"

namespace cleave::plan {
namespace {

std::string place_of(const TestList& list, std::size_t test) {
  const TestCase& it = list.tests[test];
  return full_name(it, list.framework) + " (" + it.file + ":" + std::to_string(it.line) + ")";
}

std::optional<std::uint32_t> number_in(const std::string& text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

class Maker {
 public:
  Maker(const TestList& list, const std::vector<Constraints>& constraints, const std::vector<PhaseSpec>& phases)
      : list_(list), constraints_(constraints), phases_(phases) {}

  Result<Barriers> run() {
    const bool any = std::any_of(constraints_.begin(), constraints_.end(),
                                 [](const Constraints& each) { return !each.phase.empty() || !each.after.empty(); });
    if (!any) return Barriers{};
    made_.waits_for.resize(list_.tests.size());
    made_.member_of.resize(list_.tests.size());
    if (auto good = add_phases(); !good) return good.error();
    if (auto good = add_afters(); !good) return good.error();
    if (auto good = check_cycles(); !good) return good.error();
    return std::move(made_);
  }

 private:
  bool selected(std::size_t test) const { return list_.tests[test].selected; }

  Result<void> add_phases() {
    std::map<std::uint32_t, std::vector<std::uint32_t>> tests_of;  // By place of the phase.
    std::map<std::uint32_t, PhaseSpec> spec_of;
    for (std::uint32_t i = 0; i < list_.tests.size(); ++i) {
      const std::string& name = constraints_[i].phase;
      if (name.empty()) continue;
      const auto place = place_of_phase(name);
      if (!place) return unknown_phase(name, i);
      if (!selected(i)) continue;
      tests_of[*place].push_back(i);
      spec_of[*place] = phases_.empty() ? PhaseSpec{name} : phases_[*place];
    }
    const std::vector<std::uint32_t>* before = nullptr;
    std::uint32_t checkpoint = 0;
    for (const auto& [place, tests] : tests_of) {
      if (before != nullptr) {
        for (const std::uint32_t test : tests) made_.waits_for[test].push_back(checkpoint);
      }
      checkpoint = static_cast<std::uint32_t>(made_.all.size());
      made_.all.push_back(Barrier{"checkpoint " + spec_of[place].name, true, spec_of[place].timeout});
      for (const std::uint32_t test : tests) made_.member_of[test].push_back(checkpoint);
      before = &tests;
    }
    return {};
  }

  std::optional<std::uint32_t> place_of_phase(const std::string& name) const {
    if (phases_.empty()) return number_in(name);
    for (std::uint32_t i = 0; i < phases_.size(); ++i) {
      if (phases_[i].name == name) return i;
    }
    return std::nullopt;
  }

  Error unknown_phase(const std::string& name, std::size_t test) const {
    const std::string tag = "tag 'phase:" + name + "' of " + place_of(list_, test);
    if (phases_.empty()) {
      return {Errc::usage,
              tag +
                  ": no phases are declared, so that it must be a number from 0 on; PHASE of cleave_add_shards() or "
                  "\"phases\" of CONFIG give names an order",
              0};
    }
    std::vector<std::string_view> names;
    std::string known;
    for (const PhaseSpec& phase : phases_) {
      names.emplace_back(phase.name);
      known += (known.empty() ? "'" : ", '") + phase.name + "'";
    }
    const std::string near = nearest(name, names);
    return {Errc::usage,
            tag + ": is not among the phases that are declared, " + known +
                (near.empty() ? "" : "; did you mean '" + near + "'?"),
            0};
  }

  Result<void> add_afters() {
    std::map<std::string, std::vector<std::uint32_t>> waiting;
    for (std::uint32_t i = 0; i < list_.tests.size(); ++i) {
      for (const std::string& name : constraints_[i].after) waiting[name].push_back(i);
    }
    for (const auto& [name, tests] : waiting) {
      bool known = false;
      std::vector<std::uint32_t> members;
      for (std::uint32_t i = 0; i < list_.tests.size(); ++i) {
        if (!is_meant(name, list_.tests[i])) continue;
        known = true;
        if (selected(i)) members.push_back(i);
      }
      if (!known) return unknown_after(name, tests.front());
      if (members.empty()) continue;
      const auto barrier = static_cast<std::uint32_t>(made_.all.size());
      made_.all.push_back(Barrier{name});
      for (const std::uint32_t member : members) made_.member_of[member].push_back(barrier);
      for (const std::uint32_t test : tests) {
        if (selected(test)) made_.waits_for[test].push_back(barrier);
      }
    }
    return {};
  }

  bool is_meant(std::string_view name, const TestCase& test) const {
    if (list_.framework == "catch2") return test.name == name || (!test.suite.empty() && test.suite == name);
    if (names_instance_of(name, test.suite)) return true;
    // A name may hold dots of its own in neither framework's suites, so that the first one divides.
    const auto dot = name.find('.');
    return dot != std::string_view::npos && names_instance_of(name.substr(0, dot), test.suite) &&
           names_instance_of(name.substr(dot + 1), test.name);
  }

  Error unknown_after(const std::string& name, std::size_t test) const {
    std::vector<std::string> known;
    for (const TestCase& each : list_.tests) {
      known.push_back(full_name(each, list_.framework));
      if (!each.suite.empty()) known.push_back(each.suite);
    }
    const std::vector<std::string_view> views(known.begin(), known.end());
    const std::string near = nearest(name, views);
    return {Errc::usage,
            "tag 'after:" + name + "' of " + place_of(list_, test) + ": no suite or test has that name" +
                (near.empty() ? "" : "; did you mean '" + near + "'?"),
            0};
  }

  /// Barriers are the nodes: one depends on those that its members wait for.
  Result<void> check_cycles() {
    std::vector<std::map<std::uint32_t, std::uint32_t>> edges(made_.all.size());  // To the barrier, through the test.
    for (std::uint32_t test = 0; test < list_.tests.size(); ++test) {
      for (const std::uint32_t barrier : made_.member_of[test]) {
        for (const std::uint32_t other : made_.waits_for[test]) edges[barrier].emplace(other, test);
      }
    }
    enum class Mark : std::uint8_t { fresh, on_the_way, done };
    std::vector<Mark> marks(made_.all.size(), Mark::fresh);
    struct Step {
      std::uint32_t barrier;
      std::map<std::uint32_t, std::uint32_t>::const_iterator next;
    };
    for (std::uint32_t start = 0; start < made_.all.size(); ++start) {
      if (marks[start] != Mark::fresh) continue;
      std::vector<Step> way{{start, edges[start].begin()}};
      marks[start] = Mark::on_the_way;
      while (!way.empty()) {
        Step& step = way.back();
        if (step.next == edges[step.barrier].end()) {
          marks[step.barrier] = Mark::done;
          way.pop_back();
          continue;
        }
        const auto [other, through] = *step.next++;
        if (marks[other] == Mark::done) continue;
        if (marks[other] == Mark::on_the_way) {
          std::vector<std::uint32_t> round;
          for (const Step& each : way) round.push_back(each.barrier);
          round.erase(round.begin(), std::find(round.begin(), round.end(), other));
          return cycle(round, edges);
        }
        marks[other] = Mark::on_the_way;
        way.push_back({other, edges[other].begin()});
      }
    }
    return {};
  }

  Error cycle(const std::vector<std::uint32_t>& round,
              const std::vector<std::map<std::uint32_t, std::uint32_t>>& edges) const {
    std::string text;
    for (std::size_t i = 0; i < round.size(); ++i) {
      const std::uint32_t next = round[(i + 1) % round.size()];
      const std::uint32_t test = edges[round[i]].at(next);
      text += (text.empty() ? "" : ", and ") + place_of(list_, test) + " waits for " + made_.all[next].name;
      if (round.size() > 1 || made_.all[next].checkpoint)
        text += ", to which " + place_of(list_, member(next, round, edges)) + " belongs";
    }
    return {Errc::usage, "tests wait for one another in a circle: " + text, 0};
  }
  /// The member of `barrier` that leads on in the round.
  static std::uint32_t member(std::uint32_t barrier, const std::vector<std::uint32_t>& round,
                              const std::vector<std::map<std::uint32_t, std::uint32_t>>& edges) {
    const auto at = std::find(round.begin(), round.end(), barrier) - round.begin();
    const std::uint32_t next = round[(static_cast<std::size_t>(at) + 1) % round.size()];
    return edges[barrier].at(next);
  }

  const TestList& list_;
  const std::vector<Constraints>& constraints_;
  const std::vector<PhaseSpec>& phases_;
  Barriers made_;
};

}  // namespace

Result<Barriers> make_barriers(const TestList& list, const std::vector<Constraints>& constraints,
                               const std::vector<PhaseSpec>& phases) {
  return Maker(list, constraints, phases).run();
}

}  // namespace cleave::plan
