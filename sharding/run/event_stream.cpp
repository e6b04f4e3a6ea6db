#include "run/event_stream.hpp"

#include "os/file.hpp"
#include "plan/whole_number.hpp"
#include "report/event_lines.hpp"
#include "run/failure.hpp"

namespace cleave::run {

Result<std::unique_ptr<EventStream>> EventStream::open(const Options& options) {
  auto stream = std::make_unique<EventStream>();
  if (options.events.empty()) return stream;
  const std::string_view events = options.events;
  const auto number = events.starts_with("fd:") ? plan::whole_number<int>(events.substr(3), 1, 65535) : std::nullopt;
  auto fd = number ? os::adopt_to_write(*number) : os::open_users_append(options.events);
  if (!fd) return Error{Errc::usage, "--cleave-events='" + options.events + "': " + fd.error().what, 0};
  stream->fd_ = std::move(*fd);
  stream->name_ = options.events;
  return stream;
}

void EventStream::write(const std::string& line) {
  if (!fd_.valid()) return;
  const auto written = os::write_all(fd_.get(), line);
  if (written) return;
  warn("--cleave-events='" + name_ + "': " + written.error().what + "; no more events are told");
  fd_.reset();
}

void tell_run_begin(EventStream& stream, const RunContext& context) {
  if (!stream.goes_somewhere()) return;
  const report::RunReport& frame = context.frame;
  stream.write(report::run_begin_line(frame));
  for (std::size_t i = 0; i < frame.list.tests.size(); ++i) {
    const plan::TestCase& test = frame.list.tests[i];
    const bool cached = i < context.cached.size() && context.cached[i];
    if (test.disabled || cached) stream.write(report::test_left_out_line(frame, test, cached));
  }
}

void EventListener::on_begin(const report::TestBegin& begin) {
  if (stream_.goes_somewhere()) {
    const plan::Item& item = context_.plan.items[begin.item];
    begun_[begin.item] = begin.attempt;
    stream_.write(report::test_begin_line(context_.frame, item, begin));
  }
  next_.on_begin(begin);
}

void EventListener::on_attempt(const report::AttemptRecord& record) {
  if (stream_.goes_somewhere()) {
    const report::RunReport& frame = context_.frame;
    const plan::TestCase& test = frame.list.tests[context_.plan.items[record.item].index];
    const bool began = begun_[record.item] == record.attempt.attempt;
    stream_.write(report::test_end_line(frame, test, record.attempt, began));
  }
  next_.on_attempt(record);
}

void EventListener::on_problem(const report::Problem& problem) {
  stream_.write(report::problem_line(context_.frame, problem));
  next_.on_problem(problem);
}

}  // namespace cleave::run
