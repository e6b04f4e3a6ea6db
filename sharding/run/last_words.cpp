#include "run/last_words.hpp"

#include <utility>

namespace cleave::run {

void LastWords::add_to(report::Attempt& attempt) {
  attempt.stacks = std::exchange(stacks_, {});
  // What it printed is in the output of the attempt, or was in that of another test.
  if (!log_.empty()) attempt.messages.push_back({plan::MessageKind::failure, "", 0, std::exchange(log_, {})});
}

void LastWords::add_to(report::Problem& problem) {
  for (std::string* const part : {&stacks_, &log_, &printed_}) {
    if (part->empty()) continue;
    if (!problem.detail.empty() && problem.detail.back() != '\n') problem.detail += '\n';
    problem.detail += std::exchange(*part, {});
  }
}

}  // namespace cleave::run
