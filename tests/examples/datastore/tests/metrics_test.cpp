// Metrics. A measurement waits in a queue until the consumer polls it, so most tests wait for that.

#include "store_test.hpp"

namespace datastore {
namespace {

class MetricsTest : public StoreTest {
 protected:
  static Json metric(const std::string& what, const std::string& kind, double value) {
    return {{"name", name(what)}, {"kind", kind}, {"value", value}};
  }
  static void record(const Json& entry) {
    const Answer answer = post("/metrics", entry);
    EXPECT_EQ(answer.status, 202) << answer.body;
  }
  static void record_all(const std::vector<Json>& entries) {
    const Answer answer = post("/metrics/batch", {{"metrics", entries}});
    EXPECT_EQ(answer.status, 202) << answer.body;
  }
  static std::vector<Json> timers(const std::string& what, const std::vector<double>& values) {
    std::vector<Json> entries;
    for (const double value : values) entries.push_back(metric(what, "timer", value));
    return entries;
  }
  /// The metric, as soon as so many measurements are in it.
  static Json consumed(const std::string& what, int count = 1) {
    return wait_for([&] {
             const Answer answer = get("/metrics/" + name(what));
             const bool there = answer.status == 200 && answer["count"] >= count;
             return there ? std::optional<Json>(answer.body) : std::nullopt;
           })
        .value();
  }
  /// All that was handed in before is consumed when this returns.
  static void pass_the_consumer() {
    record(metric("marker", "gauge", 1));
    consumed("marker");
  }
  static void wait_for_state(const std::string& alert, const std::string& state) {
    wait_for([&] { return get("/alerts/" + name(alert))["state"] == state; });
  }
};

TEST_F(MetricsTest, ACounterAddsUp) {
  record_all({metric("hits", "counter", 3), metric("hits", "counter", 4), metric("hits", "counter", 0.5)});
  EXPECT_EQ(consumed("hits", 3)["sum"], 7.5);
}

TEST_F(MetricsTest, ACounterAddsUpOverSeveralTurns) {
  record(metric("hits", "counter", 3));
  EXPECT_EQ(consumed("hits")["sum"], 3);
  record(metric("hits", "counter", 4));
  EXPECT_EQ(consumed("hits", 2)["sum"], 7);
}

TEST_F(MetricsTest, AGaugeKeepsItsLastValue) {
  record_all({metric("load", "gauge", 5), metric("load", "gauge", -2)});
  EXPECT_EQ(consumed("load", 2)["last"], -2);
}

TEST_F(MetricsTest, ATimerKeepsItsExtremes) {
  record_all(timers("latency", {20, 5, 80, 40}));
  const Json found = consumed("latency", 4);
  EXPECT_EQ(found["min"], 5);
  EXPECT_EQ(found["max"], 80);
}

TEST_F(MetricsTest, ATimerTellsItsMean) {
  record_all(timers("latency", {10, 20, 60}));
  EXPECT_EQ(consumed("latency", 3)["mean"], 30);
}

TEST_F(MetricsTest, IsThereOnlyWhenItIsConsumed) {
  EXPECT_EQ(get("/metrics/" + name("hits")).status, 404);
  const Answer answer = post("/metrics", metric("hits", "counter", 1));
  EXPECT_GE(answer["queued"], 1);
  EXPECT_EQ(consumed("hits")["count"], 1);
}

TEST_F(MetricsTest, TheSummaryHasOnlyItsPrefix) {
  record_all({metric("web.hits", "counter", 1), metric("web.load", "gauge", 2), metric("db.hits", "counter", 3)});
  consumed("db.hits");
  const Json found = get("/metrics/summary?prefix=" + name("web."))["metrics"];
  EXPECT_EQ(found.size(), 2U) << found;
  EXPECT_EQ(found.at(name("web.load")).at("last"), 2);
}

TEST_F(MetricsTest, TheSummaryCountsTheKinds) {
  record_all({metric("a", "counter", 1), metric("b", "gauge", 2), metric("c", "gauge", 3), metric("d", "timer", 3)});
  consumed("d");
  const Json expected = {{"counter", 1}, {"gauge", 2}, {"timer", 1}};
  EXPECT_EQ(get("/metrics/summary?prefix=" + scope())["kinds"], expected);
}

TEST_F(MetricsTest, ACounterDoesNotGoDown) {
  EXPECT_EQ(post("/metrics", metric("hits", "counter", -1)).status, 400);
  record(metric("hits", "counter", 2));
  EXPECT_EQ(consumed("hits")["sum"], 2);
}

TEST_F(MetricsTest, AnotherKindIsCountedAsAConflict) {
  record_all({metric("hits", "counter", 2), metric("hits", "gauge", 50), metric("hits", "counter", 2)});
  const Json found = consumed("hits", 2);
  EXPECT_EQ(found["kind"], "counter");
  EXPECT_EQ(found["sum"], 4);
  EXPECT_EQ(found["conflicts"], 1);
}

TEST_F(MetricsTest, AGaugeGoesStale) {
  Json load = metric("load", "gauge", 5);
  load["ttl_ms"] = 200;
  record_all({load, metric("other", "gauge", 1)});
  consumed("other");
  wait_for([] { return get("/metrics/" + name("load")).status == 404; });
  EXPECT_EQ(get("/metrics/" + name("other")).status, 200);
}

TEST_F(MetricsTest, AGaugeThatIsRefreshedStays) {
  Json load = metric("load", "gauge", 5);
  load["ttl_ms"] = 150;
  Json other = metric("other", "gauge", 5);
  other["ttl_ms"] = 150;
  record_all({load, other, metric("load", "gauge", 6)});
  EXPECT_EQ(consumed("load", 2)["last"], 6);
  wait_for([] { return get("/metrics/" + name("other")).status == 404; });
  EXPECT_EQ(get("/metrics/" + name("load")).status, 200);
}

TEST_F(MetricsTest, ARemovedMetricBeginsAgain) {
  record(metric("hits", "counter", 5));
  consumed("hits");
  EXPECT_EQ(remove("/metrics/" + name("hits")).status, 200);
  EXPECT_EQ(remove("/metrics/" + name("hits")).status, 404);
  record(metric("hits", "counter", 1));
  EXPECT_EQ(consumed("hits")["sum"], 1);
}

TEST_F(MetricsTest, ABatchIsConsumedInOneTurn) {
  record_all({metric("first", "counter", 1), metric("second", "counter", 1), metric("last", "counter", 1)});
  consumed("first");
  EXPECT_EQ(get("/metrics/summary?prefix=" + scope())["metrics"].size(), 3U);
}

TEST_F(MetricsTest, NothingOfABatchWithAWrongEntryCounts) {
  const Answer refused = post("/metrics/batch", {{"metrics", {metric("a", "counter", 1), metric("b", "abacus", 1)}}});
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused["index"], 1) << refused.body;
  pass_the_consumer();
  EXPECT_EQ(get("/metrics/" + name("a")).status, 404);
}

TEST_F(MetricsTest, AnAlertFiresAboveItsThreshold) {
  EXPECT_EQ(put("/alerts/" + name("hot"), {{"metric", name("load")}, {"above", 10}}).status, 201);
  record(metric("load", "gauge", 11));
  wait_for_state("hot", "firing");
}

TEST_F(MetricsTest, AnAlertEndsWhenTheGaugeFalls) {
  EXPECT_EQ(put("/alerts/" + name("hot"), {{"metric", name("load")}, {"above", 10}}).status, 201);
  record(metric("load", "gauge", 11));
  wait_for_state("hot", "firing");
  record(metric("load", "gauge", 10));
  wait_for_state("hot", "ok");
}

TEST_F(MetricsTest, AnAlertOfAMissingMetricIsUnknown) {
  EXPECT_EQ(put("/alerts/" + name("hot"), {{"metric", name("load")}, {"above", 10}}).status, 201);
  pass_the_consumer();
  EXPECT_EQ(get("/alerts/" + name("hot"))["state"], "unknown");
  record(metric("load", "gauge", 1));
  wait_for_state("hot", "ok");
}

struct Percentile {
  const char* title;
  double expected;
};

class TimerPercentile : public MetricsTest, public testing::WithParamInterface<Percentile> {};

TEST_P(TimerPercentile, IsTheNearestRank) {
  std::vector<double> values;
  for (int i = 100; i > 0; --i) values.push_back(i);
  record_all(timers("latency", values));
  EXPECT_EQ(consumed("latency", 100)[GetParam().title], GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(OfAHundred, TimerPercentile,
                         testing::Values(Percentile{"p50", 50}, Percentile{"p95", 95}, Percentile{"p99", 99}),
                         [](const auto& test) { return test.param.title; });

/// An entry that is refused, and a part of the reason.
struct Refused {
  const char* title;
  const char* entry;
  const char* reason;
};

class MetricRefusal : public MetricsTest, public testing::WithParamInterface<Refused> {};

TEST_P(MetricRefusal, SaysWhyAndCountsNothing) {
  Json entry = Json::parse(GetParam().entry);
  if (entry.value("name", "").empty()) {
    entry.erase("name");
  } else {
    entry["name"] = name(entry["name"]);
  }
  const Answer answer = post("/metrics", entry);
  EXPECT_EQ(answer.status, 400) << answer.body;
  EXPECT_NE(answer.body.value("error", "").find(GetParam().reason), std::string::npos) << answer.body;
  pass_the_consumer();
  EXPECT_EQ(get("/metrics/summary?prefix=" + scope())["metrics"].size(), 1U) << "more than the marker counts";
}

INSTANTIATE_TEST_SUITE_P(
    Entry, MetricRefusal,
    testing::Values(Refused{"NoName", R"({"kind": "counter", "value": 1})", "name is missing"},
                    Refused{"BlankInTheName", R"({"name": "a b", "kind": "counter", "value": 1})", "letters, digits"},
                    Refused{"NoKind", R"({"name": "a", "value": 1})", "kind is missing"},
                    Refused{"UnknownKind", R"({"name": "a", "kind": "abacus", "value": 1})", "abacus"},
                    Refused{"TextAsValue", R"({"name": "a", "kind": "gauge", "value": "1"})", "value is not"},
                    Refused{"CounterThatExpires", R"({"name": "a", "kind": "counter", "value": 1, "ttl_ms": 5})",
                            "only a gauge"}),
    [](const auto& test) { return test.param.title; });

}  // namespace
}  // namespace datastore
