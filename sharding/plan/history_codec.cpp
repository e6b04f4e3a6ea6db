// The bytes of a history. The format is described at encode_history().
#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>

#include "plan/history.hpp"
#include "plan/history_lines.hpp"

namespace cleave::plan {
namespace {

using std::chrono::nanoseconds;

constexpr std::string_view kMagic = "cleave-history ";
constexpr std::string_view kSum = "sum\t";
constexpr int kVersion = 1;
/// The last day that may stand in a history: 9999-12-31.
constexpr Day kLastDay = 2'932'896;

std::string sum_line_of(std::string_view bytes) {
  HistorySum sum;
  sum.add(bytes);
  return sum.line();
}

/// What stands for the character in a name; 0 when it stands for itself.
char escape_of(char character) noexcept {
  switch (character) {
    case '\\': return '\\';
    case '\t': return 't';
    case '\n': return 'n';
    case '\r': return 'r';
    case '\0': return '0';
    default: return 0;
  }
}

std::optional<char> unescaped(char letter) noexcept {
  switch (letter) {
    case '\\': return '\\';
    case 't': return '\t';
    case 'n': return '\n';
    case 'r': return '\r';
    case '0': return '\0';
    default: return std::nullopt;
  }
}

void put_name(std::string& out, std::string_view name) {
  out += '\t';
  if (std::none_of(name.begin(), name.end(), [](char c) { return escape_of(c) != 0; })) {
    out += name;
    return;
  }
  for (const char character : name) {
    const char letter = escape_of(character);
    if (letter != 0) out += '\\';
    out += letter != 0 ? letter : character;
  }
}

void put_number(std::string& out, std::int64_t value) {
  out += '\t';
  std::array<char, 24> digits{};
  out.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr);
}

void put_estimate(std::string& out, const Estimate& estimate) {
  put_number(out, estimate.samples);
  put_number(out, estimate.mean.count());
  put_number(out, estimate.deviation.count());
}

/// Bytes of an unknown kind, fit to be shown in one line: at most 40 of them.
std::string shown(std::string_view bytes) {
  constexpr std::size_t kMost = 40;
  std::string text = "'";
  for (const char byte : bytes.substr(0, kMost)) text += byte >= ' ' && byte <= '~' ? byte : '?';
  return text + (bytes.size() > kMost ? "…'" : "'");
}

/// The fields of one line, taken one after the other. The first that is not what it should be is kept as why().
class Fields {
 public:
  explicit Fields(std::string_view line) noexcept : rest_(line) {}

  std::string_view word() {
    if (at_end_) {
      complain("the line ends before its last field");
      return {};
    }
    const auto tab = rest_.find('\t');
    const std::string_view field = rest_.substr(0, tab);
    at_end_ = tab == std::string_view::npos;
    rest_.remove_prefix(at_end_ ? rest_.size() : tab + 1);
    return field;
  }
  std::int64_t number(std::string_view name, std::int64_t most) {
    constexpr std::size_t kDigits = 18;  // So many fit into 64 bits, whatever they are.
    std::int64_t plain = 0;
    std::size_t end_of_digits = 0;
    for (; end_of_digits < std::min(rest_.size(), kDigits); ++end_of_digits) {
      const char digit = rest_[end_of_digits];
      if (digit < '0' || digit > '9') break;
      plain = plain * 10 + (digit - '0');
    }
    if (end_of_digits > 0 && end_of_digits < rest_.size() && rest_[end_of_digits] == '\t' && plain <= most) {
      rest_.remove_prefix(end_of_digits + 1);
      return plain;
    }
    const std::string_view field = word();
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
    if (error != std::errc() || end != field.data() + field.size() || value < 0 || value > most) {
      complain(std::string(name) + " " + shown(field) + ", legal is 0 to " + std::to_string(most));
    }
    return value;
  }
  std::uint32_t count(std::string_view name) {
    return static_cast<std::uint32_t>(number(name, std::numeric_limits<std::uint32_t>::max()));
  }
  nanoseconds duration(std::string_view name) { return nanoseconds(number(name, kLongestDuration.count())); }
  Day day() { return static_cast<Day>(number("day", kLastDay)); }
  Estimate estimate() {
    Estimate estimate;
    estimate.samples = count("samples");
    estimate.mean = duration("mean");
    estimate.deviation = duration("deviation");
    return estimate;
  }
  bool red() {
    const std::string_view field = word();
    if (field != "red" && field != "green") complain("verdict " + shown(field) + ", legal are 'red' and 'green'");
    return field == "red";
  }
  std::string_view outcomes() {
    const std::string_view field = word();
    if (field.size() > kOutcomesKept || field.find_first_not_of("pfsct") != std::string_view::npos) {
      complain("outcomes " + shown(field) + ", legal are at most " + std::to_string(kOutcomesKept) +
               " of the letters p, f, s, c and t");
    }
    return field;
  }
  std::string name() {
    std::string name;
    read_name(name);
    return name;
  }
  void read_name(std::string& name) {
    const std::string_view field = word();
    if (field.find('\\') == std::string_view::npos) {
      name = field;
      return;
    }
    name.clear();
    for (std::size_t at = 0; at < field.size(); ++at) {
      if (field[at] != '\\') {
        name += field[at];
        continue;
      }
      const auto character = at + 1 < field.size() ? unescaped(field[at + 1]) : std::nullopt;
      if (!character) complain("name " + shown(field) + ": legal behind a backslash are \\, t, n, r and 0");
      name += character.value_or('?');
      ++at;
    }
  }
  /// Empty when all was well and nothing is left.
  const std::string& why() {
    if (!at_end_) complain("the line goes on behind its last field");
    return why_;
  }

 private:
  void complain(std::string why) {
    if (why_.empty()) why_ = std::move(why);
  }
  std::string_view rest_;
  std::string why_;
  bool at_end_ = false;
};

CostHistory cost_of(Fields& fields) {
  CostHistory cost;
  cost.last_seen = fields.day();
  cost.cost = fields.estimate();
  return cost;
}

void read_test(Fields& fields, TestKey& key, TestHistory& test) {
  test.last_seen = fields.day();
  test.runs = fields.count("runs");
  test.passed = fields.estimate();
  test.longest_red = fields.duration("longest red");
  test.flaky = fields.count("flaky");
  test.red = fields.red();
  test.outcomes = fields.outcomes();
  fields.read_name(key.suite);
  fields.read_name(key.name);
  fields.read_name(key.file);
}

/// Takes one entry into the history. Returns why it is none, or an empty string.
std::string read_entry(std::string_view line, History& history) {
  Fields fields(line);
  const std::string_view kind = fields.word();
  const std::size_t before = history.tests.size() + history.suites.size();
  bool is_new = true;
  if (kind == "start") {
    is_new = history.process_start == CostHistory{};
    history.process_start = cost_of(fields);
  } else if (kind == "suite") {
    const CostHistory cost = cost_of(fields);
    history.suites.insert_or_assign(history.suites.end(), fields.name(), cost);
  } else if (kind == "test") {
    TestKey key;
    TestHistory test;
    read_test(fields, key, test);
    history.tests.insert_or_assign(history.tests.end(), std::move(key), std::move(test));
  } else {
    return "entry " + shown(kind) + ", legal are 'start', 'suite', 'test' and 'sum'";
  }
  if (!fields.why().empty()) return fields.why();
  if (kind != "start") is_new = history.tests.size() + history.suites.size() > before;
  return is_new ? "" : "this entry stands here for the second time";
}

/// What is wrong with the first line; empty when it is this version's.
std::string read_first_line(std::string_view line) {
  if (!line.starts_with(kMagic)) return shown(line) + ", legal is 'cleave-history 1': not a history of Cleave";
  const std::string_view version = line.substr(kMagic.size());
  if (version == std::to_string(kVersion)) return {};
  return "format " + shown(version) + ", legal is 1: written by another version of Cleave";
}

}  // namespace

void HistorySum::add(std::string_view bytes) noexcept {
  std::uint64_t hash = hash_;  // FNV-1a.
  for (const char byte : bytes) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3U;
  hash_ = hash;
}

std::string HistorySum::line() const {
  std::string digits(16, '0');
  std::uint64_t hash = hash_;
  for (std::size_t at = digits.size(); at-- > 0; hash >>= 4U) digits[at] = "0123456789abcdef"[hash & 15U];
  return std::string(kSum) + digits + "\n";
}

void put_test(std::string& out, const TestKey& key, const TestHistory& test) {
  out += "test";
  put_number(out, test.last_seen);
  put_number(out, test.runs);
  put_estimate(out, test.passed);
  put_number(out, test.longest_red.count());
  put_number(out, test.flaky);
  out += test.red ? "\tred\t" : "\tgreen\t";
  out += test.outcomes;
  put_name(out, key.suite);
  put_name(out, key.name);
  put_name(out, key.file);
  out += '\n';
}

std::string head_of_history(const History& history) {
  std::string out = std::string(kMagic) + std::to_string(kVersion) + "\n";
  const auto put_cost = [&](std::string_view kind, const CostHistory& cost) {
    out += kind;
    put_number(out, cost.last_seen);
    put_estimate(out, cost.cost);
  };
  if (history.process_start != CostHistory{}) {
    put_cost("start", history.process_start);
    out += '\n';
  }
  for (const auto& [suite, cost] : history.suites) {
    put_cost("suite", cost);
    put_name(out, suite);
    out += '\n';
  }
  return out;
}

std::string encode_history(const History& history) {
  constexpr std::size_t kUsualLine = 80;  // So that a large text seldom moves while it grows.
  std::string out = head_of_history(history);
  out.reserve(out.size() + kUsualLine * (history.tests.size() + 1));
  for (const auto& [key, test] : history.tests) put_test(out, key, test);
  return out + sum_line_of(out);
}

std::optional<HistoryText> HistoryText::of(std::string_view text) {
  const std::size_t first = text.find('\n');
  const std::size_t last = text.rfind(kSum);
  if (first == std::string_view::npos || last == std::string_view::npos || last <= first) return std::nullopt;
  if (text[last - 1] != '\n' || text.substr(last) != sum_line_of(text.substr(0, last))) return std::nullopt;
  if (!read_first_line(text.substr(0, first)).empty()) return std::nullopt;
  return HistoryText(text.substr(first + 1, last - first - 1));
}

bool HistoryText::walk(History& others, const std::function<void(TestKey&, TestHistory&)>& take) const {
  constexpr std::string_view kTest = "test\t";
  TestKey key;
  TestKey before;
  TestHistory test;
  bool any = false;
  for (std::string_view rest = entries_; !rest.empty();) {
    const std::size_t end = rest.find('\n');
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (!line.starts_with(kTest)) {
      if (any || !read_entry(line, others).empty()) return false;
      continue;
    }
    Fields fields(line);
    fields.word();
    read_test(fields, key, test);
    if (!fields.why().empty() || (any && before >= key)) return false;
    before = key;
    any = true;
    take(key, test);
  }
  return true;
}

Result<History> decode_history(std::string_view text, std::string_view file) {
  History history;
  std::size_t number = 1;
  const auto corrupt = [&](const std::string& why) {
    return Error{Errc::corrupt, "read history: " + std::string(file) + ":" + std::to_string(number) + ": " + why, 0};
  };
  for (std::size_t begin = 0; begin < text.size(); ++number) {
    const std::size_t end = text.find('\n', begin);
    const std::string_view line = text.substr(begin, end == std::string_view::npos ? end : end - begin);
    if (number > 1 && line.starts_with(kSum)) {
      const std::string sum = sum_line_of(text.substr(0, begin));
      if (line != std::string_view(sum).substr(0, sum.size() - 1))
        return corrupt("the sum is not that of the lines above");
      if (end == std::string_view::npos || end + 1 != text.size()) return corrupt("the sum is not the last whole line");
      return history;
    }
    if (const std::string why = number == 1 ? read_first_line(line) : read_entry(line, history); !why.empty()) {
      return corrupt(why);
    }
    if (end == std::string_view::npos) break;
    begin = end + 1;
  }
  return corrupt("the text ends without its sum");
}

}  // namespace cleave::plan
