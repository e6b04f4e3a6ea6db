#pragma once

#include <string>
#include <vector>

namespace cleave::test {

/// The tests of tests/programs/ctest_tree, by folder and by the part of a run that they belong to.
using Names = std::vector<std::string>;

inline Names operator+(Names left, const Names& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

inline Names store_tests() {
  Names names;
  for (int i = 0; i < 12; ++i) names.push_back("Many/Store.Keeps/" + std::to_string(i));
  return names;
}
inline Names shutdown_tests() { return {"Shutdown.StopsTheServer", "Shutdown.FreesThePort"}; }
inline Names few_tests() { return {"Few.One", "Few.Two"}; }

/// The folder `frail`: three shards over the first, and the serial ones.
inline Names frail_tests() { return store_tests() + shutdown_tests(); }

/// The folder `mixed`.
inline Names gtest_parallel() {
  return store_tests() + few_tests() +
         Names{"Cache.Fills", "Cache.Evicts", "Cache.Spills", "CacheReader.Hits", "CacheReader.Misses"};
}
inline Names gtest_serial() { return shutdown_tests() + Names{"SERIAL_Clock.IsSet"}; }
inline Names gtest_locked() { return {"Database.Migrates", "Database.BacksUp", "Queue.Drains", "Transfer.MovesRows"}; }
inline Names gtest_all() { return gtest_parallel() + gtest_serial() + gtest_locked(); }
inline Names catch2_parallel() {
  return {"ledger-0", "ledger-1", "ledger-2", "ledger-3", "ledger-4", "ledger-5", "cache-fills", "cache-spills"};
}
inline Names catch2_serial() { return {"stop-by-tag", "stop-by-pattern"}; }
inline Names catch2_all() { return catch2_parallel() + catch2_serial() + Names{"database-migrates"}; }
inline Names plain_tests() { return {"plain-0", "plain-1", "plain-db"}; }

inline bool is_serial(const std::string& test) {
  return test.starts_with("Shutdown.") || test.starts_with("SERIAL_") || test.starts_with("stop-");
}
inline bool writes_cache(const std::string& test) { return test.starts_with("Cache.") || test.starts_with("cache-"); }
inline bool uses_cache(const std::string& test) { return writes_cache(test) || test.starts_with("CacheReader."); }
inline bool uses_database(const std::string& test) {
  return test.starts_with("Database.") || test.starts_with("Transfer.") || test == "database-migrates" ||
         test == "plain-db";
}
inline bool uses_queue(const std::string& test) { return test.starts_with("Queue.") || test.starts_with("Transfer."); }

/// Two tests of the folder `mixed` that must never run at the same time.
inline bool conflict(const std::string& one, const std::string& other) {
  return is_serial(one) || is_serial(other) || (uses_database(one) && uses_database(other)) ||
         (uses_queue(one) && uses_queue(other)) || (writes_cache(one) && uses_cache(other)) ||
         (uses_cache(one) && writes_cache(other));
}

}  // namespace cleave::test
