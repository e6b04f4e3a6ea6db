// Writing audit events. An event is stored by the next flush, so most tests wait for one.

#include <set>

#include "store_test.hpp"

namespace datastore {
namespace {

class AuditWrite : public AuditTest {};

TEST_F(AuditWrite, StoresAnAcceptedEvent) {
  add(event("alice"));
  EXPECT_EQ(stored_of("alice").size(), 1U);
}

TEST_F(AuditWrite, ShowsAnEventOnlyAfterItsFlush) {
  const Answer accepted = post("/audit", event("alice"));
  const Answer seen = get("/audit?actor=" + name("alice"));
  const bool flushed = seen["flushes"] > accepted["flushes"];
  EXPECT_LE(seen["events"].size(), flushed ? 1U : 0U) << seen.body;
  stored_of("alice");
  EXPECT_GT(get("/audit?actor=" + name("alice"))["flushes"], accepted["flushes"]);
}

TEST_F(AuditWrite, KeepsActorActionAndTarget) {
  add({{"actor", name("alice")}, {"action", "file.delete"}, {"target", "report.pdf"}});
  const Json found = stored_of("alice").at(0);
  EXPECT_EQ(found["actor"], name("alice"));
  EXPECT_EQ(found["action"], "file.delete");
  EXPECT_EQ(found["target"], "report.pdf");
}

TEST_F(AuditWrite, KeepsNestedDetails) {
  const Json details = {{"from", {{"ip", "10.0.0.1"}, {"port", 443}}}, {"roles", {"admin", "auditor"}}, {"mfa", true}};
  Json one = event("alice");
  one["details"] = details;
  add(one);
  EXPECT_EQ(stored_of("alice").at(0)["details"], details);
}

TEST_F(AuditWrite, KeepsTextOfAnyLanguage) {
  Json one = event("alice");
  one["target"] = "Übergröße – 東京 – Ελλάδα";
  add(one);
  EXPECT_EQ(stored_of("alice").at(0)["target"], "Übergröße – 東京 – Ελλάδα");
}

TEST_F(AuditWrite, KeepsWhatLooksLikeSql) {
  Json one = event("alice");
  one["target"] = R"('); DROP TABLE events; -- "\)";
  add(one);
  EXPECT_EQ(stored_of("alice").at(0)["target"], R"('); DROP TABLE events; -- "\)");
}

TEST_F(AuditWrite, KeepsTheTimeOfTheClient) {
  Json one = event("alice");
  one["at"] = 1'600'000'000'123;
  add(one);
  EXPECT_EQ(stored_of("alice").at(0)["at"], 1'600'000'000'123);
}

TEST_F(AuditWrite, StampsAnEventWithTheTimeOfItsArrival) {
  add(event("alice"));
  const Json first = stored_of("alice").at(0);
  add(event("bob"));
  const Json second = stored_of("bob").at(0);
  EXPECT_GT(second["at"], first["at"]);
}

TEST_F(AuditWrite, GivesEachEventAnId) {
  std::set<std::string> ids;
  for (int i = 0; i < 10; ++i) ids.insert(add(event("alice")));
  EXPECT_EQ(ids.size(), 10U);
  std::set<std::string> found;
  for (const std::string& id : column(stored_of("alice", 10), "id")) found.insert(id);
  EXPECT_EQ(found, ids);
}

TEST_F(AuditWrite, KeepsTheIdOfTheClient) {
  const std::string id = fresh("event");
  Json one = event("alice");
  one["id"] = id;
  EXPECT_EQ(add(one), id);
  EXPECT_EQ(stored_of("alice").at(0)["id"], id);
}

TEST_F(AuditWrite, StoresAnIdOnce) {
  Json one = event("alice");
  one["id"] = fresh("event");
  add(one);
  const Answer again = post("/audit", one);
  EXPECT_EQ(again.status, 200);
  EXPECT_TRUE(again.body.value("duplicate", false)) << again.body;
  pass_a_flush();
  EXPECT_EQ(stored_of("alice").size(), 1U);
}

TEST_F(AuditWrite, RefusesAnIdForOtherContent) {
  Json one = event("alice");
  one["id"] = fresh("event");
  add(one);
  one["action"] = "user.logout";
  EXPECT_EQ(post("/audit", one).status, 409);
  EXPECT_EQ(stored_of("alice").at(0)["action"], "user.login");
}

TEST_F(AuditWrite, KnowsAnIdThatIsStoredAlready) {
  Json one = event("alice");
  one["id"] = fresh("event");
  add(one);
  stored_of("alice");
  EXPECT_EQ(post("/audit", one).status, 200);
  one["target"] = "elsewhere";
  EXPECT_EQ(post("/audit", one).status, 409);
}

TEST_F(AuditWrite, KeepsTheOrderOfABatch) {
  std::vector<Json> events;
  for (int i = 0; i < 20; ++i) {
    events.push_back(event("alice"));
    events.back()["target"] = std::to_string(i);
  }
  add_all(events);
  const Json found = stored_of("alice", 20);
  for (std::size_t i = 0; i < 20; ++i) EXPECT_EQ(found.at(i)["target"], std::to_string(i));
}

TEST_F(AuditWrite, StoresABatchInOneFlush) {
  add_all({event("alice"), event("bob"), event("carol")});
  stored_of("alice");
  EXPECT_EQ(get("/audit?prefix=" + scope())["events"].size(), 3U);
}

TEST_F(AuditWrite, StoresNothingOfABatchWithAWrongEvent) {
  const Answer refused = post("/audit/batch", {{"events", {event("alice"), event("bob", "Not An Action")}}});
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused["index"], 1) << refused.body;
  pass_a_flush();
  EXPECT_EQ(get("/audit?actor=" + name("alice"))["events"].size(), 0U);
}

TEST_F(AuditWrite, FlushesAFullBufferWithoutWaiting) {
  add_all(std::vector<Json>(100, event("alice")));
  EXPECT_EQ(stored_of("alice", 100).at(99)["flush"], "full");
}

TEST_F(AuditWrite, AnswersASynchronousWriteWhenItIsStored) {
  const Answer answer = post("/audit?sync=true", event("alice"));
  EXPECT_EQ(answer.status, 201);
  EXPECT_EQ(get("/audit/" + answer["id"].get<std::string>()).status, 200);
}

TEST_F(AuditWrite, RefusesABodyThatIsTooLarge) {
  Json one = event("alice");
  one["details"] = {{"text", std::string(70'000, 'x')}};
  EXPECT_EQ(post("/audit", one).status, 413);
  pass_a_flush();
  EXPECT_EQ(get("/audit?actor=" + name("alice"))["events"].size(), 0U);
}

/// A body that is refused, and a part of the reason. ACTOR stands for a legal name.
struct Refused {
  const char* title;
  const char* body;
  const char* reason;
};

class AuditRefusal : public AuditTest, public testing::WithParamInterface<Refused> {};

TEST_P(AuditRefusal, SaysWhyAndStoresNothing) {
  std::string body = GetParam().body;
  const std::size_t at = body.find("ACTOR");
  if (at != std::string::npos) body.replace(at, 5, name("alice"));
  const std::size_t more = body.find("LONG");
  if (more != std::string::npos) body.replace(more, 4, name("alice") + std::string(200, 'x'));
  const Answer answer = api().send_text("POST", "/audit", body);
  EXPECT_EQ(answer.status, 400) << answer.body;
  EXPECT_NE(answer.body.value("error", "").find(GetParam().reason), std::string::npos) << answer.body;
  pass_a_flush();
  EXPECT_EQ(get("/audit?prefix=" + scope())["events"].size(), 1U) << "more than the marker is stored";
}

INSTANTIATE_TEST_SUITE_P(
    Body, AuditRefusal,
    testing::Values(Refused{"NoJson", R"({"actor": "ACTOR", )", "not JSON"},
                    Refused{"NoObject", R"(["ACTOR", "user.login"])", "not a JSON object"},
                    Refused{"NoActor", R"({"action": "user.login"})", "actor is missing"},
                    Refused{"LongActor", R"({"actor": "LONG", "action": "user.login"})", "200 are legal"},
                    Refused{"NumberAsActor", R"({"actor": 7, "action": "user.login"})", "not a text"},
                    Refused{"ActionInCapitals", R"({"actor": "ACTOR", "action": "LOGIN"})", "lower-case"},
                    Refused{"TextAsDetails", R"({"actor": "ACTOR", "action": "a", "details": "x"})", "not an object"},
                    Refused{"TimeOfTomorrow", R"({"actor": "ACTOR", "action": "a", "at": 9999999999999})", "at is not"},
                    Refused{"UnknownMember", R"({"actor": "ACTOR", "action": "a", "colour": 1})", "colour"}),
    [](const auto& test) { return test.param.title; });

}  // namespace
}  // namespace datastore
