// The bytes of a history. The format is described at encode_history().
#include <array>
#include <charconv>
#include <limits>
#include <optional>

#include "plan/history.hpp"

namespace cleave::plan {
namespace {

using std::chrono::nanoseconds;

constexpr std::string_view kMagic = "cleave-history ";
constexpr int kVersion = 1;
/// The last day that may stand in a history: 9999-12-31.
constexpr Day kLastDay = 2'932'896;

std::uint64_t fnv1a(std::string_view bytes) noexcept {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char byte : bytes) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3U;
  return hash;
}

std::string sum_of(std::string_view bytes) {
  std::string text(16, '0');
  std::uint64_t hash = fnv1a(bytes);
  for (std::size_t at = text.size(); at-- > 0; hash >>= 4U) text[at] = "0123456789abcdef"[hash & 15U];
  return text;
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
  std::string outcomes() {
    const std::string_view field = word();
    if (field.size() > kOutcomesKept || field.find_first_not_of("pfsct") != std::string_view::npos) {
      complain("outcomes " + shown(field) + ", legal are at most " + std::to_string(kOutcomesKept) +
               " of the letters p, f, s, c and t");
    }
    return std::string(field);
  }
  std::string name() {
    const std::string_view field = word();
    std::string name;
    name.reserve(field.size());
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
    return name;
  }
  /// Empty when all was well and nothing is left.
  std::string why() {
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

void read_test(Fields& fields, History& history) {
  TestHistory test;
  test.last_seen = fields.day();
  test.runs = fields.count("runs");
  test.passed = fields.estimate();
  test.longest_red = fields.duration("longest red");
  test.flaky = fields.count("flaky");
  test.red = fields.red();
  test.outcomes = fields.outcomes();
  TestKey key;
  key.suite = fields.name();
  key.name = fields.name();
  key.file = fields.name();
  history.tests.insert_or_assign(history.tests.end(), std::move(key), std::move(test));
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
    read_test(fields, history);
  } else {
    return "entry " + shown(kind) + ", legal are 'start', 'suite', 'test' and 'sum'";
  }
  if (std::string why = fields.why(); !why.empty()) return why;
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

std::string encode_history(const History& history) {
  constexpr std::size_t kUsualLine = 80;  // So that a large text seldom moves while it grows.
  std::string out = std::string(kMagic) + std::to_string(kVersion) + "\n";
  out.reserve(kUsualLine * (history.tests.size() + history.suites.size() + 1));
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
  for (const auto& [key, test] : history.tests) put_test(out, key, test);
  const std::string sum = sum_of(out);
  out += "sum\t" + sum + "\n";
  return out;
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
    if (number > 1 && line.starts_with("sum\t")) {
      if (line.substr(4) != sum_of(text.substr(0, begin))) return corrupt("the sum is not that of the lines above");
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
