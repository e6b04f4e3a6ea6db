#pragma once

#include <string>

#include "report/model.hpp"
#include "run/shard.hpp"

namespace cleave::run {

/// Tells failures at once and whole, on standard output.
class ConsoleListener : public Listener {
 public:
  ConsoleListener(const RunContext& context, const Options& options);
  void on_attempt(const report::AttemptRecord& record) override;
  void on_problem(const report::Problem& problem) override;
  void on_output(const std::string& shard, std::string_view bytes) override;
  bool colour() const noexcept { return colour_; }

 private:
  const RunContext& context_;
  bool show_output_;
  bool colour_;
};

/// True when standard output is a terminal that shows colours and NO_COLOR is not set.
bool wants_colour();
/// Writes to standard output now. A closed standard output is no failure.
void print(const std::string& text);

}  // namespace cleave::run
