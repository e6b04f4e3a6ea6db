#include "report/cells.hpp"

#include <gtest/gtest.h>

#include "report/text.hpp"

namespace cleave::report {
namespace {

TEST(Cells, WideCharactersTakeTwoColumnsAndMarksNone) {
  EXPECT_EQ(cells_of("abc"), 3u);
  EXPECT_EQ(cells_of("é…━"), 3u);
  EXPECT_EQ(cells_of("日本語"), 6u);
  EXPECT_EQ(cells_of("🚀"), 2u);
  EXPECT_EQ(cells_of("e\u0301"), 1u) << "a combining accent";
}

TEST(Fitted, LeavesOutTheEndOrTheMiddle) {
  EXPECT_EQ(fitted("Shop.SellsOut", 13), "Shop.SellsOut");
  EXPECT_EQ(fitted("Shop.SellsOut", 8), "Shop.Se…");
  EXPECT_EQ(fitted("Shop.SellsOut/17", 9, true), "Shop…t/17");
  EXPECT_EQ(fitted("Shop", 1), "…");
  EXPECT_EQ(fitted("Shop", 0), "");
}

TEST(Fitted, NeverTakesMoreColumnsThanThereAre) {
  const std::string names[] = {"日本語日本語日本語", "a日b本c語", "e\u0301e\u0301e\u0301e\u0301", "🚀🚀🚀", "plain name"};
  for (const std::string& name : names) {
    for (std::size_t cells = 0; cells < 24; ++cells) {
      for (const bool keep_end : {false, true}) {
        const std::string cut = fitted(name, cells, keep_end);
        EXPECT_LE(cells_of(cut), cells) << name;
        EXPECT_EQ(utf8(cut), cut) << "no character is cut in half";
        EXPECT_EQ(cells_of(in_column(name, cells, keep_end)), cells) << name;
      }
    }
  }
}

TEST(OneLine, SpellsOutWhatWouldBreakTheLine) { EXPECT_EQ(one_line("a\nb\tc\x1b[2J\xff"), "a\\nb\\tc\\x1b[2J\uFFFD"); }

}  // namespace
}  // namespace cleave::report
