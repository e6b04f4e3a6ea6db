// A Catch2 program of the benchmark, for v2 and v3. See work.hpp.

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif

#include <array>
#include <utility>

#include "work.hpp"

namespace {

template <std::size_t Number>
void body() {
  bench::work(Number);
  CHECK(Number < bench::kTests);
}

using Body = void (*)();
template <std::size_t... Number>
constexpr std::array<Body, sizeof...(Number)> bodies(std::index_sequence<Number...> /*numbers*/) {
  return {&body<Number>...};
}
constexpr auto kBodies = bodies(std::make_index_sequence<bench::kTests>());

// As the macro TEST_CASE does it: before main.
[[maybe_unused]] const bool registered = [] {
  for (std::size_t i = 0; i < bench::kTests; ++i) {
    const std::string name = bench::suite_of(i) + "." + bench::name_of(i);
    REGISTER_TEST_CASE(kBodies[i], name, "");
  }
  return true;
}();

}  // namespace
