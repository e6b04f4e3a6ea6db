// The same for Catch2: tests that may overlap, serial and locked ones; see work.hpp.

#include "../catch2/catch_any.hpp"
#include "work.hpp"

namespace {

TEST_CASE("ledger-0") { CHECK(work::run("ledger-0")); }
TEST_CASE("ledger-1") { CHECK(work::run("ledger-1")); }
TEST_CASE("ledger-2") { CHECK(work::run("ledger-2")); }
TEST_CASE("ledger-3") { CHECK(work::run("ledger-3")); }
TEST_CASE("ledger-4") { CHECK(work::run("ledger-4")); }
TEST_CASE("ledger-5") { CHECK(work::run("ledger-5")); }
TEST_CASE("stop-by-tag", "[serial]") { CHECK(work::run("stop-by-tag")); }
TEST_CASE("stop-by-pattern") { CHECK(work::run("stop-by-pattern")); }
TEST_CASE("cache-fills", "[lock:cache]") { CHECK(work::run("cache-fills")); }
TEST_CASE("cache-spills", "[lock:cache]") { CHECK(work::run("cache-spills")); }
TEST_CASE("database-migrates", "[lock:db]") { CHECK(work::run("database-migrates")); }

}  // namespace
