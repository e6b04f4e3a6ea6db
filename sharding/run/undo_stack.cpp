#include "run/undo_stack.hpp"

#include <cxxabi.h>

#include <cstdlib>
#include <exception>

namespace cleave::run {

std::string text_of_current_exception() {
  try {
    throw;
  } catch (const std::exception& e) {
    return e.what();
  } catch (const std::string& text) {
    return text;
  } catch (const char* text) {
    return text == nullptr ? "" : text;
  } catch (...) {
    const std::type_info* const type = abi::__cxa_current_exception_type();
    if (type == nullptr) return "an exception from outside of C++";
    int status = 0;
    char* const readable = abi::__cxa_demangle(type->name(), nullptr, nullptr, &status);
    std::string text = "an exception of type " + std::string(status == 0 ? readable : type->name());
    std::free(readable);
    return text;
  }
}

void UndoStack::push(std::function<void()> undo) {
  const std::lock_guard<std::mutex> lock(mutex_);
  undos_.push_back(std::move(undo));
}

std::optional<std::string> UndoStack::run_to_failure() {
  while (true) {
    std::function<void()> undo;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (undos_.empty()) return std::nullopt;
      undo = std::move(undos_.back());
      undos_.pop_back();
    }
    try {
      undo();
    } catch (...) {
      return text_of_current_exception();
    }
  }
}

std::vector<std::string> UndoStack::run() {
  std::vector<std::string> failures;
  while (auto failure = run_to_failure()) failures.push_back(std::move(*failure));
  return failures;
}

bool UndoStack::empty() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return undos_.empty();
}

}  // namespace cleave::run
