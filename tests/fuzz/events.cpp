#include "plan/event.hpp"
#include "target.hpp"

namespace cleave::fuzz {

/// What a worker tells its supervisor: frames, and an event in each.
void events(std::string_view bytes) {
  plan::FrameCutter cutter(bytes);
  while (const auto frame = cutter.next()) {
    must(cutter.used() <= bytes.size(), "a frame ends where the bytes do, or before");
    const auto event = plan::decode(*frame);
    if (!event) continue;
    std::string once;
    plan::encode(*event, once);
    plan::FrameCutter again(once);
    const auto framed = again.next();
    must(framed && again.used() == once.size(), "an event is one frame");
    const auto read = plan::decode(*framed);
    must(read && read->index() == event->index(), "an event that is written can be read");
    std::string twice;
    plan::encode(*read, twice);
    must(once == twice, "an event that is written and read stays the same");
  }
  plan::Reader in(bytes);
  const plan::TestList list = plan::decode_list(in);
  if (!in.ok()) return;
  plan::Writer out;
  plan::encode_list(list, out);
  plan::Reader back(out.bytes());
  must(plan::checksum_of(plan::decode_list(back)) == plan::checksum_of(list), "a list that is written can be read");
}

}  // namespace cleave::fuzz
