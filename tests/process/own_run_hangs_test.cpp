#include "own_run.hpp"

namespace cleave::test {
namespace {

// R05: who waits for a cross-process lock when its limit comes is told who holds it.
TEST(Hangs, TestThatWaitsForALockIsReportedWithItsHolder) {
  Sandbox box;
  box.set("LOCKS_FOLDER", box.folder());
  const std::string locks = program("gtest_locks");
  const Finished run = box.sharded(locks, 2, {"--cleave-timeout=2s"});
  EXPECT_EQ(run.code, 1) << run.told();
  const nlohmann::json report = box.report(locks);
  const std::string reason = test_named(report, "Waiter.WaitsForTheLock")["attempts"][0]["reason"];
  EXPECT_NE(reason.find("waits for Mutex 'database'"), std::string::npos) << reason;
  EXPECT_NE(reason.find("Holder.B_HoldsTheLockAndHangs"), std::string::npos) << reason;
  EXPECT_NE(run.out.find("waits for Mutex 'database'"), std::string::npos) << run.told();
  EXPECT_TRUE(box.all_processes_end());
}

}  // namespace
}  // namespace cleave::test
