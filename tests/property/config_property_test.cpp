#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "../support/property.hpp"
#include "../support/schema_check.hpp"
#include "plan/config.hpp"

namespace cleave::plan {
namespace {

using Json = nlohmann::json;
using test::Choices;

constexpr std::uint64_t kCases = 1000;

std::string text_of(const std::string& path) {
  std::ifstream file(CLEAVE_SOURCE_DIR + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// A value that is legal somewhere, or nowhere.
Json any_value(Choices& choices) {
  static const std::vector<Json> values{nullptr,
                                        true,
                                        0,
                                        1,
                                        -1,
                                        101,
                                        2.5,
                                        1e18,
                                        "",
                                        "0",
                                        "2s",
                                        "10",
                                        "10%",
                                        "101%",
                                        "pass",
                                        "suite",
                                        "A.*",
                                        "weight:2",
                                        "weight:0",
                                        "memory:1G",
                                        "after:A",
                                        "phase:x",
                                        "lock:a b",
                                        "serial",
                                        "2026-12-31",
                                        "2026-02-30",
                                        "{prefix}",
                                        "{",
                                        "env:A",
                                        "env:",
                                        "a=b",
                                        "a\nb\x1b",
                                        std::string(5000, 'x'),
                                        std::string("a\0b", 3),
                                        Json::array(),
                                        Json::object(),
                                        Json::array({"A.*"}),
                                        Json::array({Json::array()}),
                                        Json{{"name", "y"}},
                                        Json{{"tests", Json::array({"A.*"})}, {"until", "2026-12-31"}}};
  return choices.one_of(values);
}

/// Changes one place of the document: a value, a key, or that it is there at all.
void change(Json& value, Choices& choices) {
  if (value.empty() || !value.is_structured() || choices.chance(15)) {
    value = any_value(choices);
    return;
  }
  const auto at = static_cast<std::ptrdiff_t>(choices.number(0, static_cast<std::uint32_t>(value.size()) - 1));
  const auto place = std::next(value.begin(), at);
  if (choices.chance(10)) {
    value.erase(place);
  } else if (choices.chance(10) && value.is_array()) {
    value.push_back(any_value(choices));
  } else if (choices.chance(10) && value.is_object()) {
    value[choices.one_of(std::vector<std::string>{"tests", "tags", "retires", "A", "A=B", ""})] = any_value(choices);
  } else {
    change(*place, choices);
  }
}

// R02, R14, R24: whatever a file says, it is taken as the schema has it, or refused with its name.
TEST(ConfigProperty, NothingThatTheSchemaRefusesIsTaken) {
  const Json legal = Json::parse(text_of("/tests/unit/schema/cleave.json"));
  const test::SchemaCheck schema(Json::parse(text_of("/cmake/cleave.schema.json")));
  int taken = 0;
  int refused = 0;
  for (const std::uint64_t seed : test::seeds({}, kCases)) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Choices choices(seed);
    Json document = legal;
    for (std::uint32_t i = choices.number(1, 3); i > 0; --i) change(document, choices);
    Settings settings;
    const auto applied = apply_config(document.dump(1), "/c.json", settings);
    if (applied) {
      EXPECT_EQ(schema(document), "") << document.dump(1);
      ++taken;
    } else {
      EXPECT_EQ(applied.error().kind, Errc::usage);
      EXPECT_EQ(applied.error().what.rfind("/c.json:", 0), 0U) << applied.error().what;
      EXPECT_EQ(applied.error().what.find('\n'), std::string::npos) << applied.error().what;
      ++refused;
    }
    if (testing::Test::HasFailure()) return;
  }
  EXPECT_GT(taken, 50);
  EXPECT_GT(refused, 50);
}

}  // namespace
}  // namespace cleave::plan
