#include "plan/event.hpp"

#include <utility>

namespace cleave::plan {
namespace {

/// @param before the test before it in the list, whose file it mostly shares: a long text; null where there is none.
void put(Writer& out, const TestCase& test, const TestCase* before) {
  const bool same_file = before != nullptr && before->file == test.file;
  out.text(test.suite);
  out.text(test.name);
  out.flag(same_file);
  if (!same_file) out.text(test.file);
  out.number(test.line);
  out.text(test.type_param);
  out.text(test.value_param);
  out.number(static_cast<std::uint32_t>(test.tags.size()));
  for (const std::string& tag : test.tags) out.text(tag);
  out.number(test.position);
  out.flag(test.selected);
  out.flag(test.disabled);
}

TestCase get_test(Reader& in, const TestCase* before) {
  TestCase test;
  test.suite = in.text();
  test.name = in.text();
  const bool same_file = in.flag();
  if (same_file && before != nullptr) test.file = before->file;
  if (!same_file) test.file = in.text();
  test.line = in.number<std::int32_t>();
  test.type_param = in.text();
  test.value_param = in.text();
  const auto tags = in.number<std::uint32_t>();
  for (std::uint32_t i = 0; i < tags && in.ok(); ++i) test.tags.push_back(in.text());
  test.position = in.number<std::uint32_t>();
  test.selected = in.flag();
  test.disabled = in.flag();
  return test;
}

void put_facts(Writer& out, const TestList& list) {
  out.text(list.framework);
  out.text(list.framework_version);
  out.text(list.output);
  out.number(list.repeat);
  out.number(list.seed);
  out.flag(list.shuffled);
  out.flag(list.pulls);
  out.flag(list.groups_matter);
  out.flag(list.reruns);
  out.number(list.before_main);
}

TestList get_facts(Reader& in) {
  TestList list;
  list.framework = in.text();
  list.framework_version = in.text();
  list.output = in.text();
  list.repeat = in.number<std::int32_t>();
  list.seed = in.number<std::uint32_t>();
  list.shuffled = in.flag();
  list.pulls = in.flag();
  list.groups_matter = in.flag();
  list.reruns = in.flag();
  list.before_main = in.number<std::uint32_t>();
  return list;
}

struct Encoder {
  Writer& out;
  void operator()(const event::Listed& e) const { put(out, e.test, nullptr); }
  void operator()(const event::ListDone& e) const { put_facts(out, e.facts); }
  void operator()(const event::Asks&) const {}
  void operator()(const event::Started& e) const {
    out.number(e.index);
    out.number(e.when.count());
    out.number(e.offset);
  }
  void operator()(const event::Said& e) const {
    out.number(e.kind);
    out.text(e.file);
    out.number(e.line);
    out.text(e.text);
  }
  void operator()(const event::Recorded& e) const {
    out.text(e.suite);
    out.text(e.name);
    out.text(e.key);
    out.text(e.value);
  }
  void operator()(const event::Ended& e) const {
    out.number(e.index);
    out.number(e.verdict);
    out.number(e.when.count());
    out.number(e.duration.count());
    out.number(e.offset);
  }
  void operator()(const event::Entered& e) const {
    out.number(e.phase);
    out.text(e.suite);
    out.number(e.when.count());
    out.number(e.offset);
  }
  void operator()(const event::Finished&) const {}
  void operator()(const event::Refused& e) const { out.text(e.why); }
  void operator()(const event::AsksAgain& e) const { out.number(e.index); }
};

Nanoseconds get_time(Reader& in) { return Nanoseconds(in.number<std::int64_t>()); }

/// Designated by the place in the variant: the type byte of a frame is Event::index().
Result<Event> get(std::uint8_t type, Reader& in) {
  switch (type) {
    case 0: return Event(event::Listed{get_test(in, nullptr)});
    case 1: return Event(event::ListDone{get_facts(in)});
    case 2: return Event(event::Asks{});
    case 3: {
      event::Started e;
      e.index = in.number<std::uint32_t>();
      e.when = get_time(in);
      e.offset = in.number<std::uint64_t>();
      return Event(e);
    }
    case 4: {
      event::Said e;
      const auto kind = in.number<std::uint8_t>();
      if (kind > 3) return Error{Errc::corrupt, "message kind " + std::to_string(kind), 0};
      e.kind = static_cast<detail::MessageKind>(kind);
      e.file = in.text();
      e.line = in.number<std::int32_t>();
      e.text = in.text();
      return Event(std::move(e));
    }
    case 5: {
      event::Recorded e;
      e.suite = in.text();
      e.name = in.text();
      e.key = in.text();
      e.value = in.text();
      return Event(std::move(e));
    }
    case 6: {
      event::Ended e;
      e.index = in.number<std::uint32_t>();
      const auto verdict = in.number<std::uint8_t>();
      if (verdict > 2) return Error{Errc::corrupt, "verdict " + std::to_string(verdict), 0};
      e.verdict = static_cast<detail::Verdict>(verdict);
      e.when = get_time(in);
      e.duration = get_time(in);
      e.offset = in.number<std::uint64_t>();
      return Event(e);
    }
    case 7: {
      event::Entered e;
      const auto phase = in.number<std::uint8_t>();
      if (phase > 6) return Error{Errc::corrupt, "phase " + std::to_string(phase), 0};
      e.phase = static_cast<detail::Phase>(phase);
      e.suite = in.text();
      e.when = get_time(in);
      e.offset = in.number<std::uint64_t>();
      return Event(std::move(e));
    }
    case 8: return Event(event::Finished{});
    case 9: return Event(event::Refused{in.text()});
    case 10: return Event(event::AsksAgain{in.number<std::uint32_t>()});
    default: return Error{Errc::corrupt, "event type " + std::to_string(type), 0};
  }
}

}  // namespace

void encode(const Event& event, std::string& out) {
  append_frame_of(out, static_cast<std::uint8_t>(event.index()),
                  [&](Writer& payload) { std::visit(Encoder{payload}, event); });
}

Result<Event> decode(const Frame& frame) {
  Reader in(frame.payload);
  auto event = get(frame.type, in);
  if (!event) return event.error();
  if (!in.ok() || !in.at_end())
    return Error{Errc::corrupt, "event of type " + std::to_string(frame.type) + ": wrong size", 0};
  return event;
}

void encode_list(const TestList& list, Writer& out) {
  put_facts(out, list);
  out.number(static_cast<std::uint32_t>(list.tests.size()));
  const TestCase* before = nullptr;
  for (const TestCase& test : list.tests) put(out, test, std::exchange(before, &test));
}

TestList decode_list(Reader& in) {
  TestList list = get_facts(in);
  const auto count = in.number<std::uint32_t>();
  for (std::uint32_t i = 0; i < count && in.ok(); ++i) {
    TestCase test = get_test(in, list.tests.empty() ? nullptr : &list.tests.back());
    list.tests.push_back(std::move(test));
  }
  return list;
}

}  // namespace cleave::plan
