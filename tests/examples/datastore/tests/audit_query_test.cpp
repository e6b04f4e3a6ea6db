// Finding audit events.

#include <chrono>

#include "store_test.hpp"

namespace datastore {
namespace {

using std::chrono::milliseconds;

class AuditQuery : public AuditTest {
 protected:
  /// Ten events of one actor, a second apart, the first at 1,600,000,000 s; "target" is their number.
  static void store_ten(const std::string& actor) {
    std::vector<Json> events;
    for (int i = 0; i < 10; ++i) {
      events.push_back(event(actor));
      events.back()["at"] = 1'600'000'000'000 + i * 1000LL;
      events.back()["target"] = std::to_string(i);
    }
    add_all(events);
    stored_of(actor, 10);
  }
  static std::vector<std::string> targets(const std::string& query) {
    return column(get("/audit?actor=" + name("alice") + query).body.at("events"), "target");
  }
};

using Texts = std::vector<std::string>;

TEST_F(AuditQuery, ByActorFindsNobodyElse) {
  add_all({event("alice"), event("alicia"), event("bob")});
  stored("prefix=" + scope(), 3);
  EXPECT_EQ(column(get("/audit?actor=" + name("alice"))["events"], "actor"), Texts{name("alice")});
}

TEST_F(AuditQuery, ByActionFindsNoOtherAction) {
  add_all({event("alice", "user.login"), event("alice", "user.logout"), event("bob", "user.login")});
  stored("prefix=" + scope(), 3);
  const Json found = get("/audit?action=user.login&prefix=" + scope())["events"];
  EXPECT_EQ(column(found, "actor"), (Texts{name("alice"), name("bob")}));
}

TEST_F(AuditQuery, ByTargetCombinesWithByActor) {
  Json one = event("alice");
  one["target"] = "safe";
  Json other = event("bob");
  other["target"] = "safe";
  add_all({one, other, event("alice")});
  stored("prefix=" + scope(), 3);
  EXPECT_EQ(get("/audit?target=safe&actor=" + name("alice"))["events"].size(), 1U);
}

TEST_F(AuditQuery, SinceIncludesItsMoment) {
  store_ten("alice");
  EXPECT_EQ(targets("&since=1600000007000"), (Texts{"7", "8", "9"}));
}

TEST_F(AuditQuery, UntilExcludesItsMoment) {
  store_ten("alice");
  EXPECT_EQ(targets("&until=1600000003000"), (Texts{"0", "1", "2"}));
}

TEST_F(AuditQuery, SinceAndUntilCutAWindow) {
  store_ten("alice");
  EXPECT_EQ(targets("&since=1600000004000&until=1600000006000"), (Texts{"4", "5"}));
}

TEST_F(AuditQuery, FindsTheOldestFirst) {
  add(event("alice", "first"));
  add(event("alice", "second"));
  EXPECT_EQ(column(stored_of("alice", 2), "action"), (Texts{"first", "second"}));
}

TEST_F(AuditQuery, FindsTheNewestFirstOnDemand) {
  add(event("alice", "first"));
  stored_of("alice");
  add(event("alice", "second"));
  stored_of("alice", 2);
  const Json found = get("/audit?order=desc&actor=" + name("alice"))["events"];
  EXPECT_EQ(column(found, "action"), (Texts{"second", "first"}));
}

TEST_F(AuditQuery, LimitCutsTheAnswer) {
  store_ten("alice");
  EXPECT_EQ(targets("&limit=4"), (Texts{"0", "1", "2", "3"}));
}

TEST_F(AuditQuery, PagesFollowWithoutGapOrRepeat) {
  store_ten("alice");
  Texts all;
  std::string next;
  do {
    const Json page = get("/audit?limit=3&actor=" + name("alice") + next).body;
    for (const std::string& target : column(page.at("events"), "target")) all.push_back(target);
    next = page.contains("next") ? "&after=" + page.at("next").dump() : "";
  } while (!next.empty());
  EXPECT_EQ(all, (Texts{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}));
}

TEST_F(AuditQuery, TheLastPageNamesNoNext) {
  store_ten("alice");
  EXPECT_FALSE(get("/audit?limit=11&actor=" + name("alice")).body.contains("next"));
  EXPECT_TRUE(get("/audit?limit=9&actor=" + name("alice")).body.contains("next"));
}

TEST_F(AuditQuery, AnUnknownActorHasNoEvents) {
  add(event("alice"));
  stored_of("alice");
  const Answer answer = get("/audit?actor=" + name("nobody"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer["events"], Json::array());
}

TEST_F(AuditQuery, APrefixCoversAllItsActors) {
  add_all({event("team-a"), event("team-b"), event("other")});
  stored("prefix=" + scope(), 3);
  EXPECT_EQ(get("/audit?prefix=" + name("team-"))["events"].size(), 2U);
}

TEST_F(AuditQuery, CountsByAction) {
  add_all({event("alice", "read"), event("alice", "read"), event("bob", "write")});
  stored("prefix=" + scope(), 3);
  const Json expected = {{"read", 2}, {"write", 1}};
  EXPECT_EQ(get("/audit/stats?by=action&prefix=" + scope())["counts"], expected);
}

TEST_F(AuditQuery, CountsByActor) {
  add_all({event("alice", "read"), event("alice", "write"), event("bob", "write")});
  stored("prefix=" + scope(), 3);
  const Json expected = {{name("alice"), 2}, {name("bob"), 1}};
  EXPECT_EQ(get("/audit/stats?by=actor&prefix=" + scope())["counts"], expected);
}

TEST_F(AuditQuery, CountsWhatIsStoredSoFar) {
  add(event("alice", "read"));
  stored_of("alice");
  EXPECT_EQ(get("/audit/stats?prefix=" + scope())["counts"], (Json{{"read", 1}}));
  add(event("alice", "write"));
  stored_of("alice", 2);
  EXPECT_EQ(get("/audit/stats?prefix=" + scope())["counts"], (Json{{"read", 1}, {"write", 1}}));
}

TEST_F(AuditQuery, AnEventIsFoundByItsId) {
  const std::string id = add(event("alice", "user.rename"));
  const Answer found = wait_for([&] {
                         const Answer answer = get("/audit/" + id);
                         return answer.status == 200 ? std::optional<Answer>(answer) : std::nullopt;
                       }).value();
  EXPECT_EQ(found["actor"], name("alice"));
  EXPECT_EQ(found["action"], "user.rename");
}

TEST_F(AuditQuery, AnUnknownIdIsNotFound) {
  pass_a_flush();
  EXPECT_EQ(get("/audit/" + fresh("missing")).status, 404);
}

TEST_F(AuditQuery, ALongPollEndsWithTheEvent) {
  add(event("alice"));
  const Answer answer = get("/audit?wait=5000&actor=" + name("alice"));
  EXPECT_EQ(answer["events"].size(), 1U);
}

TEST_F(AuditQuery, ALongPollEndsEmptyAfterItsTime) {
  const auto begin = std::chrono::steady_clock::now();
  const Answer answer = get("/audit?wait=350&actor=" + name("nobody"));
  EXPECT_EQ(answer["events"].size(), 0U);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, milliseconds(350));
}

TEST_F(AuditQuery, ALongPollWaitsForItsMinimum) {
  add(event("alice", "first"));
  stored_of("alice");
  add(event("alice", "second"));
  const Answer answer = get("/audit?wait=5000&min=2&actor=" + name("alice"));
  EXPECT_EQ(column(answer["events"], "action"), (Texts{"first", "second"}));
}

TEST_F(AuditQuery, ALongPollDoesNotWaitForWhatIsThere) {
  add(event("alice"));
  stored_of("alice");
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(get("/audit?wait=20000&actor=" + name("alice"))["events"].size(), 1U);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, milliseconds(10'000));
}

TEST_F(AuditQuery, AnExpiredEventIsNotFound) {
  Json one = event("alice");
  one["ttl_ms"] = 400;
  one["id"] = fresh("event");
  const std::string id = one["id"];
  add_all({one, event("bob")});
  stored_of("bob");
  wait_for([&] { return get("/audit?actor=" + name("alice"))["events"].empty(); });
  EXPECT_EQ(get("/audit/" + id).status, 404);
}

TEST_F(AuditQuery, AnEventExpiresAlone) {
  Json one = event("alice", "short");
  one["ttl_ms"] = 400;
  add_all({one, event("alice", "long")});
  stored("action=long&actor=" + name("alice"));
  const Json left = wait_for([&] {
                      const Json events = get("/audit?actor=" + name("alice"))["events"];
                      return events.size() == 1 ? std::optional<Json>(events) : std::nullopt;
                    }).value();
  EXPECT_EQ(column(left, "action"), Texts{"long"});
}

struct Wrong {
  const char* title;
  const char* query;
  const char* reason;
};

class AuditQueryRefusal : public AuditTest, public testing::WithParamInterface<Wrong> {};

TEST_P(AuditQueryRefusal, NamesTheParameter) {
  add(event("alice"));
  stored_of("alice");
  const Answer answer = get(std::string("/audit?") + GetParam().query);
  EXPECT_EQ(answer.status, 400);
  EXPECT_NE(answer.body.value("error", "").find(GetParam().reason), std::string::npos) << answer.body;
}

INSTANTIATE_TEST_SUITE_P(Query, AuditQueryRefusal,
                         testing::Values(Wrong{"NoLimit", "limit=0", "limit '0'"},
                                         Wrong{"TextAsLimit", "limit=many", "limit 'many'"},
                                         Wrong{"UnknownOrder", "order=sideways", "order 'sideways'"},
                                         Wrong{"TextAsTime", "since=yesterday", "since 'yesterday'"}),
                         [](const auto& test) { return test.param.title; });

}  // namespace
}  // namespace datastore
