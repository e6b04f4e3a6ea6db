// GoogleTest's own list of suites. Part of adapter.cpp.
//
// It lies in a class that the headers only name, so its place there is found by what it holds: so many pointers to
// these suites, in this order. What is not found stays as it is, which takes time and nothing else.

#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <numeric>
#include <string>
#include <vector>

#include "internals.hpp"

namespace cleave::detail {
namespace {

// Fewer are not worth it, and more could be mistaken.
constexpr std::size_t kFewestSuites = 8;
// The lists lie within so many bytes in every release, and no release has fewer.
constexpr std::size_t kBytesInside = 384;

// In registration order. Before main.
std::vector<testing::TestSuite*> all_suites() {
  const int count = testing::UnitTest::GetInstance()->total_test_suite_count();
  std::vector<testing::TestSuite*> suites;
  suites.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) suites.push_back(&suite_at(i));
  return suites;
}

// The vector inside of `object` that holds the same as `like`; null when none does.
template <class T>
std::vector<T>* vector_in(void* object, const std::vector<T>& like) {
#ifndef _GLIBCXX_DEBUG  // There a vector is more than three pointers.
  struct Pointers {
    const T* begin;
    const T* end;
    const T* room;
  } found{};
  static_assert(sizeof found == sizeof like, "three pointers");
  for (std::size_t at = 0; at + sizeof found <= kBytesInside; at += sizeof(void*)) {
    std::memcpy(&found, static_cast<char*>(object) + at, sizeof found);
    const std::uintptr_t begin = reinterpret_cast<std::uintptr_t>(found.begin);
    const std::uintptr_t end = reinterpret_cast<std::uintptr_t>(found.end);
    if (begin == 0 || end < begin || end - begin != like.size() * sizeof(T) || found.room < found.end) continue;
    if (std::memcmp(found.begin, like.data(), like.size() * sizeof(T)) != 0) continue;
    return reinterpret_cast<std::vector<T>*>(static_cast<char*>(object) + at);
  }
#endif
  return nullptr;
}

// Has GoogleTest know only `kept` of `all`, its suites. False when it knows all of them as before.
bool keep_suites(const std::vector<testing::TestSuite*>& all, const std::vector<testing::TestSuite*>& kept) {
  if (all.size() < kFewestSuites) return false;
  // Where in the list main may add a suite of death tests is counted elsewhere.
  for (const testing::TestSuite* const suite : all) {
    if (std::strstr(suite->name(), "DeathTest") != nullptr) return false;
  }
  std::vector<int> order(all.size());
  std::iota(order.begin(), order.end(), 0);
  void* const inside = testing::UnitTest::GetInstance()->*member_of(Inside{});
  auto* const suites = vector_in(inside, all);
  auto* const places = vector_in(inside, order);
  if (suites == nullptr || places == nullptr) return false;
  *suites = kept;
  places->resize(kept.size());
  return true;
}

}  // namespace
}  // namespace cleave::detail
