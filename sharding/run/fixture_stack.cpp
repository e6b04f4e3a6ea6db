#include "run/fixture_stack.hpp"

namespace cleave::run {
namespace {

class Site : public detail::FixtureSite {
 public:
  explicit Site(UndoStack& undo) : undo_(undo) {}
  void on_tear_down(std::function<void()> undo) override { undo_.push(std::move(undo)); }

 private:
  UndoStack& undo_;
};

std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all += (all.empty() ? "" : "; ") + text;
  return all;
}

}  // namespace

FixtureStack::Outcome FixtureStack::set_up(const detail::FixtureDefinition& fixture) {
  Up up{fixture.name, std::make_unique<UndoStack>()};
  Site site(*up.undo);
  Outcome outcome;
  try {
    outcome.payload = fixture.set_up(site);
    outcome.up = true;
  } catch (...) {
    outcome.why = text_of_current_exception();
  }
  if (outcome.up) {
    up_.push_back(std::move(up));
  } else if (const std::string more = joined(up.undo->run()); !more.empty()) {
    outcome.why += "; and undoing it: " + more;
  }
  return outcome;
}

FixtureStack::Down FixtureStack::tear_down_newest() {
  Up up = std::move(up_.back());
  up_.pop_back();
  return {std::move(up.name), joined(up.undo->run())};
}

}  // namespace cleave::run
