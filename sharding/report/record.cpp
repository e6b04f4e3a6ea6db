#include "report/record.hpp"

#include "plan/codec.hpp"

namespace cleave::report {
namespace {

using plan::Reader;
using plan::Writer;

void put(Writer& out, const Output& output) {
  out.text(output.head);
  out.text(output.tail);
  out.number(output.total);
}

Output get_output(Reader& in) {
  Output output;
  output.head = in.text();
  output.tail = in.text();
  output.total = in.number<std::uint64_t>();
  return output;
}

void put(Writer& out, const std::vector<Message>& messages) {
  out.number(static_cast<std::uint32_t>(messages.size()));
  for (const Message& message : messages) {
    out.number(message.kind);
    out.text(message.file);
    out.number(message.line);
    out.text(message.text);
  }
}

std::vector<Message> get_messages(Reader& in) {
  std::vector<Message> messages;
  const auto count = in.number<std::uint32_t>();
  for (std::uint32_t i = 0; i < count && in.ok(); ++i) {
    Message message;
    message.kind = static_cast<MessageKind>(in.number<std::uint8_t>() & 3U);
    message.file = in.text();
    message.line = in.number<std::int32_t>();
    message.text = in.text();
    messages.push_back(std::move(message));
  }
  return messages;
}

struct Encoder {
  Writer& out;
  void operator()(const ExecutionBegin& r) const {
    out.number(r.version);
    out.text(r.run_id);
    out.text(r.shard);
    out.text(r.part);
    out.number(r.execution);
    out.number(r.queue);
    out.number(r.lane);
    out.number(r.pid);
    out.number(r.when.count());
  }
  void operator()(const AttemptRecord& r) const {
    const Attempt& attempt = r.attempt;
    out.number(r.item);
    out.number(attempt.outcome);
    out.number(attempt.repetition);
    out.number(attempt.attempt);
    out.text(attempt.shard);
    out.number(attempt.start.count());
    out.number(attempt.duration.count());
    out.text(attempt.reason);
    put(out, attempt.messages);
    out.number(static_cast<std::uint32_t>(attempt.properties.size()));
    for (const auto& [key, value] : attempt.properties) {
      out.text(key);
      out.text(value);
    }
    put(out, attempt.output);
    out.text(attempt.files);
    out.text(attempt.stacks);
    out.number(attempt.rung);
    out.flag(attempt.tried_again);
    out.number(attempt.worker);
  }
  void operator()(const ProblemRecord& r) const {
    const Problem& problem = r.problem;
    out.text(problem.title);
    out.text(problem.suite);
    out.text(problem.detail);
    out.text(problem.shard);
    out.number(problem.when.count());
    put(out, problem.messages);
    put(out, problem.output);
    out.flag(problem.warning);
    out.flag(problem.run_broken);
  }
  void operator()(const PropertyRecord& r) const {
    out.text(r.suite);
    out.text(r.key);
    out.text(r.value);
  }
  void operator()(const StopRecord& r) const { out.text(r.why); }
  void operator()(const ExecutionEnd& r) const {
    out.number(r.exit_code);
    out.text(r.interrupted_by);
    out.number(r.when.count());
  }
  void operator()(const CostRecord& r) const {
    out.text(r.cost.suite);
    out.text(r.cost.shard);
    out.number(r.cost.when.count());
    out.number(r.cost.duration.count());
  }
};

Nanoseconds get_time(Reader& in) { return Nanoseconds(in.number<std::int64_t>()); }

AttemptRecord get_attempt(Reader& in) {
  AttemptRecord r;
  r.item = in.number<std::uint32_t>();
  const auto outcome = in.number<std::uint8_t>();
  r.attempt.outcome = outcome <= 6 ? static_cast<plan::Outcome>(outcome) : plan::Outcome::not_run;
  r.attempt.repetition = in.number<std::uint32_t>();
  r.attempt.attempt = in.number<std::uint32_t>();
  r.attempt.shard = in.text();
  r.attempt.start = get_time(in);
  r.attempt.duration = get_time(in);
  r.attempt.reason = in.text();
  r.attempt.messages = get_messages(in);
  const auto properties = in.number<std::uint32_t>();
  for (std::uint32_t i = 0; i < properties && in.ok(); ++i) {
    std::string key = in.text();
    std::string value = in.text();
    r.attempt.properties.emplace_back(std::move(key), std::move(value));
  }
  r.attempt.output = get_output(in);
  r.attempt.files = in.text();
  r.attempt.stacks = in.text();
  const auto rung = in.number<std::uint8_t>();
  r.attempt.rung = rung <= 3 ? static_cast<plan::Rung>(rung) : plan::Rung::first;
  r.attempt.tried_again = in.flag();
  r.attempt.worker = in.number<std::uint32_t>();
  return r;
}

/// Goes over what get_attempt() reads.
void skip_attempt(Reader& in) {
  constexpr std::size_t kNumber = sizeof(std::uint32_t);
  constexpr std::size_t kTime = sizeof(std::int64_t);
  in.bytes(kNumber + sizeof(plan::Outcome) + 2 * kNumber);
  in.text_in_place();  // Shard.
  in.bytes(2 * kTime);
  in.text_in_place();  // Reason.
  const auto messages = in.number<std::uint32_t>();
  for (std::uint32_t i = 0; i < messages && in.ok(); ++i) {
    in.bytes(sizeof(MessageKind));
    in.text_in_place();
    in.bytes(sizeof(std::int32_t));
    in.text_in_place();
  }
  const auto properties = in.number<std::uint32_t>();
  for (std::uint32_t i = 0; i < properties && in.ok(); ++i) {
    in.text_in_place();
    in.text_in_place();
  }
  in.text_in_place();  // Output.
  in.text_in_place();
  in.bytes(sizeof(std::uint64_t));
  in.text_in_place();  // Files and stacks.
  in.text_in_place();
  in.bytes(sizeof(plan::Rung) + sizeof(std::uint8_t) + kNumber);
}

ExecutionBegin get_begin(Reader& in) {
  ExecutionBegin r;
  r.version = in.number<std::uint32_t>();
  r.run_id = in.text();
  r.shard = in.text();
  r.part = in.text();
  r.execution = in.number<std::uint32_t>();
  r.queue = in.number<std::uint32_t>();
  r.lane = in.number<std::uint32_t>();
  r.pid = in.number<std::int32_t>();
  r.when = get_time(in);
  return r;
}

ProblemRecord get_problem(Reader& in) {
  ProblemRecord r;
  r.problem.title = in.text();
  r.problem.suite = in.text();
  r.problem.detail = in.text();
  r.problem.shard = in.text();
  r.problem.when = get_time(in);
  r.problem.messages = get_messages(in);
  r.problem.output = get_output(in);
  r.problem.warning = in.flag();
  r.problem.run_broken = in.flag();
  return r;
}

constexpr std::uint8_t kAttempt = 1;

Result<Record> get(std::uint8_t type, Reader& in) {
  switch (type) {
    case 0: return Record(get_begin(in));
    case kAttempt: return Record(get_attempt(in));
    case 2: return Record(get_problem(in));
    case 3: {
      PropertyRecord r;
      r.suite = in.text();
      r.key = in.text();
      r.value = in.text();
      return Record(std::move(r));
    }
    case 4: return Record(StopRecord{in.text()});
    case 5: {
      ExecutionEnd r;
      r.exit_code = in.number<std::int32_t>();
      r.interrupted_by = in.text();
      r.when = get_time(in);
      return Record(std::move(r));
    }
    case 6: {
      CostRecord r;
      r.cost.suite = in.text();
      r.cost.shard = in.text();
      r.cost.when = get_time(in);
      r.cost.duration = get_time(in);
      return Record(std::move(r));
    }
    default: return Error{Errc::corrupt, "journal: record of unknown type " + std::to_string(type), 0};
  }
}

}  // namespace

void encode(const Record& record, std::string& out) {
  plan::append_frame_of(out, static_cast<std::uint8_t>(record.index()),
                        [&](Writer& payload) { std::visit(Encoder{payload}, record); });
}

Result<std::vector<Record>> decode_journal(std::string_view bytes) {
  std::vector<Record> records;
  const auto read = visit_journal(bytes, [&](Record& record) { records.push_back(std::move(record)); });
  if (!read) return read.error();
  return records;
}

Result<void> visit_journal(std::string_view bytes, const std::function<void(Record&)>& take, Attempts attempts) {
  bool first = true;
  plan::FrameCutter cutter(bytes);
  while (const auto frame = cutter.next()) {
    Reader in(frame->payload);
    if (frame->type == kAttempt && !first && attempts == Attempts::passed_over) {
      skip_attempt(in);
      if (!in.ok() || !in.at_end()) return Error{Errc::corrupt, "journal: record of wrong size", 0};
      continue;
    }
    auto record = get(frame->type, in);
    if (!record) return record.error();
    if (!in.ok() || !in.at_end()) return Error{Errc::corrupt, "journal: record of wrong size", 0};
    if (first && !std::holds_alternative<ExecutionBegin>(*record)) {
      return Error{Errc::corrupt, "journal: does not start with an execution", 0};
    }
    first = false;
    take(*record);
  }
  if (cutter.corrupt()) return Error{Errc::corrupt, "journal: impossible length of a record", 0};
  return {};
}

}  // namespace cleave::report
