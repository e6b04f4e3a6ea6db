#include "plan/history_stream.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "plan/cost_table.hpp"
#include "plan/history_lines.hpp"
#include "plan/key_index.hpp"

namespace cleave::plan {
namespace {

/// Hands on what is put into it, with its sum at the end.
class Rewritten {
 public:
  explicit Rewritten(const std::function<void(std::string_view)>& take) : take_(take) {}
  void put(std::string_view text) {
    text_ += text;
    hand_on_from(kPiece);
  }
  void put(const TestKey& key, const TestHistory& test) {
    put_test(text_, key, test);
    hand_on_from(kPiece);
  }
  void end() {
    hand_on_from(0);
    take_(sum_.line());
  }

 private:
  static constexpr std::size_t kPiece = std::size_t{1} << 16;

  void hand_on_from(std::size_t size) {
    if (text_.size() < size) return;
    sum_.add(text_);
    take_(text_);
    text_.clear();
  }

  const std::function<void(std::string_view)>& take_;
  std::string text_;
  HistorySum sum_;
};

/// What one run showed, by test.
class Shown {
 public:
  Shown(const TestList& list, const Observations& seen, Day today)
      : index_(list), seen_(seen), today_(today), of_(list.tests.size(), nullptr), known_(list.tests.size(), false) {
    for (const TestObservation& one : seen.tests) {
      CLEAVE_ASSERT(one.index < of_.size());
      of_[one.index] = &one;
    }
  }
  /// The history has the test, as the next one.
  void know(const TestKey& key) {
    places_.push_back(index_.first_of(key));
    index_.each_from(places_.back(), key, [&](std::uint32_t test) { known_[test] = true; });
  }
  /// What was seen of tests that are not known, by key.
  std::vector<const TestObservation*> fresh() const {
    std::vector<const TestObservation*> all;
    for (const TestObservation& one : seen_.tests) {
      if (!known_[one.index]) all.push_back(&one);
    }
    std::stable_sort(all.begin(), all.end(), [this](const auto* a, const auto* b) {
      return index_.key_in_place(a->index) < index_.key_in_place(b->index);
    });
    return all;
  }
  TestKey key_of(const TestObservation& one) const { return index_.key_of(one.index); }
  /// Takes in what was seen of the known test that is the next one again. False when it is not in the list.
  bool add_to(const TestKey& key, TestHistory& test, std::size_t place) const {
    bool listed = false;
    index_.each_from(places_[place], key, [&](std::uint32_t at) {
      listed = true;
      if (of_[at] != nullptr) take_in(test, *of_[at], today_);
    });
    return listed;
  }

 private:
  KeyIndex index_;
  const Observations& seen_;
  Day today_;
  std::vector<const TestObservation*> of_;
  std::vector<bool> known_;
  std::vector<std::uint32_t> places_;  ///< In the index, by the order in which tests came to be known.
};

}  // namespace

std::optional<Costs> costs_of_text(const TestList& list, std::string_view text) {
  const auto known = HistoryText::of(text);
  if (!known) return std::nullopt;
  const KeyIndex index(list);
  CostTable table(list);
  History others;
  const auto set = [&](const TestKey& key, const TestHistory& test) {
    index.each(key, [&](std::uint32_t at) { table.set(at, test); });
  };
  if (!known->walk(others, set)) return std::nullopt;
  return std::move(table).finish(others);
}

std::optional<WriteText> updated_text(std::string_view text, const TestList& list, const Observations& seen,
                                      Day today) {
  static const std::string nothing = encode_history({});
  const auto known = HistoryText::of(text.empty() ? nothing : text);
  if (!known) return std::nullopt;
  // First who is known, since what is new has its place between what is old.
  Shown shown(list, seen, today);
  History others;
  if (!known->walk(others, [&](const TestKey& key, const TestHistory&) { shown.know(key); })) return std::nullopt;
  update(others, list, {{}, seen.costs}, today);
  prune(others, list, today);
  return [known = *known, shown = std::move(shown), head = head_of_history(others), today](const auto& take) {
    Rewritten out(take);
    out.put(head);
    const std::vector<const TestObservation*> fresh = shown.fresh();
    auto next = fresh.begin();
    // The new ones that stand before a key, or all that are left.
    const auto put_fresh = [&](const TestKey* before) {
      while (next != fresh.end()) {
        const TestKey key = shown.key_of(**next);
        if (before != nullptr && key > *before) return;
        TestHistory test;
        bool ran = false;
        for (; next != fresh.end() && shown.key_of(**next) == key; ++next) ran = take_in(test, **next, today) || ran;
        if (ran) out.put(key, test);
      }
    };
    History again;
    std::size_t place = 0;
    known.walk(again, [&](const TestKey& key, TestHistory& test) {
      put_fresh(&key);
      const bool listed = shown.add_to(key, test, place++);
      if (listed || !is_long_gone(test.last_seen, today)) out.put(key, test);
    });
    put_fresh(nullptr);
    out.end();
  };
}

}  // namespace cleave::plan
