#include <nlohmann/json.hpp>

#include "plan/json_reader.hpp"
#include "report/json_writer.hpp"
#include "report/text.hpp"
#include "target.hpp"

namespace cleave::fuzz {
namespace {

void visit(const plan::JsonValue& value) {
  must(report::utf8(value.text()) == value.text() && report::utf8(value.key()) == value.key(), "text is UTF-8");
  must(value.pointer().empty() || value.pointer()[0] == '/', "a pointer begins with a slash");
  for (const plan::JsonValue& child : value.children()) visit(child);
}

}  // namespace

/// The reader of JSON, beside another, and what the writer makes of the same bytes as a name.
void json(std::string_view bytes) {
  const auto document = plan::read_json(bytes, "x.json");
  if (document) {
    must(nlohmann::json::accept(bytes), "what is read is JSON");
    visit(document->root());
  } else {
    must(document.error().what.starts_with("x.json"), "an error begins with the origin");
  }
  report::JsonWriter out(4);
  out.begin_object();
  out.member("text", bytes);
  out.end_object();
  const auto written = plan::read_json(std::move(out).take(), "y.json");
  must(bytes.size() > plan::kJsonBytes / 8 || written.has_value(), "what is written can be read");
  if (written) must(written->root().find("text")->text() == report::utf8(bytes), "text that is written stays the same");
}

}  // namespace cleave::fuzz
