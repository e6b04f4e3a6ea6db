// Schemas, and records, which a validator judges some time after they were handed in.

#include "store_test.hpp"

namespace datastore {
namespace {

class SchemaTest : public StoreTest {
 protected:
  /// "order": an id is required, an amount is not.
  static Json order_fields() {
    return {{"id", {{"type", "string"}, {"required", true}}}, {"amount", {{"type", "integer"}, {"min", 0}}}};
  }
  static Answer define(const std::string& schema, const Json& fields) {
    return post("/schema", {{"name", name(schema)}, {"fields", fields}});
  }
  static void define_order() {
    const Answer answer = define("order", order_fields());
    ASSERT_EQ(answer.status, 201) << answer.body;
  }
  static std::string hand_in(const std::string& schema, const Json& record) {
    const Answer answer = post("/records/" + name(schema), record);
    EXPECT_EQ(answer.status, 202) << answer.body;
    return answer.body.value("id", "");
  }
  /// The record, as soon as it is judged.
  static Json judged(const std::string& id) {
    return wait_for([&] {
             const Answer answer = get("/record/" + id);
             const bool done = answer.status == 200 && answer["status"] != "pending";
             return done ? std::optional<Json>(answer.body) : std::nullopt;
           })
        .value();
  }
  static Json verdict(const std::string& schema, const Json& record) { return judged(hand_in(schema, record)); }
};

TEST_F(SchemaTest, ANewSchemaHasVersionOne) {
  EXPECT_EQ(define("order", order_fields())["version"], 1);
  EXPECT_EQ(get("/schema/" + name("order"))["fields"], order_fields());
  EXPECT_EQ(verdict("order", {{"id", "a"}})["version"], 1);
}

TEST_F(SchemaTest, TheSameDefinitionIsNoNewVersion) {
  define_order();
  const Answer again = define("order", order_fields());
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again["version"], 1);
  EXPECT_EQ(verdict("order", {{"id", "a"}})["version"], 1);
}

TEST_F(SchemaTest, ANewOptionalFieldMakesAVersion) {
  define_order();
  Json fields = order_fields();
  fields["note"] = {{"type", "string"}};
  EXPECT_EQ(define("order", fields)["version"], 2);
  EXPECT_EQ(verdict("order", {{"id", "a"}, {"note", "by phone"}})["status"], "accepted");
}

TEST_F(SchemaTest, ANewRequiredFieldIsAConflict) {
  define_order();
  Json fields = order_fields();
  fields["note"] = {{"type", "string"}, {"required", true}};
  const Answer answer = define("order", fields);
  EXPECT_EQ(answer.status, 409);
  EXPECT_EQ(answer["reasons"], Json::array({"field 'note' is new and required"}));
  EXPECT_EQ(verdict("order", {{"id", "a"}})["status"], "accepted");
}

TEST_F(SchemaTest, AnotherTypeIsAConflict) {
  define_order();
  Json fields = order_fields();
  fields["amount"] = {{"type", "string"}};
  EXPECT_EQ(define("order", fields).status, 409);
  EXPECT_EQ(verdict("order", {{"id", "a"}, {"amount", "7"}})["status"], "rejected");
}

TEST_F(SchemaTest, ARemovedFieldIsAConflict) {
  define_order();
  Json fields = order_fields();
  fields.erase("amount");
  EXPECT_EQ(define("order", fields).status, 409);
  EXPECT_EQ(verdict("order", {{"id", "a"}, {"amount", 7}})["status"], "accepted");
}

TEST_F(SchemaTest, AllConflictsAreTold) {
  define_order();
  const Json fields = {{"id", {{"type", "integer"}, {"required", true}}},
                       {"date", {{"type", "string"}, {"required", true}}}};
  EXPECT_EQ(define("order", fields)["reasons"].size(), 3U);
  EXPECT_EQ(get("/schema/" + name("order"))["version"], 1);
}

TEST_F(SchemaTest, AnUnknownTypeIsRefused) {
  const Answer answer = define("order", {{"id", {{"type", "uuid"}}}});
  EXPECT_EQ(answer.status, 400);
  EXPECT_NE(answer["error"].get<std::string>().find("uuid"), std::string::npos);
  EXPECT_EQ(post("/records/" + name("order"), {{"id", "a"}}).status, 404);
}

TEST_F(SchemaTest, ASchemaWithoutFieldsIsRefused) {
  EXPECT_EQ(define("order", Json::object()).status, 400);
  EXPECT_EQ(get("/schema/" + name("order")).status, 404);
}

TEST_F(SchemaTest, TheListHasOnlyItsPrefix) {
  define_order();
  EXPECT_EQ(define("customer", order_fields()).status, 201);
  const Json expected = Json::array({name("customer"), name("order")});
  EXPECT_EQ(get("/schema?prefix=" + scope())["names"], expected);
  EXPECT_EQ(get("/schema?prefix=" + name("ord"))["names"], Json::array({name("order")}));
}

TEST_F(SchemaTest, ARecordIsPendingUntilItIsJudged) {
  define_order();
  const Answer handed_in = post("/records/" + name("order"), {{"id", "a"}});
  EXPECT_EQ(handed_in["status"], "pending");
  EXPECT_EQ(judged(handed_in["id"])["status"], "accepted");
}

TEST_F(SchemaTest, AMissingFieldIsNamed) {
  define_order();
  const Json found = verdict("order", {{"amount", 3}});
  EXPECT_EQ(found["status"], "rejected");
  EXPECT_EQ(found["errors"], Json::array({"id is missing"}));
}

TEST_F(SchemaTest, AllErrorsOfARecordAreTold) {
  define_order();
  const Json found = verdict("order", {{"id", 5}, {"amount", -3}, {"colour", "red"}});
  const Json expected = Json::array({"amount is below 0", "id is not of type string", "colour is unknown"});
  EXPECT_EQ(found["errors"], expected);
}

TEST_F(SchemaTest, ARecordOfAnUnknownSchemaIsNotFound) {
  EXPECT_EQ(post("/records/" + name("order"), {{"id", "a"}}).status, 404);
  define_order();
  EXPECT_EQ(verdict("order", {{"id", "a"}})["status"], "accepted");
}

TEST_F(SchemaTest, RecordsAreListedByStatus) {
  define_order();
  const std::string good = hand_in("order", {{"id", "a"}});
  hand_in("order", {{"id", 1}});
  judged(hand_in("order", {{"id", 2}}));
  const Json accepted = get("/records/" + name("order") + "?status=accepted")["records"];
  ASSERT_EQ(accepted.size(), 1U);
  EXPECT_EQ(accepted[0]["id"], good);
  EXPECT_EQ(get("/records/" + name("order") + "?status=rejected")["records"].size(), 2U);
}

TEST_F(SchemaTest, TheNewestVersionJudges) {
  define_order();
  EXPECT_EQ(verdict("order", {{"id", "a"}, {"note", "by phone"}})["status"], "rejected");
  Json fields = order_fields();
  fields["note"] = {{"type", "string"}};
  define("order", fields);
  EXPECT_EQ(verdict("order", {{"id", "a"}, {"note", "by phone"}})["version"], 2);
}

TEST_F(SchemaTest, ARejectedRecordKeepsItsBody) {
  define_order();
  const Json record = {{"id", 7}, {"amount", "much"}};
  EXPECT_EQ(verdict("order", record)["body"], record);
}

TEST_F(SchemaTest, AnUnknownRecordIsNotFound) {
  define_order();
  judged(hand_in("order", {{"id", "a"}}));
  EXPECT_EQ(get("/record/" + fresh("missing")).status, 404);
}

/// One rule, one value, and whether it is accepted.
struct Rule {
  const char* title;
  const char* field;
  const char* value;
  const char* error;  ///< Empty when the value is accepted.
};

class SchemaRule : public SchemaTest, public testing::WithParamInterface<Rule> {};

TEST_P(SchemaRule, Judges) {
  ASSERT_EQ(define("thing", {{"it", Json::parse(GetParam().field)}}).status, 201);
  const Json found = verdict("thing", {{"it", Json::parse(GetParam().value)}});
  const std::string error = GetParam().error;
  EXPECT_EQ(found["status"], error.empty() ? "accepted" : "rejected") << found;
  EXPECT_EQ(found["errors"], error.empty() ? Json::array() : Json::array({"it " + error}));
}

INSTANTIATE_TEST_SUITE_P(
    Of, SchemaRule,
    testing::Values(Rule{"LongestText", R"({"type": "string", "max_length": 3})", R"("abc")", ""},
                    Rule{"TooLongText", R"({"type": "string", "max_length": 3})", R"("abcd")", "is too long"},
                    Rule{"IntegerAsText", R"({"type": "integer"})", R"("5")", "is not of type integer"},
                    Rule{"LargestInteger", R"({"type": "integer", "max": 9})", "9", ""},
                    Rule{"TooLargeInteger", R"({"type": "integer", "max": 9})", "10", "is above 9"},
                    Rule{"IntegerAsNumber", R"({"type": "number"})", "3", ""},
                    Rule{"ZeroAsBoolean", R"({"type": "boolean"})", "0", "is not of type boolean"},
                    Rule{"ForeignChoice", R"({"type": "string", "one_of": ["a", "b"]})", R"("c")",
                         R"(is not one of ["a","b"])"},
                    Rule{"LeapDay", R"({"type": "string", "format": "date"})", R"("2024-02-29")", ""},
                    Rule{"NoLeapDay", R"({"type": "string", "format": "date"})", R"("2023-02-29")", "is not a date"},
                    Rule{"MixedList", R"({"type": "list", "of": "string"})", R"(["a", 1])",
                         "has elements that are not of type string"},
                    Rule{"NullForOptional", R"({"type": "integer"})", "null", ""}),
    [](const auto& test) { return test.param.title; });

}  // namespace
}  // namespace datastore
