#pragma once

#include <memory>
#include <string>

#include "os/fd.hpp"
#include "run/shard.hpp"

namespace cleave::run {

/// Where --cleave-events goes: a file that is appended to, or a descriptor that was open when the program started. Each
/// line is one write, so that processes that append to one file (the entries of CTest) never mix theirs; in a pipe that
/// holds for lines up to 4,096 bytes. What cannot be written leaves the run as it is: a warning says so, once.
class EventStream {
 public:
  /// Nowhere, when the options name nothing. An error of kind usage names the flag and what cannot be opened.
  static Result<std::unique_ptr<EventStream>> open(const Options& options);

  bool goes_somewhere() const noexcept { return fd_.valid(); }
  void write(const std::string& line);

 private:
  os::Fd fd_;
  std::string name_;
};

/// Tells that the run begins, and which of its tests never will.
void tell_run_begin(EventStream& stream, const RunContext& context);

/// Tells everything that it hears, and hands it on.
class EventListener : public Listener {
 public:
  EventListener(EventStream& stream, const RunContext& context, Listener& next)
      : stream_(stream), context_(context), next_(next), begun_(context.plan.items.size()) {}
  void on_begin(const report::TestBegin& begin) override;
  void on_attempt(const report::AttemptRecord& record) override;
  void on_problem(const report::Problem& problem) override;
  void on_output(const std::string& shard, std::string_view bytes) override { next_.on_output(shard, bytes); }
  void on_stopping(const std::string& signal, const LanesNow& lanes, std::chrono::nanoseconds until) override {
    next_.on_stopping(signal, lanes, until);
  }
  std::chrono::nanoseconds on_round(const LanesNow& lanes, std::chrono::nanoseconds now) override {
    return next_.on_round(lanes, now);
  }

 private:
  EventStream& stream_;
  const RunContext& context_;
  Listener& next_;
  std::vector<std::uint32_t> begun_;  ///< By item: the attempt of it that began last; 0: none.
};

}  // namespace cleave::run
