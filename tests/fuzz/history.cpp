#include "plan/history.hpp"

#include <cstdio>

#include "report/observations.hpp"
#include "target.hpp"

namespace cleave::fuzz {
namespace {

/// The line that ends a history, which a mutation does not hit by chance.
std::string sum_line(std::string_view text) {
  std::uint64_t sum = 0xCBF29CE484222325ULL;
  for (const char c : text) sum = (sum ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  char line[32];
  std::snprintf(line, sizeof line, "sum %016llx\n", static_cast<unsigned long long>(sum));
  return line;
}

void check(const plan::History& history) {
  const std::string text = plan::encode_history(history);
  const auto again = plan::decode_history(text, "history");
  must(again && *again == history, "a history that is written and read stays the same");
  must(plan::merge(history, history) == history, "a history merged with itself stays the same");
  plan::History pruned = history;
  plan::prune(pruned, {}, 30000);
  for (const auto& [key, test] : history.tests)
    must(test.expected().count() >= 0 && test.outcomes.size() <= plan::kOutcomesKept, "what is known is in its range");
}

}  // namespace

/// The history of durations, as it stands and with the sum that belongs to it, and what a run has given to it.
void history(std::string_view bytes) {
  if (const auto read = plan::decode_history(bytes, "history")) check(*read);
  const auto sum = bytes.rfind("sum ");
  std::string body(bytes.substr(0, sum == std::string_view::npos ? bytes.size() : sum));
  if (const auto read = plan::decode_history(body + sum_line(body), "history")) check(*read);
  const report::Taken taken = report::decode_taken(bytes);
  must(report::decode_taken(report::encode_taken(taken)) == taken, "what was taken in stays the same");
}

}  // namespace cleave::fuzz
