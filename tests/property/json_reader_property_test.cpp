#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "../support/property.hpp"
#include "plan/json_reader.hpp"

namespace cleave::plan {
namespace {

using Json = nlohmann::json;
using test::Choices;

constexpr std::uint64_t kCases = 300;

bool is_utf8(const std::string& text) {
  return Json::accept(Json(text).dump(-1, ' ', false, Json::error_handler_t::replace)) &&
         Json(text).dump(-1, ' ', false, Json::error_handler_t::ignore) ==
             Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string string_of(Choices& choices) {
  std::string text;
  for (std::uint32_t i = choices.number(0, 4); i > 0; --i) {
    const std::string& part = choices.one_of(test::hostile_names());
    text += is_utf8(part) ? part : std::string(1, static_cast<char>(choices.number(0, 127)));
  }
  return text;
}

Json document_of(Choices& choices, std::uint32_t depth) {
  switch (choices.number(depth == 0 ? 2 : 0, 6)) {
    case 0: {
      Json array = Json::array();
      for (std::uint32_t i = choices.number(0, 4); i > 0; --i) array.push_back(document_of(choices, depth - 1));
      return array;
    }
    case 1: {
      Json object = Json::object();
      for (std::uint32_t i = choices.number(0, 4); i > 0; --i)
        object[string_of(choices)] = document_of(choices, depth - 1);
      return object;
    }
    case 2: return nullptr;
    case 3: return choices.chance(50);
    case 4: return static_cast<std::int64_t>(choices.number(0, 2000000)) - 1000000;
    case 5: return static_cast<double>(choices.number(0, 4000000)) / 1024.0 - 2000.0;
    default: return string_of(choices);
  }
}

/// The document once more, as the reader under test saw it.
Json rebuilt(const JsonValue& value) {
  switch (value.kind()) {
    case JsonKind::null: return nullptr;
    case JsonKind::boolean: return value.boolean();
    case JsonKind::string: return value.text();
    case JsonKind::number:
      if (value.text().find_first_of(".eE") != std::string::npos) return value.number();
      return static_cast<std::int64_t>(value.number());
    case JsonKind::array: {
      Json array = Json::array();
      for (const JsonValue& child : value.children()) array.push_back(rebuilt(child));
      return array;
    }
    case JsonKind::object: {
      Json object = Json::object();
      for (const JsonValue& child : value.children()) object[child.key()] = rebuilt(child);
      return object;
    }
  }
  return nullptr;
}

/// Each pointer leads another reader to the same value, and each place to the byte where the value begins.
void expect_places(const JsonValue& value, const Json& document, const std::vector<std::string>& lines) {
  const Json& there = document.at(Json::json_pointer(value.pointer()));
  EXPECT_EQ(rebuilt(value), there) << value.pointer();
  const std::string& line = lines.at(value.place().line - 1);
  std::size_t at = 0;
  for (std::uint32_t column = 1; column < value.place().column; ++column) {
    ++at;
    while (at < line.size() && (static_cast<unsigned char>(line[at]) & 0xC0U) == 0x80U) ++at;
  }
  ASSERT_LT(at, line.size());
  const char* const begins[] = {"n", "tf", "-0123456789", "\"", "[", "{"};
  EXPECT_NE(std::string(begins[static_cast<int>(value.kind())]).find(line[at]), std::string::npos) << line;
  for (const JsonValue& child : value.children()) expect_places(child, document, lines);
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines(1);
  for (const char c : text) {
    if (c == '\n') {
      lines.emplace_back();
    } else {
      lines.back() += c;
    }
  }
  return lines;
}

TEST(JsonReaderProperty, ReadsBackWhatAnotherWriterWrote) {
  for (const std::uint64_t seed : test::seeds({}, kCases)) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Choices choices(seed);
    const Json document = document_of(choices, 5);
    const std::string text = document.dump(static_cast<int>(choices.number(0, 3)) - 1, ' ', choices.chance(50));
    const auto read = read_json(text, "f");
    ASSERT_TRUE(read) << read.error().what << "\n" << text;
    EXPECT_EQ(rebuilt(read->root()), document) << text;
    expect_places(read->root(), document, lines_of(text));
    if (testing::Test::HasFailure()) return;
  }
}

/// Documents with a few bytes changed, taken out, doubled, or put in.
std::string damaged(std::string text, Choices& choices) {
  const std::string marks = "{}[],:\"\\0123456789.eE+-tfnul \n\t\x01\x7F\x80\xC3\xE2\xED\xF0\xFF";
  for (std::uint32_t i = choices.number(1, 4); i > 0 && !text.empty(); --i) {
    const std::size_t at = choices.number(0, static_cast<std::uint32_t>(text.size()) - 1);
    const char mark = marks[choices.number(0, static_cast<std::uint32_t>(marks.size()) - 1)];
    switch (choices.number(0, 3)) {
      case 0: text[at] = mark; break;
      case 1: text.erase(at, choices.number(1, 5)); break;
      case 2: text.insert(at, 1, mark); break;
      default: text.insert(at, text.substr(at, choices.number(1, 8)));
    }
  }
  return text;
}

/// The reader is stricter than the other in three ways: no name twice, no byte order mark, no number past a double.
bool is_stricter(const std::string& error) {
  for (const char* part : {"of this object already", "byte order mark", "beyond what a double holds"}) {
    if (error.find(part) != std::string::npos) return true;
  }
  return false;
}

TEST(JsonReaderProperty, AgreesWithAnotherReaderOnWhatIsJson) {
  int accepted = 0;
  int refused = 0;
  for (const std::uint64_t seed : test::seeds({}, 10 * kCases)) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Choices choices(seed);
    const std::string text = damaged(document_of(choices, 3).dump(static_cast<int>(choices.number(0, 1)) - 1), choices);
    const auto read = read_json(text, "f");
    const bool is_json = Json::accept(text);
    if (read) {
      EXPECT_TRUE(is_json) << text;
      ++accepted;
    } else {
      EXPECT_TRUE(!is_json || is_stricter(read.error().what)) << read.error().what << "\n" << text;
      EXPECT_EQ(read.error().kind, Errc::usage);
      EXPECT_EQ(read.error().what.rfind("f:", 0), 0U);
      ++refused;
    }
    if (testing::Test::HasFailure()) return;
  }
  EXPECT_GT(accepted, 100);
  EXPECT_GT(refused, 100);
}

TEST(JsonReaderProperty, RandomBytesAreAnErrorAndNeverMore) {
  for (const std::uint64_t seed : test::seeds({}, kCases)) {
    Choices choices(seed);
    std::string text = choices.chance(50) ? "[\"" : "{\"a\":";
    for (std::uint32_t i = choices.number(0, 200); i > 0; --i) text += static_cast<char>(choices.number(0, 255));
    const auto read = read_json(text, "f");
    EXPECT_TRUE(read.has_value() || !read.error().what.empty()) << "seed " << seed;
    if (!read) continue;
    EXPECT_TRUE(Json::accept(text)) << "seed " << seed;
  }
}

}  // namespace
}  // namespace cleave::plan
