#include "plan/json_reader.hpp"

#include <gtest/gtest.h>

namespace cleave::plan {
namespace {

/// What is wrong with a text, or "" when nothing is.
std::string error_of(std::string_view text) {
  const auto document = read_json(text, "f.json");
  return document ? "" : document.error().what;
}

// R02: what a user writes in CONFIG can be found again by line, column and pointer.
TEST(JsonReader, KnowsLineColumnAndPointerOfEveryValue) {
  const auto document = read_json("{\n  \"a/b\": [1, {\"~é\": \"x\", \"y\": true}],\r\n\t\"\": null\n}\n", "f");
  ASSERT_TRUE(document) << document.error().what;
  const JsonValue root = document->root();
  EXPECT_EQ(root.place(), (JsonPlace{1, 1}));
  EXPECT_EQ(root.pointer(), "");
  ASSERT_EQ(root.children().size(), 2U);
  const JsonValue list = root.children()[0];
  EXPECT_EQ(list.pointer(), "/a~1b");
  EXPECT_EQ(list.key_place(), (JsonPlace{2, 3}));
  EXPECT_EQ(list.place(), (JsonPlace{2, 10}));
  const JsonValue inner = list.children().at(1);
  EXPECT_EQ(inner.pointer(), "/a~1b/1");
  EXPECT_EQ(inner.children().at(0).pointer(), "/a~1b/1/~0é");
  EXPECT_EQ(inner.children().at(0).place(), (JsonPlace{2, 21})) << "columns count characters, not bytes";
  EXPECT_EQ(inner.find("y")->place(), (JsonPlace{2, 31}));
  EXPECT_TRUE(inner.find("y")->boolean());
  EXPECT_FALSE(inner.find("z"));
  EXPECT_EQ(root.children()[1].place(), (JsonPlace{3, 6}));
  EXPECT_EQ(root.children()[1].pointer(), "/");
}

TEST(JsonReader, ReadsEveryEscapeIntoUtf8) {
  const auto document = read_json(R"(["\"\\\/\b\f\n\r\t", "\u0041\u00e9\u6F22\uD83D\uDE00", "\u0000", "漢😀"])", "f");
  ASSERT_TRUE(document) << document.error().what;
  const auto strings = document->root().children();
  EXPECT_EQ(strings.at(0).text(), "\"\\/\b\f\n\r\t");
  EXPECT_EQ(strings.at(1).text(), "Aé漢😀");
  EXPECT_EQ(strings.at(2).text(), std::string(1, '\0'));
  EXPECT_EQ(strings.at(3).text(), "漢😀");
}

TEST(JsonReader, KeepsNumbersAsTheyAreWritten) {
  const auto document = read_json(" [0, -0, 10, 1.50, 1e3, 2E-2, -1.5e+2] ", "f");
  ASSERT_TRUE(document) << document.error().what;
  std::vector<std::string> texts;
  std::vector<double> values;
  for (const JsonValue& number : document->root().children()) {
    texts.push_back(number.text());
    values.push_back(number.number());
  }
  EXPECT_EQ(texts, (std::vector<std::string>{"0", "-0", "10", "1.50", "1e3", "2E-2", "-1.5e+2"}));
  EXPECT_EQ(values, (std::vector<double>{0, -0.0, 10, 1.5, 1000, 0.02, -150}));
}

TEST(JsonReader, SaysWhereAndInWhichValueATextGoesWrong) {
  const std::vector<std::pair<std::string, std::string>> table{
      {"", "f.json:1:1: expected a value, found the end of the text"},
      {"{} x", "f.json:1:4: expected the end of the text, found 'x'"},
      {"{\"a\": [1,\n 2,]}", "f.json:2:4: /a/2: expected a value, found ']'"},
      {"{\"a\": [1 2]}", "f.json:1:10: /a: expected ',' or ']', found '2'"},
      {"{\"a\": {\"b\": 1,}}", "f.json:1:15: /a: expected a name in quotes, found '}'"},
      {"{\"a\" 1}", "f.json:1:6: expected ':' behind the name 'a', found '1'"},
      {"{a: 1}", "f.json:1:2: expected a name in quotes, found 'a'"},
      {"{\"a\": 1, \"b\": {\"a\": 1}, \n\"a\": 2}", "f.json:2:1: name 'a' stands in line 1 of this object already"},
      {"[\"abc\n\"]", "f.json:1:6: /0: byte 0x0a in a string is written as an escape"},
      {"[\"abc", "f.json:1:6: /0: the string that begins in line 1, column 2 has no end"},
      {"[\"\\x\"]", "f.json:1:4: /0: escape of 'x' is not one of"},
      {"[\"\\u12G4\"]", "f.json:1:7: /0: expected four hexadecimal digits behind \\u, found 'G'"},
      {"[\"\\uDE00\"]", "low surrogate without a high one"},
      {"[\"\\uD83D\"]", "high surrogate without a low one"},
      {"[\"\\uD83D\\u0041\"]", "high surrogate without a low one"},
      {"[01]", "f.json:1:4: /0: number 01 begins with a zero"},
      {"[1.]", "expected a digit behind the point, found ']'"},
      {"[1e]", "expected a digit of the exponent, found ']'"},
      {"[-]", "expected a digit, found ']'"},
      {"[1x]", "expected the end of the number, found 'x'"},
      {"[1, 1e999]", "f.json:1:5: /1: number 1e999 is beyond what a double holds"},
      {"[nullx]", "f.json:1:2: /0: expected a value, found 'n'"},
      {"[True]", "expected a value, found 'T'"},
      {"[NaN]", "expected a value, found 'N'"},
      {"// no\n{}", "f.json:1:1: expected a value, found '/'"},
      {"\xEF\xBB\xBF{}", "f.json:1:1: expected a value, found a byte order mark"},
      {std::string("[1]\0", 4), "expected the end of the text, found byte 0x00"},
  };
  for (const auto& [text, expected] : table) {
    const std::string error = error_of(text);
    EXPECT_NE(error.find(expected), std::string::npos) << text << "\n" << error;
  }
}

TEST(JsonReader, TakesNothingThatIsNotUtf8) {
  for (const char* bytes : {"\x80", "\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xED\xA0\x80", "\xF0\x80\x80\x80",
                            "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "\xE2\x82", "\xC3("}) {
    EXPECT_NE(error_of(std::string("[\"") + bytes + "\"]").find("is not UTF-8"), std::string::npos) << bytes;
  }
  for (const char* good :
       {"\xC2\x80", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_EQ(error_of(std::string("[\"") + good + "\"]"), "");
  }
}

TEST(JsonReader, EndsAtItsLimitsWithoutRunningOutOfStack) {
  EXPECT_EQ(error_of(std::string(kJsonDepth, '[') + std::string(kJsonDepth, ']')), "");
  EXPECT_NE(error_of(std::string(kJsonDepth + 1, '[') + std::string(kJsonDepth + 1, ']')).find("more than 64 arrays"),
            std::string::npos);
  std::string beside = "[0";
  for (std::size_t i = 0; i < 3 * kJsonDepth; ++i) beside += ",[],{\"a\":[]}";
  EXPECT_EQ(error_of(beside + "]"), "") << "it is depth that counts, not number";
  EXPECT_NE(error_of(std::string(1000000, '[')).find("f.json:1:65: "), std::string::npos);
  EXPECT_NE(error_of("[" + std::string(kJsonBytes, ' ') + "]").find("legal are up to 4194304"), std::string::npos);
}

// A name may hold anything; the line of an error stays one line, and short.
TEST(JsonReader, ShowsHostileNamesInOneLine) {
  const std::string error = error_of("{\"a\\nb\\u001b[31m" + std::string(500, 'x') + "\": [1,]}");
  EXPECT_EQ(error.find('\n'), std::string::npos);
  EXPECT_EQ(error.find('\x1b'), std::string::npos);
  EXPECT_NE(error.find("/a\\x0ab\\x1b[31mxxx"), std::string::npos) << error;
  EXPECT_LT(error.size(), 300U);
}

TEST(JsonReader, ValuesStayGoodWhenTheDocumentIsMoved) {
  auto document = read_json("[\"a\"]", "f");
  ASSERT_TRUE(document);
  const JsonValue value = document->root().children().at(0);
  const JsonDocument moved = std::move(*document);
  EXPECT_EQ(value.text(), "a");
  EXPECT_EQ(moved.root().children().at(0).pointer(), "/0");
}

}  // namespace
}  // namespace cleave::plan
