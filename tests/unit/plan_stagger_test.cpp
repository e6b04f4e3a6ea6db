#include "plan/stagger.hpp"

#include <gtest/gtest.h>

namespace cleave::plan {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

// R06.
TEST(Stagger, TheFirstStartWaitsForNothing) {
  EXPECT_EQ(Stagger(milliseconds(150)).next_start(seconds(7)), seconds(7));
  EXPECT_EQ(Stagger(milliseconds(150)).next_start(nanoseconds(0)), nanoseconds(0));
}

// R06.
TEST(Stagger, TheNextStartWaitsForTheRestOfTheDistance) {
  Stagger stagger(milliseconds(150));
  stagger.started(seconds(7));
  EXPECT_EQ(stagger.next_start(seconds(7)), seconds(7) + milliseconds(150));
  EXPECT_EQ(stagger.next_start(seconds(7) + milliseconds(149)), seconds(7) + milliseconds(150));
  EXPECT_EQ(stagger.next_start(seconds(7) + milliseconds(150)), seconds(7) + milliseconds(150));
  EXPECT_EQ(stagger.next_start(seconds(9)), seconds(9));
}

TEST(Stagger, AskingBooksNothing) {
  Stagger stagger(milliseconds(150));
  stagger.started(seconds(7));
  const auto first = stagger.next_start(seconds(7));
  EXPECT_EQ(stagger.next_start(seconds(7)), first);
}

TEST(Stagger, WithoutADistanceEveryStartIsNow) {
  for (const nanoseconds apart : {nanoseconds(0), nanoseconds(-1), nanoseconds(-seconds(100))}) {
    Stagger stagger(apart);
    stagger.started(seconds(7));
    EXPECT_EQ(stagger.next_start(seconds(7)), seconds(7));
  }
}

// R06: of two processes, the one that read the clock first may be the second to start.
TEST(EarliestStart, AStartOfAFasterProcessCountsAsNow) {
  EXPECT_EQ(earliest_start(seconds(8), milliseconds(150), seconds(7)), seconds(7) + milliseconds(150));
}

TEST(EarliestStart, AStartFromBeforeTheLastBootIsForgotten) {
  const nanoseconds now = seconds(7);
  EXPECT_EQ(earliest_start(now + kStaleStart + nanoseconds(1), milliseconds(150), now), now);
  EXPECT_EQ(earliest_start(now + kStaleStart, milliseconds(150), now), now + milliseconds(150));
}

}  // namespace
}  // namespace cleave::plan
