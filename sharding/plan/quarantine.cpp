#include "plan/quarantine.hpp"

#include <algorithm>

#include "plan/glob.hpp"
#include "plan/policy.hpp"

namespace cleave::plan {

std::vector<std::string> quarantine_of(const TestList& list, const std::vector<Quarantine>& entries,
                                       std::string_view today) {
  std::vector<std::string> all(entries.empty() ? 0 : list.tests.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::string name = full_name(list.tests[i], list.framework);
    for (const Quarantine& entry : entries) {
      if (!counts(entry, today) || !glob_match(entry.pattern, name)) continue;
      all[i] = "until " + entry.until + (entry.reason.empty() ? "" : ": " + entry.reason);
      break;
    }
  }
  return all;
}

std::vector<std::string> stale_quarantine(const TestList& list, const std::vector<Quarantine>& entries,
                                          std::string_view today) {
  std::vector<std::string> told;
  for (const Quarantine& entry : entries) {
    const std::string which = entry.origin + ": the quarantine of '" + entry.pattern + "'";
    if (!counts(entry, today)) {
      told.push_back(which + " ended with " + entry.until + ": red tests that it covers are red again");
      continue;
    }
    const bool covers = std::any_of(list.tests.begin(), list.tests.end(), [&](const TestCase& test) {
      return glob_match(entry.pattern, full_name(test, list.framework));
    });
    if (!covers) told.push_back(which + " covers no test");
  }
  return told;
}

}  // namespace cleave::plan
