#include "report/listing.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace cleave::report {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;

/// Three tests, of which the second is constrained in every way.
class Listing : public testing::Test {
 protected:
  Listing() {
    frame_.list.framework = "gtest";
    for (const char* name : {"A", "B", "C"}) {
      plan::TestCase test;
      test.suite = "Suite";
      test.name = name;
      test.file = "a.cpp";
      test.line = 7;
      test.selected = true;
      test.position = static_cast<std::uint32_t>(frame_.list.tests.size());
      frame_.list.tests.push_back(std::move(test));
    }
    constraints_.resize(3);
    constraints_[1].locks = {{"db", true}};
    constraints_[1].weight = 2;
    constraints_[1].memory = 1U << 30U;
    constraints_[1].priority = -5;
    constraints_[1].phase = "build";
    constraints_[1].after = {"Other"};
    plan::PlanInput input;
    input.constraints = constraints_;
    plan_ = plan::make_plan(frame_.list, input);
    costs_.test = {2s, 1500ms, 2s};
    costs_.known = {false, true, false};
    sources_.home = "/b/cleave/store";
    sources_.tags = {{}, {{"lock:db:read", "a.cpp:3", "CLEAVE_TAG(Suite, \"lock:db:read\")"}}, {}};
  }
  Json json() const {
    return Json::parse(list_json(frame_, plan_, constraints_, {{"build", 30min}, {"last", 0s}}, costs_, sources_));
  }

  RunReport frame_;
  std::vector<plan::Constraints> constraints_;
  plan::Plan plan_;
  plan::Costs costs_;
  ListedSources sources_;
};

TEST_F(Listing, ShowsEveryConstraintAsTheTagThatMakesIt) {
  EXPECT_EQ(json()["tests"][1]["tags"],
            (Json{"lock:db:read", "weight:2", "memory:1G", "priority:-5", "phase:build", "after:Other"}));
  EXPECT_EQ(json()["tests"][0]["tags"], Json::array());
  EXPECT_NE(list_text(frame_, plan_, constraints_).find("Suite.B [lock:db:read] [weight:2]"), std::string::npos);
}

TEST_F(Listing, LeavesATagAsTheUserSpelledIt) {
  frame_.list.tests[1].tags = {"memory:1G", "priority:low"};
  EXPECT_EQ(json()["tests"][1]["tags"],
            (Json{"memory:1G", "priority:low", "lock:db:read", "weight:2", "phase:build", "after:Other"}));
}

// R08
TEST_F(Listing, TellsExpectedTimesOnlyWhereTheyWereMeasured) {
  EXPECT_EQ(json()["tests"][1]["expected_seconds"], 1.5);
  EXPECT_FALSE(json()["tests"][0].contains("expected_seconds"));
  costs_ = {};
  EXPECT_FALSE(json()["tests"][1].contains("expected_seconds"));
}

TEST_F(Listing, TellsWhatATestWaitsForInMembersOfItsOwn) {
  EXPECT_EQ(json()["tests"][1]["weight"], 2);
  EXPECT_EQ(json()["tests"][1]["phase"], "build");
  EXPECT_EQ(json()["tests"][1]["after"], Json::array({"Other"}));
  for (const char* member : {"weight", "phase", "after"}) EXPECT_FALSE(json()["tests"][0].contains(member)) << member;
}

// R13
TEST_F(Listing, TellsWhereTagsComeFromAndWhereTheRunsAre) {
  EXPECT_EQ(json()["home"], "/b/cleave/store");
  EXPECT_EQ(
      json()["tests"][1]["tag_sources"],
      Json::array({{{"tag", "lock:db:read"}, {"place", "a.cpp:3"}, {"rule", "CLEAVE_TAG(Suite, \"lock:db:read\")"}}}));
  EXPECT_FALSE(json()["tests"][0].contains("tag_sources"));
}

// R02
TEST_F(Listing, TellsThePhasesInOrder) {
  EXPECT_EQ(json()["phases"],
            Json::parse(R"([{"name": "build", "timeout_seconds": 1800}, {"name": "last", "timeout_seconds": 0}])"));
}

}  // namespace
}  // namespace cleave::report
