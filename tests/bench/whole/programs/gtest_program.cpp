// A GoogleTest program of the benchmark. See work.hpp.

#include <gtest/gtest.h>

#include "work.hpp"

namespace {

class Generated : public testing::Test {
 public:
  explicit Generated(std::size_t number) : number_(number) {}
  static void SetUpTestSuite() {
    if (BENCH_SET_UP == 0) return;
    bench::log('s');
    bench::sleep(bench::Microseconds(BENCH_SET_UP));
  }
  void TestBody() override {
    bench::work(number_);
    EXPECT_LT(number_, bench::kTests);
  }

 private:
  std::size_t number_;
};

class Surroundings : public testing::Environment {
  void SetUp() override {
    bench::log('e');
    bench::sleep(bench::Microseconds(BENCH_ENVIRONMENT));
  }
};

// As the macro TEST does it: before main.
[[maybe_unused]] const bool registered = [] {
  for (std::size_t i = 0; i < bench::kTests; ++i) {
    testing::RegisterTest(bench::suite_of(i).c_str(), bench::name_of(i).c_str(), nullptr, nullptr, __FILE__,
                          static_cast<int>(i) + 1, [i]() -> Generated* { return new Generated(i); });
  }
  if (BENCH_ENVIRONMENT > 0) testing::AddGlobalTestEnvironment(new Surroundings);
  return true;
}();

}  // namespace
