#include "report/cells.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "report/text.hpp"

namespace cleave::report {
namespace {

struct Range {
  char32_t first;
  char32_t last;
};

/// Marks that stand on the character before them (Unicode's Mn and Me, the blocks in use), and what has no width.
constexpr std::array kJoining{
    Range{0x0300, 0x036F}, Range{0x0483, 0x0489}, Range{0x0591, 0x05BD}, Range{0x0610, 0x061A},   Range{0x064B, 0x065F},
    Range{0x06D6, 0x06DC}, Range{0x06DF, 0x06E4}, Range{0x0900, 0x0902}, Range{0x093C, 0x093C},   Range{0x0941, 0x0948},
    Range{0x094D, 0x094D}, Range{0x0E31, 0x0E31}, Range{0x0E34, 0x0E3A}, Range{0x0E47, 0x0E4E},   Range{0x1160, 0x11FF},
    Range{0x1AB0, 0x1AFF}, Range{0x1DC0, 0x1DFF}, Range{0x200B, 0x200F}, Range{0x20D0, 0x20FF},   Range{0x302A, 0x302D},
    Range{0x3099, 0x309A}, Range{0xFE00, 0xFE0F}, Range{0xFE20, 0xFE2F}, Range{0xE0100, 0xE01EF},
};

/// Unicode's East Asian Width W and F, emoji included.
constexpr std::array kWide{
    Range{0x1100, 0x115F},   Range{0x231A, 0x231B},   Range{0x2329, 0x232A},   Range{0x23E9, 0x23EC},
    Range{0x23F0, 0x23F0},   Range{0x23F3, 0x23F3},   Range{0x25FD, 0x25FE},   Range{0x2614, 0x2615},
    Range{0x2648, 0x2653},   Range{0x267F, 0x267F},   Range{0x2693, 0x2693},   Range{0x26A1, 0x26A1},
    Range{0x26AA, 0x26AB},   Range{0x26BD, 0x26BE},   Range{0x26C4, 0x26C5},   Range{0x26CE, 0x26CE},
    Range{0x26D4, 0x26D4},   Range{0x26EA, 0x26EA},   Range{0x26F2, 0x26F3},   Range{0x26F5, 0x26F5},
    Range{0x26FA, 0x26FA},   Range{0x26FD, 0x26FD},   Range{0x2705, 0x2705},   Range{0x270A, 0x270B},
    Range{0x2728, 0x2728},   Range{0x274C, 0x274C},   Range{0x274E, 0x274E},   Range{0x2753, 0x2755},
    Range{0x2757, 0x2757},   Range{0x2795, 0x2797},   Range{0x27B0, 0x27B0},   Range{0x27BF, 0x27BF},
    Range{0x2B1B, 0x2B1C},   Range{0x2B50, 0x2B50},   Range{0x2B55, 0x2B55},   Range{0x2E80, 0x303E},
    Range{0x3041, 0x3247},   Range{0x3250, 0x4DBF},   Range{0x4E00, 0xA4C6},   Range{0xA960, 0xA97C},
    Range{0xAC00, 0xD7A3},   Range{0xF900, 0xFAFF},   Range{0xFE10, 0xFE19},   Range{0xFE30, 0xFE6B},
    Range{0xFF01, 0xFF60},   Range{0xFFE0, 0xFFE6},   Range{0x16FE0, 0x18DFF}, Range{0x1AFF0, 0x1B2FF},
    Range{0x1F004, 0x1F004}, Range{0x1F0CF, 0x1F0CF}, Range{0x1F18E, 0x1F18E}, Range{0x1F191, 0x1F19A},
    Range{0x1F200, 0x1F320}, Range{0x1F32D, 0x1F335}, Range{0x1F337, 0x1F37C}, Range{0x1F37E, 0x1F393},
    Range{0x1F3A0, 0x1F3CA}, Range{0x1F3CF, 0x1F3D3}, Range{0x1F3E0, 0x1F3F0}, Range{0x1F3F4, 0x1F3F4},
    Range{0x1F3F8, 0x1F43E}, Range{0x1F440, 0x1F440}, Range{0x1F442, 0x1F4FC}, Range{0x1F4FF, 0x1F53D},
    Range{0x1F54B, 0x1F54E}, Range{0x1F550, 0x1F567}, Range{0x1F57A, 0x1F57A}, Range{0x1F595, 0x1F596},
    Range{0x1F5A4, 0x1F5A4}, Range{0x1F5FB, 0x1F64F}, Range{0x1F680, 0x1F6C5}, Range{0x1F6CC, 0x1F6CC},
    Range{0x1F6D0, 0x1F6D2}, Range{0x1F6D5, 0x1F6D7}, Range{0x1F6DC, 0x1F6DF}, Range{0x1F6EB, 0x1F6EC},
    Range{0x1F6F4, 0x1F6FC}, Range{0x1F7E0, 0x1F7EB}, Range{0x1F7F0, 0x1F7F0}, Range{0x1F90C, 0x1F93A},
    Range{0x1F93C, 0x1F945}, Range{0x1F947, 0x1F9FF}, Range{0x1FA70, 0x1FAFF}, Range{0x20000, 0x3FFFD},
};

template <std::size_t N>
bool is_in(const std::array<Range, N>& ranges, char32_t code) noexcept {
  const auto at =
      std::lower_bound(ranges.begin(), ranges.end(), code, [](const Range& r, char32_t c) { return r.last < c; });
  return at != ranges.end() && at->first <= code;
}

/// The bytes at the beginning that fit into so many columns, with the marks that stand on the last character.
std::size_t head_of(std::string_view text, std::size_t cells) noexcept {
  std::size_t at = 0;
  while (at < text.size()) {
    const Decoded step = decode_utf8(text, at);
    const unsigned wide = cells_of(step.code);
    if (wide > cells) break;
    cells -= wide;
    at += step.length;
  }
  return at;
}

/// Where the end of the text begins that fits into so many columns.
std::size_t tail_of(std::string_view text, std::size_t cells) {
  std::vector<std::pair<std::size_t, unsigned>> steps;
  for (std::size_t at = 0; at < text.size();) {
    const Decoded step = decode_utf8(text, at);
    steps.emplace_back(at, cells_of(step.code));
    at += step.length;
  }
  std::size_t begin = text.size();
  for (auto step = steps.rbegin(); step != steps.rend() && step->second <= cells; ++step) {
    cells -= step->second;
    if (step->second > 0) begin = step->first;  // A mark without what it stands on is left out.
  }
  return begin;
}

}  // namespace

unsigned cells_of(char32_t code) noexcept {
  if (code < 0x300) return 1;
  if (is_in(kJoining, code)) return 0;
  return is_in(kWide, code) ? 2 : 1;
}

std::size_t cells_of(std::string_view text) noexcept {
  std::size_t cells = 0;
  for (std::size_t at = 0; at < text.size();) {
    const Decoded step = decode_utf8(text, at);
    cells += cells_of(step.code);
    at += step.length;
  }
  return cells;
}

std::string fitted(std::string_view text, std::size_t cells, bool keep_end) {
  if (cells_of(text) <= cells) return std::string(text);
  if (cells == 0) return {};
  const std::size_t kept = cells - 1;
  const std::size_t head = keep_end ? kept / 2 : kept;
  std::string out(text.substr(0, head_of(text, head)));
  out += "…";
  if (keep_end) out += text.substr(tail_of(text, kept - head));
  return out;
}

std::string in_column(std::string_view text, std::size_t cells, bool keep_end) {
  std::string out = fitted(text, cells, keep_end);
  return out.append(cells - std::min(cells, cells_of(out)), ' ');
}

}  // namespace cleave::report
