#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <variant>

namespace cleave {

/// What a caller may branch on. The text is for people.
enum class Errc : unsigned char {
  usage,           ///< A flag, variable, tag or pattern is wrong: exit code 2.
  nothing_to_run,  ///< The arguments select no test: exit code 4.
  broken,          ///< The run itself cannot be trusted: exit code 3.
  system,          ///< A system call failed; `sys_errno` says how.
  corrupt,         ///< Bytes are not what their format says.
};

/// A failure as a value. `what` is a lower-case fragment: operation: value and legal range: cause.
struct Error {
  Errc kind = Errc::broken;
  std::string what;
  int sys_errno = 0;
};

/// Ends the process when a promise of our own code is broken; also in release builds.
#define CLEAVE_ASSERT(condition)                                                                    \
  do {                                                                                              \
    if (!(condition)) {                                                                             \
      std::fprintf(stderr, "cleave: internal error: %s (%s:%d)\n", #condition, __FILE__, __LINE__); \
      std::abort();                                                                                 \
    }                                                                                               \
  } while (false)

/// A value or an Error: two states only, with std::expected's member names. Dropping one is a warning.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool has_value() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }
  T& value() & {
    CLEAVE_ASSERT(has_value());
    return *std::get_if<0>(&state_);
  }
  const T& value() const& {
    CLEAVE_ASSERT(has_value());
    return *std::get_if<0>(&state_);
  }
  T&& value() && {
    CLEAVE_ASSERT(has_value());
    return std::move(*std::get_if<0>(&state_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  const Error& error() const {
    CLEAVE_ASSERT(!has_value());
    return *std::get_if<1>(&state_);
  }

 private:
  std::variant<T, Error> state_;
};

/// Success without a value, or an Error.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)), failed_(true) {}

  bool has_value() const noexcept { return !failed_; }
  explicit operator bool() const noexcept { return has_value(); }
  const Error& error() const {
    CLEAVE_ASSERT(failed_);
    return error_;
  }

 private:
  Error error_;
  bool failed_ = false;
};

}  // namespace cleave
